"""How soon a document that is sent is found, and whether answers go on streaming while documents are loaded.

The server starts with an empty collection. PDF files of `--pages` pages are sent to it, with a word of their
own on the last page that is searched for every 0.1 s; then questions are answered by a stand-in for Ollama
that gives 20 tokens a second, at rest and while `--uploads` such files are loaded.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scripts.benchmarks.asking import Answer, ask, tokens_lost
from scripts.benchmarks.server import PIECES, QUESTIONS, Bench, running_server
from scripts.benchmarks.tables import median_and_p95, percentile_95, table
from scripts.benchmarks.uploading import Stage, rest, seconds_until_found, send, stage, wait_for
from scripts.benchmarks.word_pdf import write
from scripts.start.places import CLONE

_MANUAL = CLONE.root / "database" / "pdf" / "acervo-manual-en.pdf"  # answers the questions
_TOKEN_SECONDS = 0.05
_SENT = "".join(PIECES)
_ROUNDS_AT_REST = 3


@dataclass(frozen=True, kw_only=True)
class Files:
    """PDF files that are made when they are needed, each with its word."""

    folder: Path
    pages: int
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def make(self) -> tuple[Path, str]:
        word = f"acervoqz{next(self._numbers)}"
        return write(self.folder / f"{word}.pdf", pages=self.pages, word=word), word


async def measure(pages: int, *, runs: int, uploads: int, at_once: int) -> str:
    """The two tables."""
    with tempfile.TemporaryDirectory(prefix="acervo-bench-") as name:
        files = Files(folder=Path(name), pages=pages)
        first = files.make()
        async with running_server(data_dir=Path(name) / "data", token_seconds=_TOKEN_SECONDS) as bench:
            soon = await seconds_until_found(bench, *first)
            await send(bench, _MANUAL)
            found = [("right after the start", [soon]), *await _found(bench, files, runs, uploads)]
            await rest(bench)
            streams = await _streams(bench, files, uploads, at_once)
    return f"{_found_table(found, pages)}\n\n{_streams_table(streams, at_once)}"


async def _found(bench: Bench, files: Files, runs: int, uploads: int) -> list[tuple[str, list[float]]]:
    at_rest = []
    for _ in range(runs):
        one = files.make()
        await rest(bench)
        at_rest.append(await seconds_until_found(bench, *one))
    await rest(bench)
    then = [files.make() for _ in range(2 * runs)]
    await send(bench, *[files.make()[0] for _ in range(uploads)])
    await wait_for(bench, "vectors")
    embedded = [await seconds_until_found(bench, *one) for one in then[:runs]]
    laid_out = []
    for one in then[runs:]:
        await wait_for(bench, "layout")
        laid_out.append(await seconds_until_found(bench, *one))
    return [
        ("at rest", at_rest),
        ("while others are embedded", embedded),
        ("while others are laid out", laid_out),
    ]


def _found_table(found: Sequence[tuple[str, Sequence[float]]], pages: int) -> str:
    rows = [
        [when, str(len(seconds)), f"{statistics.median(seconds):.1f}", f"{max(seconds):.1f}"]
        for when, seconds in found
    ]
    return table((f"{pages} pages sent", "times", "found after s, median", "worst"), rows)


async def _streams(bench: Bench, files: Files, uploads: int, at_once: int) -> dict[Stage, list[Answer]]:
    """Answers by what was done for documents when they were asked for and still when they had ended."""
    await _round(bench, 1)  # what the first question loads is no part of the others
    answers: dict[Stage, list[Answer]] = {"rest": [], "vectors": [], "layout": []}
    for _ in range(_ROUNDS_AT_REST):
        answers["rest"] += await _round(bench, at_once)
    await send(bench, *[files.make()[0] for _ in range(uploads)])
    while (before := await stage(bench)) != "rest":
        several = await _round(bench, at_once)
        if await stage(bench) != "rest":
            answers[before] += several
    return answers


async def _round(bench: Bench, at_once: int) -> list[Answer]:
    questions = itertools.islice(itertools.cycle(QUESTIONS), at_once)
    return await asyncio.gather(
        *(ask(bench.session, f"{bench.address}/", {"prompt": question}) for question in questions)
    )


def _streams_table(streams: dict[Stage, list[Answer]], at_once: int) -> str:
    usual = percentile_95(_gaps(streams["rest"]))
    names: dict[Stage, str] = {
        "rest": "nothing is loaded",
        "vectors": "text is read, vectors are made",
        "layout": "pages are laid out",
    }
    rows = []
    for doing, name in names.items():
        answers = streams[doing]
        gaps = _gaps(answers)
        whole = sum(one.ended and not tokens_lost(_SENT, one.text) for one in answers)
        firsts = [one.first_token_seconds for one in answers if one.first_token_seconds is not None]
        rows.append(
            [
                name,
                median_and_p95(gaps),
                f"{percentile_95(gaps) / usual:.2f}" if gaps else "–",
                f"{max(gaps, default=0) * 1000:.0f}",
                median_and_p95(firsts),
                f"{whole} of {len(answers)}",
            ]
        )
    head = (
        f"{at_once} streams at once, while",
        "ms between tokens",
        "95th percentile against the first row's",
        "at most, ms",
        "first token, ms",
        "streams whole",
    )
    return table(head, rows)


def _gaps(answers: Sequence[Answer]) -> list[float]:
    return [gap for one in answers for gap in one.gaps]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="scripts/bench loading", description=__doc__)
    parser.add_argument("--pages", type=int, default=100, help="of each file that is sent (100)")
    parser.add_argument("--runs", type=int, default=5, help="files sent in turn, for each row (5)")
    parser.add_argument("--uploads", type=int, default=10, help="files that are loaded meanwhile (10)")
    parser.add_argument("--streams", type=int, default=20, help="questions at once (20)")
    options = parser.parse_args()
    print(
        asyncio.run(
            measure(options.pages, runs=options.runs, uploads=options.uploads, at_once=options.streams)
        )
    )
