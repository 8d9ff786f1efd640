"""A collection that is made to be measured, and gone afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from database.collection import Collection, open_collection
from database.load import sources
from database.load.pipeline import Loader
from database.load.progress import Progress
from database.messages import Messages, terminal_language
from database.settings import Settings
from database.workers import Workers


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """How the loading went."""

    documents: int
    failed: int
    pages: int
    passages: int
    seconds: float

    def __str__(self) -> str:
        failed = f" ({self.failed} of them failed)" if self.failed else ""
        speed = f"{self.pages / self.seconds:.1f} pages/s" if self.seconds else "at once"
        return (
            f"{self.documents} documents{failed}, {self.pages} pages loaded as {self.passages:,} passages in "
            f"{self.seconds:.0f} s ({speed})"
        )


@asynccontextmanager
async def scratch_collection(documents: Path, *, processes: int) -> AsyncIterator[tuple[Collection, Loaded]]:
    """The documents in an embedded store, loaded as `seed` does, with the embedder of the settings.

    Raises SettingError, EmbedderUnavailable, StoreUnavailable.
    """
    with tempfile.TemporaryDirectory(prefix="acervo-scratch-") as folder:
        settings = Settings.load(data_dir=Path(folder), mongodb_uri=None)
        messages = Messages(terminal_language())
        progress = Progress(messages)
        async with open_collection(settings) as collection:
            async with Workers(processes) as workers:
                loader = Loader(
                    store=collection.store,
                    files=collection.files,
                    embedder=await collection.retriever.embedder(),
                    workers=workers,
                    progress=progress,
                    messages=messages,
                )
                found, _ = sources.find([str(documents)])
                await loader.load(found)
            progress.end()
            failed = sum(one.status == "failed" for one in await collection.store.documents())
            yield (
                collection,
                Loaded(
                    documents=len(found),
                    failed=failed,
                    pages=progress.pages_done,
                    passages=(await collection.store.count()).chunks,
                    seconds=progress.seconds,
                ),
            )
