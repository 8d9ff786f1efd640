"""Finds the passages for a question: vectors and full text, fused.

Each leg brings candidates; the fusion is here, for every store. A candidate's score is the sum of its
cosine, of the share of the question's words that it holds, and, with a small weight, of its BM25 beside
the best one's. The first two are absolute: a leg that knows nothing of the question adds nothing, where
reciprocal ranks would let its first hit outvote what the other leg is sure of. All but the cosine is computed
here, from the candidates alone, so that every store ranks them alike: engines count and round differently.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from database.embedders.base import Embedder
from database.language import detect_question_language
from database.records import Chunk, Document, Hit, Match, Scope
from database.stores.base import Store
from database.terms import question_terms, terms

# How far each leg reaches beyond what was asked for, so that a passage that one leg ranks low
# can still win on the other.
_REACH = 5
_LEAST_REACH = 50

# BM25 knows how often a word stands in how long a passage, and has no scale of its own: a hint beside
# the two that have one. Five collections in three languages were tried: `scripts/bench retrieval`.
_BM25_WEIGHT = 0.15
_K1, _B = 1.2, 0.75

# Relevance is a logistic function of cosine + coverage, 0.5 where they add up to 1. On XQuAD in English and
# Spanish, 5 % of the questions that the collection answers are below 0.32 and 75 to 95 % of those about
# something else are below 0.22.
_STEEPNESS = 5.0
_MIDDLE = 1.0

# Between those of passages that speak of what is asked and of those that don't.
_UNKNOWN_COSINE = 0.3

EVERYTHING = Scope()


@dataclass(frozen=True, kw_only=True, slots=True)
class Retriever:
    """Searches one store with the embedder that its chunks were embedded with."""

    store: Store
    embedder: Embedder

    async def search(
        self, question: str, *, scope: Scope = EVERYTHING, limit: int = 10, language: str | None = None
    ) -> list[Match]:
        """The passages that answer best, best first. `language` is the question's, detected if None.

        Raises StoreUnavailable or EmbedderUnavailable.
        """
        language = language or detect_question_language(question)
        reach = max(_LEAST_REACH, limit * _REACH)
        by_vector, by_text = await asyncio.gather(
            self._by_vector(question, scope, reach), self.store.search_text(question, language, scope, reach)
        )
        shared = SharedWords(question, [hit.chunk for hit in (*by_vector, *by_text)])
        ranked = fuse(by_vector, by_text, shared)[:limit]
        documents, chunks = await asyncio.gather(
            self._documents(ranked, scope), self.store.with_markdown([found.chunk for found in ranked])
        )
        return [
            Match(
                document=documents[chunk.document_id],
                chunk=chunk,
                relevance=found.relevance,
                vector_rank=found.vector_rank,
                text_rank=found.text_rank,
            )
            for found, chunk in zip(ranked, chunks, strict=True)
            if chunk.document_id in documents
        ]

    async def _by_vector(self, question: str, scope: Scope, limit: int) -> list[Hit]:
        return await self.store.search_vector(await self.embedder.embed_query(question), scope, limit)

    async def _documents(self, ranked: Sequence[Found], scope: Scope) -> dict[str, Document]:
        ids = tuple({found.chunk.document_id for found in ranked})
        documents = await self.store.documents(Scope(libraries=scope.libraries, documents=ids))
        return {document.id: document for document in documents}


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A candidate with what both legs say of it."""

    chunk: Chunk
    score: float
    relevance: float
    vector_rank: int | None
    text_rank: int | None


def fuse(by_vector: Sequence[Hit], by_text: Sequence[Hit], shared: SharedWords) -> list[Found]:
    """The candidates of both legs in one order, best first. Each leg's hits come best first.

    A chunk that the vectors missed is given the cosine of their last hit: it can't be nearer. Where they
    have no hit, nothing is embedded yet, and a middling one is taken for all: who asks meanwhile is to be
    answered.
    """
    vector_ranks = {hit.chunk.id: rank for rank, hit in enumerate(by_vector, start=1)}
    text_ranks = {hit.chunk.id: rank for rank, hit in enumerate(by_text, start=1)}
    cosines = {hit.chunk.id: max(hit.score, 0.0) for hit in by_vector}
    farthest = min(cosines.values(), default=_UNKNOWN_COSINE)
    candidates = {hit.chunk.id: hit.chunk for hit in (*by_vector, *by_text)}
    bm25 = {id_: shared.bm25(chunk) for id_, chunk in candidates.items()}
    best_bm25 = max(bm25.values(), default=0.0) or 1.0
    found = []
    for chunk in candidates.values():
        cosine, covered = cosines.get(chunk.id, farthest), shared.coverage(chunk)
        found.append(
            Found(
                chunk=chunk,
                score=cosine + covered + _BM25_WEIGHT * bm25[chunk.id] / best_bm25,
                relevance=relevance(cosine, covered),
                vector_rank=vector_ranks.get(chunk.id),
                text_rank=text_ranks.get(chunk.id),
            )
        )
    return sorted(found, key=lambda one: (-one.score, one.chunk.document_id, one.chunk.position))


def relevance(cosine: float, coverage: float) -> float:
    """How surely the passage speaks of what is asked, 0..1, comparable between questions."""
    return 1 / (1 + math.exp(-_STEEPNESS * (cosine + coverage - _MIDDLE)))


@lru_cache(maxsize=4_000)
def _terms_of(text: str, language: str) -> Counter[str]:
    """Questions bring the same passages again; 4,000 of them take about 60 MB."""
    return Counter(terms(text, language))


class SharedWords:
    """The words that passages share with a question, each weighted by its rarity.

    Rarity is read off the passages that were found: a word that all of them hold says little about
    one of them; a word that none holds is what the question is about and is missing.
    """

    def __init__(self, question: str, found: Sequence[Chunk]) -> None:
        self._asked: dict[str, list[str]] = {}
        passages = {chunk.id: chunk for chunk in found}
        self._held = {id_: _terms_of(chunk.text, chunk.language) for id_, chunk in passages.items()}
        self._lengths = {id_: held.total() for id_, held in self._held.items()}
        self._usual_length = sum(self._lengths.values()) / max(len(passages), 1) or 1.0
        self._number = len(passages)
        self._frequency: dict[str, Counter[str]] = {}
        for language in {chunk.language for chunk in passages.values()}:
            asked = question_terms(question, frozenset([language]))
            self._asked[language] = asked
            self._frequency[language] = Counter(
                term for term in asked for held in self._held.values() if term in held
            )

    def coverage(self, chunk: Chunk) -> float:
        """The share of the question's words that the passage holds, 0..1."""
        asked, held = self._asked[chunk.language], self._held[chunk.id]
        total = sum(self._rarity(term, chunk.language) for term in asked)
        return (
            sum(self._rarity(term, chunk.language) for term in asked if term in held) / total
            if total
            else 0.0
        )

    def bm25(self, chunk: Chunk) -> float:
        """Higher where the passage is short and repeats the question's words (Robertson, Zaragoza, 2009)."""
        held = self._held[chunk.id]
        damping = _K1 * (1 - _B + _B * self._lengths[chunk.id] / self._usual_length)
        return sum(
            self._rarity(term, chunk.language) * held[term] / (held[term] + damping)
            for term in self._asked[chunk.language]
            if term in held
        )

    def _rarity(self, term: str, language: str) -> float:
        return math.log(1 + (self._number + 1) / (self._frequency[language][term] + 0.5))
