"""One loading as the command does it, into a scratch collection: when what was done, and at what cost."""

from __future__ import annotations

import asyncio
import functools
import os
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from database.asked import AskedPages
from database.collection import open_storage
from database.embedders.apart import EmbedderApart
from database.load import sources
from database.load.pipeline import Loader
from database.load.progress import Progress
from database.memory import few_arenas
from database.messages import Messages, terminal_language
from database.settings import Settings
from database.stores.base import Store
from database.workers import Workers
from scripts.benchmarks.noted_embedder import load_noted
from scripts.benchmarks.process import family_processor_seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """Since the beginning: seconds, and those of all processors that all processes have used."""

    seconds: float
    processor: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """How one loading went."""

    pages: int
    passages: int
    text: Moment
    """When the last document was found by its words."""

    vectors: Moment
    layout: Moment
    routes: Mapping[str, Counter[str]]
    """Pages of each, by document."""

    failed: tuple[str, ...]


class _NotingProgress(Progress):
    """Knows when the last document was stored, which is when it is found."""

    def __init__(self, messages: Messages) -> None:
        super().__init__(messages)
        self._began = _now()
        self.text = self.moment()

    def finished(self, line: str = "") -> None:
        super().finished(line)
        self.text = self.moment()

    def moment(self) -> Moment:
        now = _now()
        return Moment(
            seconds=now.seconds - self._began.seconds, processor=now.processor - self._began.processor
        )


def load(documents: Sequence[Path], note: Path, processes: int) -> Round:
    """In a process of its own, which is the loader; `note` gets the embedder's process id."""
    few_arenas()
    return asyncio.run(_load(documents, note, processes))


async def _load(documents: Sequence[Path], note: Path, processes: int) -> Round:
    """The start of the processes and the opening of the collection counted."""
    messages = Messages(terminal_language())
    progress = _NotingProgress(messages)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="acervo-bench-")))
        settings = Settings.load(_env_file=None, data_dir=folder, mongodb_uri=None, embedding_model="bundled")
        storage = await stack.enter_async_context(open_storage(settings))
        loader = Loader(
            store=storage.store,
            files=storage.files,
            embedder=await stack.enter_async_context(
                EmbedderApart(settings.embedding_model, load=functools.partial(load_noted, note))
            ),
            workers=await stack.enter_async_context(Workers(processes)),
            progress=progress,
            messages=messages,
            work=folder / "work",
            asked=AskedPages(folder / "asked"),
        )
        found, _ = sources.find(map(str, documents))
        summary = await loader.load(found)
        vectors = progress.moment()
        await loader.finish()
        layout = progress.moment()
        progress.end()
        return Round(
            pages=progress.pages_done,
            passages=progress.passages_done,
            text=progress.text,
            vectors=vectors,
            layout=layout,
            routes=await _routes(storage.store),
            failed=tuple(source.name for source, _ in summary.failed),
        )


async def _routes(store: Store) -> dict[str, Counter[str]]:
    """`plain` where the text stage sufficed."""
    return {
        document.name: Counter(page.route or "plain" for page in await store.pages(document.id))
        for document in await store.documents()
    }


def _now() -> Moment:
    return Moment(seconds=time.monotonic(), processor=family_processor_seconds(os.getpid()))
