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


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Store]:
    """The store alone: for what needs no embedding model."""
    store = await LanceStore.open(settings.data_dir, embedder=settings.embedding_model)
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def open_collection(settings: Settings) -> AsyncIterator[Collection]:
    """Raises EmbedderUnavailable, EmbedderMismatch or StoreUnavailable.

    A collection of another model's vectors is not opened: its distances would mean nothing.
    """
    embedder = await asyncio.to_thread(SentenceTransformersEmbedder, settings.embedding_model)
    async with open_store(settings) as store:
        await store.ready()
        yield Collection(
            store=store,
            files=LocalFiles(settings.data_dir / "files"),
            embedder=embedder,
            retriever=Retriever(store=store, embedder=embedder),
        )
