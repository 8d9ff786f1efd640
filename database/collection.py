"""Opens the collection that the settings name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from database.embedders import opening
from database.embedders.answering import AnsweringEmbedder
from database.embedders.base import Embedder
from database.errors import EmbedderUnavailable, StoreUnavailable
from database.files.base import Files
from database.files.local import LocalFiles
from database.rerankers.opening import open_reranker
from database.retrieve import Retriever
from database.settings import Settings
from database.stores.base import Store, Tell, silent
from database.stores.lance import LanceStore


@dataclass(frozen=True, kw_only=True, slots=True)
class Collection:
    """An open collection: what is in it, its files, and how it is searched."""

    store: Store
    files: Files
    retriever: Retriever


@dataclass(frozen=True, kw_only=True, slots=True)
class Storage:
    """What keeps a collection: enough for whatever needs no embedding model."""

    store: Store
    files: Files


@asynccontextmanager
async def open_storage(settings: Settings, *, tell: Tell = silent) -> AsyncIterator[Storage]:
    """In MongoDB where MONGODB_URI is set, in DATA_DIR else. `tell` hears what is waited for.

    Raises StoreUnavailable, SettingError.
    """
    store, files = await _open(settings, tell)
    try:
        yield Storage(store=store, files=files)
    finally:
        await store.close()


async def _open(settings: Settings, tell: Tell) -> tuple[Store, Files]:
    kept = LocalFiles(settings.data_dir / "files")
    if settings.mongodb_uri is None:
        return await LanceStore.open(settings.data_dir, embedder=settings.embedding_model), kept
    from database.files.gridfs import GridFSFiles  # pymongo takes a while to import
    from database.stores.atlas import AtlasStore

    store = AtlasStore.open(
        settings.mongodb_uri.get_secret_value(),
        settings.mongodb_database,
        embedder=settings.embedding_model,
        tell=tell,
    )
    return store, GridFSFiles(store.database, cache=kept)


@asynccontextmanager
async def open_collection(
    settings: Settings, *, even_if_unavailable: bool = False, tell: Tell = silent
) -> AsyncIterator[Collection]:
    """Raises EmbedderUnavailable, RerankerUnavailable, SettingError, and StoreUnavailable unless told
    otherwise: a server waits for its store, and for the end of a change-over from a model that can't be had
    any more, and says so meanwhile.

    Questions are embedded by the model that the collection answers with, whichever is set.
    """

    async def open_(name: str) -> Embedder:
        return await open_embedder(settings.model_copy(update={"embedding_model": name}))

    embedder = AnsweringEmbedder(settings.embedding_model, open_)
    async with open_storage(settings, tell=tell) as storage:
        try:
            _, reranker = await asyncio.gather(
                _ready(storage.store, settings, embedder, even_if_unavailable=even_if_unavailable),
                open_reranker(settings),
            )
            retriever = Retriever(
                store=storage.store,
                embedder=embedder,
                reranker=reranker,
                reranker_seconds=settings.reranker_seconds,
                in_groups=settings.mongodb_uri is None and not opening.is_remote(settings.embedding_model),
            )
            yield Collection(store=storage.store, files=storage.files, retriever=retriever)
        finally:
            await embedder.rest()


async def _ready(
    store: Store, settings: Settings, embedder: AnsweringEmbedder, *, even_if_unavailable: bool
) -> None:
    """Open the embedder before the first question needs it. Raises EmbedderUnavailable, StoreUnavailable."""
    answering: str | None = None
    try:
        await store.ready()
        answering = await store.answering()
    except StoreUnavailable:
        if not even_if_unavailable:
            raise
    try:
        await embedder.of(answering)
    except EmbedderUnavailable:
        if not even_if_unavailable or answering in (None, settings.embedding_model):
            raise


async def open_embedder(settings: Settings) -> Embedder:
    """In this process: a question is embedded sooner here. Raises EmbedderUnavailable."""
    return await asyncio.to_thread(opening.open_embedder, settings)
