"""Embeds what is found by full text alone, as it comes: the second stage of loading.

The passages wait in the store, not in memory, so a loader that was stopped goes on where it was. They are
embedded in the same batches whenever that is: a vector can depend, in its last bits, on what it is computed
with.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from database.embedders.base import PassageEmbedder
from database.embedders.pieces import halves
from database.load.assemble import text_to_embed
from database.records import Chunk, Document
from database.sentence_vectors import pack
from database.sentences import statements
from database.stores.base import Store, Vectors
from database.tasks import run_all

_TEXTS_AT_ONCE = 64  # in one call, of which a cluster takes several at a time
_TEXTS_STORED_AT_ONCE = 256  # each time costs the store as much as embedding two or three

_SURELY_FITS = 200  # characters: even of scripts with a token a letter

_DOCUMENTS_AT_ONCE = 2  # one is embedded while the vectors of the other are stored


def never() -> bool:
    """Nothing asks for it to stop."""
    return False


@dataclass(frozen=True, kw_only=True, slots=True)
class Embedding:
    """Gives documents their vectors. `embedded` is told of each number of passages, as they are done; `stop`
    is asked before each; `turn` is entered for each document.
    """

    store: Store
    embedder: PassageEmbedder
    embedded: Callable[[int], None]
    stop: Callable[[], bool] = never
    turn: AbstractAsyncContextManager[object] = field(default_factory=nullcontext)

    async def work_off(self, waiting: asyncio.Queue[Document | None]) -> None:
        """Embed what is put into the queue, until None is. Raises EmbedderUnavailable, StoreError."""
        await run_all([self._work_off(waiting) for _ in range(_DOCUMENTS_AT_ONCE)])
        waiting.get_nowait()

    async def _work_off(self, waiting: asyncio.Queue[Document | None]) -> None:
        while (document := await waiting.get()) is not None:
            async with self.turn:
                await self.embed(document)
        waiting.put_nowait(None)  # for the others

    async def embed(self, document: Document) -> None:
        """Until the last passage, or until another version has taken its place."""
        current = await self.store.document(document.id)
        if current is None or current.version != document.version:
            return
        chunks = await self.store.chunks(document.id)
        at_once = _TEXTS_STORED_AT_ONCE if self.stop is never else _TEXTS_AT_ONCE  # somebody may come soon
        for start in range(current.embedded, document.passages, at_once):
            some = chunks[start : start + at_once]
            if self.stop() or not some or some[0].version != document.version:
                return
            starts = range(0, len(some), _TEXTS_AT_ONCE)
            batches = await run_all([self._batch(document, some[n : n + _TEXTS_AT_ONCE]) for n in starts])
            vectors = np.concatenate([own for own, _ in batches])
            sentences = [packed for _, of_batch in batches for packed in of_batch]
            if await self.store.embed(document, start, vectors, sentences) is None:
                return

    async def _batch(self, document: Document, chunks: Sequence[Chunk]) -> tuple[Vectors, list[bytes]]:
        """The vectors of the passages, and those of each with its statements, packed."""
        said = [await self._fitting(_statements(chunk.text)) for chunk in chunks]
        own = [text_to_embed(document, chunk) for chunk in chunks]
        vectors = await self.embedder.embed_documents([*own, *chain.from_iterable(said)])
        self.embedded(len(chunks))
        packed, start = [], len(chunks)
        for one, statements_ in zip(vectors, said, strict=False):
            end = start + len(statements_)
            packed.append(pack(np.vstack([one, vectors[start:end]])))
            start = end
        return vectors[: len(chunks)], packed

    async def _fitting(self, texts: list[str]) -> list[str]:
        """In pieces where the model would ignore the end: a passage's own vector may leave some of it out,
        those of its statements do not.
        """
        if not any(len(text) > _SURELY_FITS for text in texts):
            return texts
        told = await self.embedder.count_tokens(texts)
        if told is None:
            return texts
        fitting: list[str] = []
        for text, count in zip(texts, told.counts, strict=True):
            fits = count <= told.limit or len(text) < 2
            fitting += [text] if fits else await self._fitting(list(halves(text)))
        return fitting


def _statements(text: str) -> list[str]:
    """Those of a passage that says more than one thing."""
    spans = statements(text)
    return [text[start:end] for start, end in spans] if len(spans) > 1 else []
