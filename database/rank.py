"""The order of the passages that were found for a question, and how surely each answers it: pure functions.

A passage is as good as its best statement: one sentence holds the answer, and what stands around it speaks
of other things. So what is asked is looked for in each statement of a passage, by its meaning and by the
letters of its words; the passage as a whole adds the rest. Every number here is on a scale of its own, 0..1,
so that a part that knows nothing of the question adds nothing, where reciprocal ranks would let its first
hit outvote what another is sure of. Nothing depends on how a store counts.

The weights are measured: docs/retrieval.md tells what each part is worth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from database.calibration import Level
from database.letters import share_in_one_statement
from database.rarity import Rarity
from database.records import Chunk, Document, Hit
from database.seen import Seen
from database.seen import counts as counted
from database.sentence_vectors import similarities
from database.stores.base import Vectors
from database.stores.heading import heading_terms
from database.terms import content_words, question_terms, search_terms, terms

_K1, _B = 1.2, 0.75

# Relevance is a logistic function, 0.5 in the middle. Of questions about XQuAD in English and Spanish, about
# 5 % of those that the collection answers are below it, and as many of those about something else above.
_STEEPNESS = 8.0
_MIDDLE = 0.58
_MIDDLE_UNKNOWN = 0.11  # more, where the embedder doesn't know the language
_LETTERS_OF_RELEVANCE = 0.5

# Whether it is about what is asked at all, on the same scale. A passage with a smaller share of the
# question's stems speaks of something else, unless the embedder, where it knows the language, says otherwise.
_MIDDLE_OF_TOPIC = 0.54
_LEAST_WORDS = 0.5

# While nothing is embedded: between passages that speak of what is asked and those that don't.
_UNKNOWN_LIKENESS = 0.3

_MOST_WORDS = 64  # of a question


@dataclass(frozen=True, kw_only=True, slots=True)
class Weights:
    """What each part of a score weighs."""

    likeness: float = 0.35
    """Of the vectors, whatever the embedder knows of the language."""

    known_likeness: float = 1.0
    """That much more, where it knows the language well."""

    best_statement: float = 0.7
    """The share of the likeness that is the best statement's; the rest is the whole passage's."""

    letters: float = 0.65
    """Of the question's words whose letters stand in one statement."""

    words: float = 0.2
    """Of the question's stems that the passage holds."""

    bm25: float = 0.2
    name: float = 0.5
    """Of the question's words that the document is called by."""


WEIGHTS = Weights()


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A candidate in its place. Ranks count from 1; None where a leg did not find it."""

    chunk: Chunk
    score: float
    relevance: float
    on_topic: float
    vector_rank: int | None
    text_rank: int | None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question, its language, its vector (float32[d]), and what is known of how well the embedder knows the
    language and of the collection.
    """

    text: str
    language: str
    vector: Vectors
    level: Level
    rarity: Rarity

    @cached_property
    def words(self) -> dict[str, float]:
        """Those that are looked for by their letters, folded, with their rarity."""
        return _rarest(
            {word: self.rarity.of(terms(word, self.language)[0]) for word in content_words(self.text)}
        )


def _rarest(weights: Mapping[str, float]) -> dict[str, float]:
    """Those that tell most, where somebody asks a whole page: each is looked for in each candidate."""
    if len(weights) <= _MOST_WORDS:
        return dict(weights)
    return dict(sorted(weights.items(), key=lambda pair: -pair[1])[:_MOST_WORDS])


def rank(
    asked: Asked,
    by_vector: Sequence[Hit],
    by_text: Sequence[Hit],
    documents: Mapping[str, Document],
    weights: Weights = WEIGHTS,
) -> list[Found]:
    """The candidates of both legs in one order, best first. Each leg's hits come best first.

    Those of documents that are gone are left out.
    """
    vector_ranks = {hit.chunk.id: rank for rank, hit in enumerate(by_vector, start=1)}
    text_ranks = {hit.chunk.id: rank for rank, hit in enumerate(by_text, start=1)}
    found = {hit.chunk.id: hit for hit in (*by_vector, *by_text)}
    candidates = [hit for hit in found.values() if hit.chunk.document_id in documents]
    if not candidates:
        return []
    chunks, seen = [hit.chunk for hit in candidates], [hit.seen for hit in candidates]
    whole, best = _likenesses(asked, chunks, by_vector)
    letters = share_in_one_statement(asked.words, [one.statements for one in seen])
    word_share, bm25 = _shared_words(asked, [chunk.language for chunk in chunks], seen)
    names = _shared_names(asked, documents)
    likeness = weights.best_statement * best + (1 - weights.best_statement) * whole
    alike = (whole + best) / 2
    own_words = np.where([chunk.language == asked.language for chunk in chunks], word_share, 1.0)
    score = (
        (weights.likeness + weights.known_likeness * asked.level.knowledge) * likeness
        + weights.letters * letters
        + weights.words * word_share
        + weights.bm25 * bm25
        + weights.name * np.array([names[chunk.document_id] for chunk in chunks])
    )
    numbers = zip(
        score.tolist(),
        relevance(alike, letters, asked.level).tolist(),
        on_topic(alike, letters, own_words, asked.level).tolist(),
        strict=True,
    )
    ranked = [
        Found(
            chunk=chunk,
            score=of_chunk,
            relevance=relevant,
            on_topic=about_it,
            vector_rank=vector_ranks.get(chunk.id),
            text_rank=text_ranks.get(chunk.id),
        )
        for chunk, (of_chunk, relevant, about_it) in zip(chunks, numbers, strict=True)
    ]
    return sorted(ranked, key=lambda one: (-one.score, one.chunk.document_id, one.chunk.position))


