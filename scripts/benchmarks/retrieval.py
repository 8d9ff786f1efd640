"""How often the right page is among the first, for a folder of documents and questions with their pages.

FOLDER holds `docs/` with the documents and `questions.jsonl`, one object a line: question, language,
answerable, and gold, a list of {"name", "page"} (page null where there are none). Without FOLDER: the manual
that comes with the clone. Documents are loaded into a scratch collection. `--fold` asks without accents.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from database.collection import Collection, open_collection
from database.load import sources
from database.load.pipeline import Loader
from database.load.progress import Progress
from database.messages import Messages, terminal_language
from database.records import Match
from database.retrieve import Retriever
from database.settings import Settings
from database.terms import fold
from database.workers import Workers
from scripts.benchmarks.tables import median_and_p95, table
from scripts.start.places import CLONE

MANUAL = (CLONE.root / "docs" / "manual" / "questions.jsonl", CLONE.root / "database" / "pdf")
CUTS = (1, 3, 5, 10)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One question, what was found, and how long it took."""

    question: dict[str, Any]
    matches: Sequence[Match]
    seconds: float

    @property
    def answerable(self) -> bool:
        return bool(self.question.get("answerable", True))

    @property
    def rank(self) -> int | None:
        """From 1: the first match that is the right document, on the right page where it has pages."""
        ranks = (n for n, match in enumerate(self.matches, start=1) if self._right(match))
        return next(ranks, None)

    @property
    def relevance(self) -> float:
        return max((match.relevance for match in self.matches), default=0.0)

    def _right(self, match: Match) -> bool:
        return any(
            match.document.name.endswith(gold["name"]) and gold["page"] in (None, match.chunk.page)
            for gold in self.question["gold"]
        )


async def measure(wanted: Sequence[dict[str, Any]], documents: Path, *, folded: bool, processes: int) -> str:
    """Load, ask, and make the table."""
    async with scratch_collection(documents, processes=processes) as (collection, loaded):
        asked = [await _ask(collection.retriever, question, folded) for question in wanted]
    return f"{loaded}\n\n{_table(asked)}"


@asynccontextmanager
async def scratch_collection(documents: Path, *, processes: int) -> AsyncIterator[tuple[Collection, str]]:
    """The documents in an embedded store that is gone afterwards, and a line on how the loading went."""
    with tempfile.TemporaryDirectory(prefix="acervo-bench-") as folder:
        settings = Settings.load(data_dir=Path(folder), mongodb_uri=None)
        messages = Messages(terminal_language())
        progress = Progress(messages)
        async with open_collection(settings) as collection:
            async with Workers(processes) as workers:
                loader = Loader(
                    store=collection.store,
                    files=collection.files,
                    embedder=collection.embedder,
                    workers=workers,
                    progress=progress,
                    messages=messages,
                )
                found, _ = sources.find([str(documents)])
                await loader.load(found)
            progress.end()
            pages, seconds = progress.pages_done, progress.seconds
            speed = f"{seconds:.0f} s ({pages / seconds:.1f} pages/s)"
            yield collection, f"{len(found)} documents, {pages} pages loaded in {speed}"


def read_questions(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


async def _ask(retriever: Retriever, question: dict[str, Any], folded: bool) -> Asked:
    text = fold(question["question"]) if folded else question["question"]
    begun = time.perf_counter()
    matches = await retriever.search(text, limit=max(CUTS))
    return Asked(question=question, matches=matches, seconds=time.perf_counter() - begun)


def _table(asked: Sequence[Asked]) -> str:
    languages = sorted({one.question["language"] for one in asked})
    groups = [(language, [a for a in asked if a.question["language"] == language]) for language in languages]
    if len(groups) > 1:
        groups.append(("all", list(asked)))
    head = (
        "questions",
        "number",
        *(f"right page in {k}" for k in CUTS),
        "MRR@10",
        "AUROC",
        "ms, median / p95",
    )
    return table(head, [_row(name, group) for name, group in groups])


def _row(name: str, asked: Sequence[Asked]) -> list[str]:
    labelled = [one for one in asked if one.answerable and one.question["gold"]]
    ranks = [one.rank for one in labelled]
    recalls = [sum(r is not None and r <= k for r in ranks) / max(len(ranks), 1) for k in CUTS]
    mrr = statistics.fmean([1 / r if r else 0.0 for r in ranks]) if ranks else 0.0
    yes = [one.relevance for one in asked if one.answerable]
    no = [one.relevance for one in asked if not one.answerable]
    area = f"{auroc(yes, no):.3f}" if yes and no else "–"
    times = median_and_p95([one.seconds for one in asked])
    return [name, str(len(asked)), *(f"{recall:.3f}" for recall in recalls), f"{mrr:.3f}", area, times]


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """How often the best relevance of an answerable question is above that of an unanswerable one."""
    wins = sum((p > n) + 0.5 * (p == n) for p in positive for n in negative)
    return wins / (len(positive) * len(negative))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="scripts/bench retrieval", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="with questions.jsonl and docs/")
    parser.add_argument("--fold", action="store_true", help="ask without accents")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="that convert documents")
    options = parser.parse_args()
    files = (options.folder / "questions.jsonl", options.folder / "docs") if options.folder else MANUAL
    print(
        asyncio.run(
            measure(read_questions(files[0]), files[1], folded=options.fold, processes=options.processes)
        )
    )
