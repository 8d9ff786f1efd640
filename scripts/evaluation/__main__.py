"""How well questions find their pages, here and in other pipelines on the same documents and embedder.

DATASET is a folder with `docs/` and `questions.jsonl`, as docs/evaluation.md has it; without one, the manual
that comes with the clone is asked. With --feedback, your own collection is asked what people marked in the
chat. `scripts/eval answers --help` tells how language models are compared.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from database.collection import open_collection
from database.errors import DatabaseError
from database.report import file
from database.settings import Settings
from database.terms import fold
from scripts.evaluation.ablations import PARTS
from scripts.evaluation.comparing import command as comparing
from scripts.evaluation.cuts import CUTTINGS, Cutting
from scripts.evaluation.dataset import Dataset, DatasetError, read_dataset, read_manual
from scripts.evaluation.evaluate import Outcome, evaluate, evaluate_as_it_is
from scripts.evaluation.feedback import Feedback, as_dataset, open_lines, read_feedback, write_feedback
from scripts.evaluation.peers import PEERS, Peer
from scripts.evaluation.progress import Progress
from scripts.evaluation.record import record
from scripts.evaluation.report import page
from scripts.evaluation.tables import lines
from scripts.start.places import CLONE

DEFAULT_OUTPUT = CLONE.leftovers / "evaluation.html"

_INTERRUPTED = 130  # what a shell says of a command that Ctrl-C ended


def main(arguments: Sequence[str]) -> int:
    """0 where everything was asked, whatever was found; 1 with a sentence where it can't be."""
    if arguments[:1] == [comparing.NAME]:
        return comparing.main(arguments[1:])
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.feedback and (options.datasets or options.against):
        parser.error("--feedback asks your own collection: neither DATASET nor --against goes with it")
    try:
        if options.feedback:
            settings = Settings.load()
            feedback = read_feedback(settings.data_dir)
            _prepare_output(options)
            write_feedback(feedback, options.output.parent)
            asyncio.run(_run_feedback(feedback, settings, options))
        else:
            datasets = [read_dataset(folder) for folder in options.datasets] or [read_manual()]
            _prepare_output(options)
            asyncio.run(_run([_chosen(one, options) for one in datasets], options))
    except KeyboardInterrupt:
        return _INTERRUPTED
    except (DatasetError, DatabaseError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _prepare_output(options: argparse.Namespace) -> None:
    for path in filter(None, (options.output, options.json)):
        path.parent.mkdir(parents=True, exist_ok=True)
    file.refuse_to_replace(options.output)


def _chosen(dataset: Dataset, options: argparse.Namespace) -> Dataset:
    """With as many questions, and in the letters, as the options say."""
    if options.limit_questions:
        dataset = dataset.limited(options.limit_questions)
    return _folded(dataset) if options.fold else dataset


async def _run(datasets: Sequence[Dataset], options: argparse.Namespace) -> None:
    outcomes: list[Outcome] = []
    for dataset in datasets:
        outcomes.append(
            await evaluate(
                dataset,
                options.against,
                options.without,
                options.cuts,
                answers=options.answers,
                processes=options.processes,
                progress=Progress(),
            )
        )
        print("\n\n".join(lines(outcomes[-1])), end="\n\n", flush=True)
    await _write(outcomes, options)


async def _run_feedback(feedback: Feedback, settings: Settings, options: argparse.Namespace) -> None:
    """The marked questions, as far as their documents are still there; then what is left to do."""
    if feedback.complete:
        async with open_collection(settings) as collection:
            documents = await collection.store.documents()
            names = [place.name for document in documents for place in document.places]
            dataset = as_dataset(feedback, settings.data_dir, names)
            if gone := len(feedback.complete) - len(dataset.questions):
                print(f"Not asked, since their documents have left the collection: {gone}", end="\n\n")
            if dataset.questions:
                chosen = _chosen(dataset, options)
                outcome = await evaluate_as_it_is(chosen, collection, options.without, Progress())
                print("\n\n".join(lines(outcome)), end="\n\n", flush=True)
                await _write([outcome], options)
    print("\n".join(open_lines(feedback, options.output.parent)))


async def _write(outcomes: Sequence[Outcome], options: argparse.Namespace) -> None:
    made = datetime.now(UTC)
    await file.write(options.output, page(outcomes, made))
    if options.json:
        told = json.dumps(record(outcomes, made), ensure_ascii=False, indent=1)
        options.json.write_text(f"{told}\n", encoding="utf-8")
    print(f"The report: {options.output}")


def _folded(dataset: Dataset) -> Dataset:
    """Its questions in lower case and without accents, as some people type."""
    return replace(
        dataset,
        questions=tuple(one.model_copy(update={"question": fold(one.question)}) for one in dataset.questions),
    )


def _peers(names: str) -> list[Peer]:
    return [PEERS[name] for name in _some_of(names, PEERS)]


def _parts(names: str) -> list[str]:
    return _some_of(names, PARTS)


def _cuttings(names: str) -> list[Cutting]:
    return [CUTTINGS[name] for name in _some_of(names, CUTTINGS)]


def _some_of(names: str, known: Collection[str]) -> list[str]:
    wanted = [name.strip() for name in names.split(",")]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is not one of {', '.join(known)}")
    return list(dict.fromkeys(wanted))


def _number(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("it must be 1 or more")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/eval", description=__doc__)
    parser.add_argument("datasets", nargs="*", type=Path, metavar="DATASET", help="folders to be asked about")
    known = ",".join(PEERS)
    parser.add_argument(
        "--against", type=_peers, default=[], metavar="PEERS", help=f"rebuild and ask, too, some of {known}"
    )
    parser.add_argument(
        "--without",
        type=_parts,
        default=[],
        metavar="PARTS",
        help=f"ask once more without each of some of {','.join(PARTS)}",
    )
    parser.add_argument(
        "--feedback", action="store_true", help="ask your own collection what people marked in the chat"
    )
    parser.add_argument(
        "--answers", action="store_true", help="also answer each question by quotations, and judge that"
    )
    parser.add_argument(
        "--cuts",
        type=_cuttings,
        default=[],
        metavar="CUTS",
        help=f"cut, embed and ask once more in each of some of {','.join(CUTTINGS)}",
    )
    parser.add_argument("--limit-questions", type=_number, metavar="N", help="of each dataset, at most")
    parser.add_argument("--fold", action="store_true", help="ask in lower case and without accents")
    parser.add_argument(
        "--output", type=Path, default=DEFAULT_OUTPUT, metavar="FILE.html", help="default: %(default)s"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="all figures, for programs")
    parser.add_argument(
        "--processes", type=_number, default=os.cpu_count() or 1, help="that convert documents"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
