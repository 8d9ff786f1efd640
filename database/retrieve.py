"""Finds the passages for a question: vectors and full text bring candidates, one order is made of them.

The order is made here (rank.py), for every store, from what the candidates hold.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from database.batches import Batches
from database.calibration import WELL_KNOWN, Calibration, Level, calibrate
from database.embedders.answering import AnsweringEmbedder
from database.embedders.base import Embedder
from database.errors import StoreError
from database.language import detect_question_language
from database.rank import WEIGHTS, Asked, Found, Weights, rank
from database.rarity import CollectionRarity
from database.recent import Recent
from database.records import Chunk, Document, Hit, Match, Scope
from database.rerankers.base import Reranker
from database.rerankers.order import reordered
from database.sentence_vectors import similarities
from database.stores.base import Store, Vectors

# How far each leg reaches beyond what was asked for, so that a passage that one leg ranks low
# can still win on the other.
_REACH = 5
_LEAST_REACH = 50

_RERANKED = 30  # passages: a cross-encoder reads each with the question

# Of fifty questions at once, half are answered a fifth sooner in groups than all side by side: a group is
# embedded while the one before is searched.
_GROUP = 8
_GROUPS = 2  # at a time

# Searches that are remembered: a class asks the same, people ask again, and models are compared.
_RECENT = 128

EVERYTHING = Scope()

Search = Callable[[], Awaitable[list[Match]]]


class Retriever:
    """Searches one store with the embedder that its chunks were embedded with: a certain one, or whichever
    answers at the moment.
    """

    def __init__(
        self,
        *,
        store: Store,
        embedder: Embedder | AnsweringEmbedder,
        weights: Weights = WEIGHTS,
        reranker: Reranker | None = None,
        reranker_seconds: float = 2.0,
        in_groups: bool = False,
    ) -> None:
        """`in_groups`: everything is computed on this machine, which had better finish what it has begun."""
        self.store = store
        self._embedder = embedder
        self.weights = weights
        self.reranker = reranker
        self.reranker_seconds = reranker_seconds
        self.rarity = CollectionRarity(store)
        self._calibrations: dict[str, Calibration] = {}
        self._calibrating = asyncio.Lock()
        self._recent: Recent[list[Match]] = Recent(_RECENT)
        self._groups = Batches(_side_by_side, most=_GROUP, at_once=_GROUPS) if in_groups else None

    async def embedder(self) -> Embedder:
        """The one that questions are embedded with now. Raises EmbedderUnavailable, StoreUnavailable."""
        if isinstance(self._embedder, AnsweringEmbedder):
            return await self._embedder.of(await self.store.answering())
        return self._embedder

    def weighted(self, weights: Weights) -> Retriever:
        """The same, with another order and without a reranker."""
        return Retriever(store=self.store, embedder=self._embedder, weights=weights)

    async def prepare(self) -> None:
        """What the first question would wait for. Raises EmbedderUnavailable."""
        await self._level_of("", await self.embedder())

    async def search(
        self, question: str, *, scope: Scope = EVERYTHING, limit: int = 10, language: str | None = None
    ) -> list[Match]:
        """The places that answer best, best first: a page is one, with all of its passages that were found.
        `language` is the question's, detected if None.

        Raises StoreUnavailable or EmbedderUnavailable.
        """
        search = partial(self._in_turn, partial(self._search, question, scope, limit, language))
        state = await self.store.state()
        if state is None or self.reranker is not None:  # which may have been too late for this one
            return await search()
        return list(await self._recent.get(state, (question, scope, limit, language), search))

    async def _in_turn(self, search: Search) -> list[Match]:
        if self._groups is None:
            return await search()
        found = await self._groups.ask(search)
        if isinstance(found, BaseException):
            raise found
        return found

    async def _search(self, question: str, scope: Scope, limit: int, language: str | None) -> list[Match]:
        language = language or detect_question_language(question)
        reach = max(_LEAST_REACH, limit * _REACH)
        (vector, by_vector, by_text, level), rarity = await asyncio.gather(
            self._legs(question, language, scope, reach), self.rarity.current()
        )
        documents = await self._documents((hit.chunk for hit in (*by_vector, *by_text)), scope)
        asked = Asked(text=question, language=language, vector=vector, level=level, rarity=rarity)
        ranked = rank(asked, by_vector, by_text, documents, self.weights)
        places = together(await self._reranked(question, ranked), limit)
        chunks = await self.store.with_markdown([found.chunk for place in places for found in place])
        read = {chunk.id: chunk for chunk in chunks}
        return [_match(place, documents, read) for place in places]

    async def alike(self, texts: Sequence[str], passages: Sequence[Sequence[Chunk]]) -> list[float]:
        """How alike each text is to what the chunks beside it say, 0..1: to the statement that is nearest.

        Raises StoreUnavailable or EmbedderUnavailable.
        """
        embedder = await self.embedder()
        vectors = await asyncio.gather(*(embedder.embed_query(text) for text in texts))
        found = []
        for text, vector, chunks in zip(texts, vectors, passages, strict=True):
            packed = [chunk.sentences for chunk in chunks if len(chunk.sentences) % len(vector) == 0]
            _, best = similarities(vector, packed)
            level = await self._level_of(detect_question_language(text), embedder)
            nearest = level.likeness(best[~np.isnan(best)])
            found.append(float(min(max(nearest.max(initial=0.0), 0.0), 1.0)))
        return found

    async def _reranked(self, question: str, ranked: Sequence[Found]) -> list[Found]:
        """The first ones by the reranker's scores, which tell all of them then, before the others."""
        if self.reranker is None or not ranked:
            return list(ranked)
        first, others = ranked[:_RERANKED], list(ranked[_RERANKED:])
        order = await reordered(
            self.reranker, question, first, lambda found: found.chunk.text, self.reranker_seconds
        )
        if order.scores is None:
            return list(ranked)
        scored = zip(order.items, order.scores, strict=True)
        return [*(replace(found, relevance=score, on_topic=score) for found, score in scored), *others]

    async def _legs(
        self, question: str, language: str, scope: Scope, limit: int
    ) -> tuple[Vectors, list[Hit], list[Hit], Level]:
        """The question's vector, what both legs find, and how well the embedder knows the language; again
        where another embedder's vectors have taken the place of those that were searched.
        """
        embedder = await self.embedder()
        while True:
            try:
                vector = await embedder.embed_query(question)
                by_vector, by_text, level = await asyncio.gather(
                    self.store.search_vector(vector, scope, limit),
                    self.store.search_text(question, language, scope, limit),
                    self._level_of(language, embedder),
                )
            except StoreError:
                before, embedder = embedder, await self.embedder()
                if embedder is before:
                    raise
            else:
                before, embedder = embedder, await self.embedder()
                if embedder is before:
                    return vector, by_vector, by_text, level

    async def _by_vector(
        self, embedder: Embedder, question: str, scope: Scope, limit: int
    ) -> tuple[Vectors, list[Hit]]:
        vector = await embedder.embed_query(question)
        return vector, await self.store.search_vector(vector, scope, limit)

    async def _documents(self, chunks: Iterable[Chunk], scope: Scope) -> dict[str, Document]:
        ids = tuple({chunk.document_id for chunk in chunks})
        documents = await self.store.documents(Scope(libraries=scope.libraries, documents=ids))
        return {document.id: document for document in documents}

    async def _level_of(self, language: str, embedder: Embedder) -> Level:
        if embedder.name not in self._calibrations:
            async with self._calibrating:
                if embedder.name not in self._calibrations:
                    self._calibrations[embedder.name] = await calibrate(embedder)
        return self._calibrations[embedder.name].get(language, WELL_KNOWN)


