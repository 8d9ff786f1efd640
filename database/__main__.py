"""`python -m database`: load documents into the collection, and look at what is there."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from database.commands import export, import_, passwords, remove, report, search, seed, status, watch, work
from database.engines.opening import ENGINES
from database.errors import DatabaseError
from database.load.web.crawl import MOST_PAGES, Plan
from database.memory import few_arenas
from database.messages import Messages, terminal_language
from database.settings import Settings

_DEFAULT_FOLDER = "database/pdf"

_FAILED = 1
_CANNOT_START = 2
_STOPPED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 1 where a source failed or nothing was found, 2 where nothing could be done."""
    few_arenas()
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command == "seed" and options.address and options.engine != "ray":
        parser.error("--address is of a Ray cluster: it needs --engine ray")
    messages = Messages(terminal_language())
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        given = passwords.ask(messages) if getattr(options, "password", False) else ()
        return asyncio.run(_run(options, Settings.load(), messages, given))
    except DatabaseError as error:
        print(messages.error(error), file=sys.stderr)
        return _CANNOT_START
    except KeyboardInterrupt:
        stopped = "export_stopped" if options.command == "export" else "stopped"
        print(messages(stopped), file=sys.stderr)
        return _STOPPED


async def _run(
    options: argparse.Namespace, settings: Settings, messages: Messages, given: Sequence[str]
) -> int:
    match options.command:
        case "seed":
            wanted = options.sources or [_DEFAULT_FOLDER]
            return await seed.run(
                settings,
                messages,
                wanted,
                prune=options.prune,
                engine=options.engine,
                address=options.address,
                processes=options.processes,
                plan=_plan(options),
                passwords=given,
            )
        case "status":
            return await status.run(settings, messages)
        case "report":
            return await report.run(settings, messages, options.wanted)
        case "remove":
            return await remove.run(settings, messages, options.documents, everything=options.all)
        case "export":
            return await export.run(settings, messages, options.file, originals=not options.no_files)
        case "import":
            return await import_.run(settings, messages, options.file)
        case "watch":
            return await watch.run(messages, options.folders)
        case "work":
            return await work.run(settings, messages)
        case _:
            return await search.run(settings, messages, options.question, options.limit)


def _plan(options: argparse.Namespace) -> Plan | None:
    """None where web addresses stand for themselves alone."""
    if options.depth is None and not options.sitemap:
        return None
    return Plan(depth=options.depth or 0, most=options.most, sitemap=options.sitemap)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m database", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    seeding = commands.add_parser("seed", help="load what is new or changed")
    seeding.add_argument(
        "sources",
        nargs="*",
        metavar="PATH|URL",
        help=f"files, folders, web addresses (default: {_DEFAULT_FOLDER})",
    )
    seeding.add_argument(
        "--prune", action="store_true", help="remove documents whose files are gone from these folders"
    )
    seeding.add_argument(
        "--depth",
        type=_whole_number,
        metavar="N",
        help="load the site under each web address, following its links N times",
    )
    seeding.add_argument(
        "--sitemap", action="store_true", help="load the pages that the site's own sitemaps list, too"
    )
    seeding.add_argument(
        "--most",
        type=_whole_number,
        default=MOST_PAGES,
        metavar="N",
        help=f"pages of a site (default: {MOST_PAGES})",
    )
    seeding.add_argument(
        "--password",
        action="store_true",
        help="ask for passwords, and try them on PDFs that are encrypted",
    )
    seeding.add_argument(
        "--processes",
        type=int,
        metavar="N",
        help="that convert (default: one a core, of this machine or of the cluster)",
    )
    seeding.add_argument(
        "--engine",
        choices=ENGINES,
        default="local",
        help="where documents are converted and embedded: on this machine, or on a Ray cluster",
    )
    seeding.add_argument(
        "--address",
        metavar="MACHINE:PORT",
        help="of the Ray cluster (default: RAY_ADDRESS, or the one that runs on this machine)",
    )

    watching = commands.add_parser(
        "watch", help="load what changes in folders, and remove what goes, until stopped"
    )
    watching.add_argument("folders", nargs="+", metavar="FOLDER")

    commands.add_parser("status", help="list the documents, and how far each is")

    reporting = commands.add_parser(
        "report", help="write a page that shows what became of each page of the documents"
    )
    reporting.add_argument(
        "wanted",
        nargs="*",
        metavar="FILE.html|NAME|ID",
        help=f"the file to write (default: {report.DEFAULT_FILE}), then documents (default: all)",
    )

    removing = commands.add_parser(
        "remove", help="remove documents from the collection; their files stay where they are"
    )
    removing.add_argument("documents", nargs="*", metavar="NAME|ID")
    removing.add_argument("--all", action="store_true", help="remove every document")

    exporting = commands.add_parser(
        "export", help="write the collection into a file, embeddings and original files included"
    )
    exporting.add_argument("file", type=Path, metavar="FILE")
    exporting.add_argument("--no-files", action="store_true", help="leave the original files out")

    importing = commands.add_parser("import", help="bring in what `export` wrote, from whichever store")
    importing.add_argument("file", type=Path, metavar="FILE")

    commands.add_parser("work", help="load what a server was sent; servers start it themselves")

    searching = commands.add_parser("search", help="show the passages for a question")
    searching.add_argument("question")
    searching.add_argument("--limit", type=int, default=5, metavar="N")
    return parser


def _whole_number(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


if __name__ == "__main__":
    sys.exit(main())
