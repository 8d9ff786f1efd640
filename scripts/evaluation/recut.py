"""A second collection of the same documents, cut in another way, and asked as the first one is."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from database.embedders.base import PassageEmbedder
from database.load import assemble
from database.load.embedding import Embedding
from database.records import Document
from database.retrieve import Retriever
from database.stores.base import Store
from database.stores.lance import LanceStore
from scripts.evaluation.cuts import Cutting
from scripts.evaluation.pipelines import Acervo
from scripts.evaluation.progress import Progress
from scripts.evaluation.reading import Reading


@dataclass(frozen=True, kw_only=True, slots=True)
class Recut:
    """`unread` are the names of the documents that can't be cut so."""

    pipeline: Acervo
    unread: Sequence[str]


@asynccontextmanager
async def recut(
    cutting: Cutting,
    readings: Sequence[Reading],
    retriever: Retriever,
    embedder: PassageEmbedder,
    progress: Progress,
) -> AsyncIterator[Recut]:
    """The documents in an embedded store that is gone afterwards, put and embedded as the loader does, and
    searched as `retriever` does. Raises EmbedderUnavailable, StoreUnavailable.
    """
    with tempfile.TemporaryDirectory(prefix="acervo-scratch-") as folder:
        store = await LanceStore.open(Path(folder), embedder=embedder.name)
        try:
            documents, unread = await _put(cutting, readings, store)
            await _embed(documents, store, embedder, f"{cutting.name}: passages embedded", progress)
            await store.warm()
            again = Retriever(
                store=store,
                embedder=await retriever.embedder(),
                weights=retriever.weights,
                reranker=retriever.reranker,
                reranker_seconds=retriever.reranker_seconds,
            )
            await again.prepare()
            count = await store.count()
            says = f"{cutting.says}: {count.chunks:,} passages"
            yield Recut(pipeline=Acervo(retriever=again, name=cutting.name, says=says), unread=unread)
        finally:
            await store.close()


async def _put(
    cutting: Cutting, readings: Sequence[Reading], store: Store
) -> tuple[list[Document], list[str]]:
    documents, unread = [], []
    for reading in readings:
        pieces = await asyncio.to_thread(cutting.pieces, reading)
        if not pieces:
            unread.append(reading.document.name)
            continue
        document = replace(reading.document, status="embedding")
        await store.put(document, assemble.chunks(document, pieces))
        documents.append(replace(document, passages=len(pieces), embedded=0))
    return documents, unread


async def _embed(
    documents: Sequence[Document], store: Store, embedder: PassageEmbedder, title: str, progress: Progress
) -> None:
    waiting: asyncio.Queue[Document | None] = asyncio.Queue()
    for document in [*documents, None]:
        waiting.put_nowait(document)
    with progress.of(title, sum(document.passages for document in documents)) as counted:
        await Embedding(store=store, embedder=embedder, embedded=counted).work_off(waiting)
    await store.settle()