async def _side_by_side(searches: list[Search]) -> list[list[Match] | BaseException]:
    return await asyncio.gather(*(search() for search in searches), return_exceptions=True)


def together(ranked: Sequence[Found], limit: int) -> list[list[Found]]:
    """The first `limit` places, best first, each with its passages that are among the first `limit`, best
    first. A place is a page; where a document has none, passages that follow each other.
    """
    places: list[list[Found]] = []
    for place, found in enumerate(ranked):
        for others in places:
            if _same_place(found.chunk, [other.chunk for other in others]):
                if place < limit:
                    others.append(found)
                break
        else:
            if len(places) < limit:
                places.append([found])
        if place >= limit and len(places) == limit:
            break
    return places


def _same_place(chunk: Chunk, others: Sequence[Chunk]) -> bool:
    first = others[0]
    if chunk.document_id != first.document_id:
        return False
    if chunk.page is not None:
        return chunk.page == first.page
    return any(abs(chunk.position - other.position) <= 1 for other in others)


def _match(place: Sequence[Found], documents: dict[str, Document], read: dict[str, Chunk]) -> Match:
    best, *others = place
    return Match(
        document=documents[best.chunk.document_id],
        chunk=read[best.chunk.id],
        others=tuple(read[other.chunk.id] for other in others),
        relevance=max(found.relevance for found in place),
        on_topic=max(found.on_topic for found in place),
        vector_rank=best.vector_rank,
        text_rank=best.text_rank,
    )
