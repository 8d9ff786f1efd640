"""A loader that is killed with all of its processes, in a process group of its own."""

from __future__ import annotations

import asyncio
import io
import os
from pathlib import Path

from database.collection import Collection
from database.files.local import LocalFiles
from database.load import sources
from database.load.pipeline import Loader
from database.load.progress import Progress
from database.messages import Messages
from database.retrieve import Retriever
from database.stores.lance import LanceStore
from database.workers import Workers
from tests.database.fakes import WordsEmbedder


def load(folder: Path, data: Path) -> None:
    """Load the folder, as `python -m database seed` does."""
    os.setsid()
    asyncio.run(_load(folder, data))


async def _load(folder: Path, data: Path) -> None:
    store = await LanceStore.open(data, embedder="words")
    embedder = WordsEmbedder()
    collection = Collection(
        store=store,
        files=LocalFiles(data / "files"),
        embedder=embedder,
        retriever=Retriever(store=store, embedder=embedder),
    )
    messages = Messages("en")
    async with Workers(2) as workers:
        loader = Loader(
            collection=collection,
            workers=workers,
            progress=Progress(messages, io.StringIO()),
            messages=messages,
            work=data / "work",
        )
        found, _ = sources.find([str(folder)])
        await loader.load(found)
    await store.close()