def relevance(likeness: ArrayLike, letters: ArrayLike, level: Level) -> Vectors:
    """How surely passages answer, 0..1, comparable between questions."""
    middle = _MIDDLE + _MIDDLE_UNKNOWN * (1 - level.knowledge)
    return _logistic(_likely(likeness, letters) - middle)


def on_topic(likeness: ArrayLike, letters: ArrayLike, words: ArrayLike, level: Level) -> Vectors:
    """How surely passages are about what is asked, 0..1, comparable between questions. `words` is the share
    of the question's stems that one holds; 1 where it is in another language, which has other words.

    Topics that a collection doesn't hold are told by words, answers that come near by meaning: no one number
    tells both as well.
    """
    lacking = (1 - level.knowledge) * np.maximum(0.0, _LEAST_WORDS - np.asarray(words, np.float32))
    return _logistic(_likely(likeness, letters) - lacking - _MIDDLE_OF_TOPIC)


def _likely(likeness: ArrayLike, letters: ArrayLike) -> Vectors:
    return np.asarray(likeness, np.float32) + np.float32(_LETTERS_OF_RELEVANCE) * np.asarray(
        letters, np.float32
    )


def _logistic(value: Vectors) -> Vectors:
    logistic: Vectors = 1 / (1 + np.exp(-_STEEPNESS * value))
    return logistic


def _likenesses(asked: Asked, chunks: Sequence[Chunk], by_vector: Sequence[Hit]) -> tuple[Vectors, Vectors]:
    """Of each whole passage and of its best statement, float[n] each.

    A passage whose statements have no vectors is taken as a whole, and one that isn't embedded yet as the
    last that was found by its vector: who asks meanwhile is to be answered.
    """
    whole, best = similarities(asked.vector, [chunk.sentences for chunk in chunks])
    known = {hit.chunk.id: hit.score for hit in by_vector}
    farthest = min(known.values(), default=np.nan)
    own = np.array([known.get(chunk.id, farthest) for chunk in chunks], np.float32)
    likenesses = [asked.level.likeness(np.where(np.isnan(one), own, one)) for one in (whole, best)]
    whole, best = (np.where(np.isnan(one), _UNKNOWN_LIKENESS, one) for one in likenesses)
    return whole, best


def _shared_words(asked: Asked, languages: Sequence[str], seen: Sequence[Seen]) -> tuple[Vectors, Vectors]:
    """The share of the question's stems that each passage holds, and its BM25 beside the best one's: 0..1,
    float[n] each. BM25 knows how often a word stands in how long a passage, and has no scale of its own.
    """
    lengths = np.array([one.length for one in seen], np.float32)
    damping = _K1 * (1 - _B + _B * lengths / (lengths.mean() or 1.0))
    shares, scores = np.zeros(len(seen), np.float32), np.zeros(len(seen), np.float32)
    for language in set(languages):
        weights = _wanted(asked, language)
        if not weights:
            continue
        rarity = np.array(list(weights.values()), np.float32)
        apart = [f" {term} " for term in weights]
        of_language = [i for i, one in enumerate(languages) if one == language]
        counts = counted([seen[i] for i in of_language], apart)
        shares[of_language] = (counts > 0) @ rarity / rarity.sum()
        scores[of_language] = counts / (counts + damping[of_language, None]) @ rarity
    return shares, scores / (scores.max() or 1.0)


def _wanted(asked: Asked, language: str) -> dict[str, float]:
    """The question's stems by the rules of a language, with their rarity."""
    return _rarest(
        {term: asked.rarity.of(term) for term in question_terms(asked.text, frozenset([language]))}
    )


def _shared_names(asked: Asked, documents: Mapping[str, Document]) -> dict[str, float]:
    """Of those of the question's words that documents are called by, the share that each is, 0..1: "Best Buy
    in FY2023" means BESTBUY_2023_10K.pdf. Nothing where no document is meant.
    """
    names = {id_: frozenset(heading_terms(document)) for id_, document in documents.items()}
    rarity = Rarity(names.values())
    meant = {
        language: {
            term: rarity.of(term)
            for term in search_terms(asked.text, frozenset([language]))
            if rarity.holds(term)
        }
        for language in {document.language for document in documents.values()}
    }
    shares = {}
    for id_, document in documents.items():
        weights = meant[document.language]
        held = sum(weight for term, weight in weights.items() if term in names[id_])
        shares[id_] = held / sum(weights.values()) if weights else 0.0
    return shares
