"""Embeds what is found by full text alone, as it comes: the second stage of loading.

The passages wait in the store, not in memory, so a loader that was stopped goes on where it was. They are
embedded in the same batches whenever that is: a vector can depend, in its last bits, on what it is computed
with.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
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
from database.stores.base import Embedded, Store, Vectors
from database.tasks import run_all

_TEXTS_AT_ONCE = 64  # in one call, of which a cluster takes several at a time
_PASSAGES_STORED_AT_ONCE = 256  # each time costs the store as much as embedding two or three

_GROUPS_AT_ONCE = 2  # one is embedded while the vectors of the other are stored

_SURELY_FITS = 200  # characters: even of scripts with a token a letter


def never() -> bool:
    """Nothing asks for it to stop."""
    return False


@dataclass(frozen=True, slots=True)
class _Part:
    """Passages of one document that follow each other, from position `first` on."""

    document: Document
    first: int
    chunks: Sequence[Chunk]


@dataclass(frozen=True, kw_only=True, slots=True)
class Embedding:
    """Gives documents their vectors: large ones piece by piece, small ones several at a time. `embedded` is
    told of each number of passages, as they are done; `stop` is asked before each group that is stored
    together; `turn` is entered for what is taken from the queue at a time.
    """

    store: Store
    embedder: PassageEmbedder
    embedded: Callable[[int], None]
    stop: Callable[[], bool] = never
    turn: AbstractAsyncContextManager[object] = field(default_factory=nullcontext)

    async def work_off(self, waiting: asyncio.Queue[Document | None]) -> None:
        """Embed what is put into the queue, until None is. Raises EmbedderUnavailable, StoreError."""
        await run_all([self._work_off(waiting) for _ in range(_GROUPS_AT_ONCE)])
        waiting.get_nowait()

    async def _work_off(self, waiting: asyncio.Queue[Document | None]) -> None:
        while documents := await _next(waiting):
            async with self.turn:
                await self.embed(documents)

    async def embed(self, documents: Sequence[Document]) -> None:
        """Until the last passage of each, or until another version has taken its place."""
        at_once = _PASSAGES_STORED_AT_ONCE if self.stop is never else _TEXTS_AT_ONCE  # somebody may come soon
        gathered: list[_Part] = []
        async for part in self._parts(documents, at_once):
            if gathered and sum(len(one.chunks) for one in (*gathered, part)) > at_once:
                if self.stop():
                    return
                await self._store(gathered)
                gathered = []
            gathered.append(part)
        if gathered and not self.stop():
            await self._store(gathered)

    async def _parts(self, documents: Sequence[Document], at_once: int) -> AsyncIterator[_Part]:
        """What waits to be embedded, in pieces of at most so many passages."""
        for document in {document.id: document for document in documents}.values():
            current = await self.store.document(document.id)
            chunks = await self.store.chunks(document.id)
            for start in range(current.prepared if current else 0, len(chunks), at_once):
                current = await self.store.document(document.id)
                if {current and current.version, chunks[0].version} != {document.version}:
                    break
                yield _Part(document, start, chunks[start : start + at_once])

    async def _store(self, parts: Sequence[_Part]) -> None:
        embedded = await run_all([self._embedded(part) for part in parts])
        await self.store.embed_together(embedded)

    async def _embedded(self, part: _Part) -> Embedded:
        starts = range(0, len(part.chunks), _TEXTS_AT_ONCE)
        batches = await run_all(
            [self._batch(part.document, part.chunks[start : start + _TEXTS_AT_ONCE]) for start in starts]
        )
        return Embedded(
            document=part.document,
            first=part.first,
            embeddings=np.concatenate([own for own, _ in batches]),
            sentences=[packed for _, of_batch in batches for packed in of_batch],
        )

    async def _batch(self, document: Document, chunks: Sequence[Chunk]) -> tuple[Vectors, list[bytes]]:
        """The vectors of the passages, and those of each with its statements, packed."""
        said = await self._fitting([_statements(chunk.text) for chunk in chunks])
        own = [text_to_embed(document, chunk) for chunk in chunks]
        vectors = await self.embedder.embed_documents([*own, *chain.from_iterable(said)])
        self.embedded(len(chunks))
        packed, start = [], len(chunks)
        for one, statements_ in zip(vectors, said, strict=False):
            end = start + len(statements_)
            packed.append(pack(np.vstack([one, vectors[start:end]])))
            start = end
        return vectors[: len(chunks)], packed

    async def _fitting(self, said: Sequence[Sequence[str]]) -> list[list[str]]:
        """The same, in pieces where the model would ignore the end of one: a passage's own vector may leave
        some of it out, those of its statements do not.
        """
        long = [text for texts in said for text in texts if len(text) > _SURELY_FITS]
        told = await self.embedder.count_tokens(long) if long else None
        if told is None or max(told.counts) <= told.limit:
            return [list(texts) for texts in said]
        too_long = {text for text, count in zip(long, told.counts, strict=True) if count > told.limit}
        return await self._fitting(
            [
                [piece for text in texts for piece in (halves(text) if text in too_long else (text,))]
                for texts in said
            ]
        )


async def _next(waiting: asyncio.Queue[Document | None]) -> list[Document]:
    """The next document, and those behind it that are there already, as many as are stored at once; none at
    the end of the queue.
    """
    found: list[Document] = []
    passages = 0
    while not found or (passages < _PASSAGES_STORED_AT_ONCE and not waiting.empty()):
        document = await waiting.get()
        if document is None:
            waiting.put_nowait(None)  # for the others, and for the next time
            break
        found.append(document)
        passages += document.passages - document.prepared
    return found


def _statements(text: str) -> list[str]:
    """Those of a passage that says more than one thing."""
    spans = statements(text)
    return [text[start:end] for start, end in spans] if len(spans) > 1 else []
