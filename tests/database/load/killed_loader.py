"""A loader that is killed with all of its processes, in a process group of its own."""

from __future__ import annotations

import asyncio
import io
import os
from pathlib import Path

from database.files.local import LocalFiles
from database.load import sources
from database.load.pipeline import Loader
from database.load.progress import Progress
from database.messages import Messages
from database.stores.lance import LanceStore
from database.workers import Workers
from tests.database.fakes import WordsEmbedder


def load(folder: Path, data: Path) -> None:
    """Load the folder, as `python -m database seed` does."""
    os.setsid()
    asyncio.run(_load(folder, data))


async def _load(folder: Path, data: Path) -> None:
    store = await LanceStore.open(data, embedder="words")
    messages = Messages("en")
    async with Workers(2) as workers:
        loader = Loader(
            store=store,
            files=LocalFiles(data / "files"),
            embedder=WordsEmbedder(),
            workers=workers,
            progress=Progress(messages, io.StringIO()),
            messages=messages,
            work=data / "work",
        )
        found, _ = sources.find([str(folder)])
        await loader.load(found)
        await loader.finish()
    await store.close()
