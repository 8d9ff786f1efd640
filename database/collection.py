"""Opens the collection that the settings name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from database.embedders.base import Embedder
from database.embedders.sentence_transformers import SentenceTransformersEmbedder
from database.files.base import Files
from database.files.local import LocalFiles
from database.retrieve import Retriever
from database.settings import Settings
from database.stores.base import Store
from database.stores.lance import LanceStore


@dataclass(frozen=True, kw_only=True, slots=True)
class Collection:
    """An open collection: what is in it, its files, and how it is searched."""

    store: Store
    files: Files
    embedder: Embedder
    retriever: Retriever


@dataclass(frozen=True, kw_only=True, slots=True)
class Storage:
    """What keeps a collection: enough for whatever needs no embedding model."""

    store: Store
    files: Files


@asynccontextmanager
async def open_storage(settings: Settings) -> AsyncIterator[Storage]:
    """Raises StoreUnavailable."""
    store = await LanceStore.open(settings.data_dir, embedder=settings.embedding_model)
    try:
        yield Storage(store=store, files=LocalFiles(settings.data_dir / "files"))
    finally:
        await store.close()


@asynccontextmanager
async def open_collection(settings: Settings) -> AsyncIterator[Collection]:
    """Raises EmbedderUnavailable, EmbedderMismatch or StoreUnavailable.

    A collection of another model's vectors is not opened: its distances would mean nothing.
    """
    embedder = await asyncio.to_thread(SentenceTransformersEmbedder, settings.embedding_model)
    async with open_storage(settings) as storage:
        await storage.store.ready()
        yield Collection(
            store=storage.store,
            files=storage.files,
            embedder=embedder,
            retriever=Retriever(store=storage.store, embedder=embedder),
        )
