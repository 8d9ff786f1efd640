"""The order of the passages that were found for a question, and how surely each answers it: pure functions.

A passage is as good as its best statement: one sentence holds the answer, and what stands around it speaks
of other things. So what is asked is looked for in each statement of a passage, by its meaning and by the
letters of its words; the passage as a whole adds the rest. Every number here is on a scale of its own, 0..1,
so that a part that knows nothing of the question adds nothing, where reciprocal ranks would let its first
hit outvote what another is sure of. Nothing depends on how a store counts.

The weights are measured: docs/retrieval.md tells what each part is worth.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain

import numpy as np

from database.calibration import Level
from database.rarity import Rarity
from database.records import Chunk, Document, Hit
from database.sentence_vectors import similarities
from database.sentences import statements
from database.stores.base import Vectors
from database.stores.heading import heading_terms
from database.terms import (
    content_words,
    fold,
    question_terms,
    search_terms,
    terms,
    terms_of,
    words_of_folded,
)

_K1, _B = 1.2, 0.75

# Relevance is a logistic function, 0.5 in the middle. Of questions about XQuAD in English and Spanish, about
# 5 % of those that the collection answers are below it, and as many of those about something else above.
_STEEPNESS = 8.0
_MIDDLE = 0.58
_MIDDLE_UNKNOWN = 0.11  # more, where the embedder doesn't know the language
_LETTERS_OF_RELEVANCE = 0.5

# While nothing is embedded: between passages that speak of what is asked and those that don't.
_UNKNOWN_LIKENESS = 0.3

_GRAMS = (4, 5)
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
    def words(self) -> tuple[AskedWord, ...]:
        weights = {word: self.rarity.of(terms(word, self.language)[0]) for word in content_words(self.text)}
        return tuple(AskedWord(word, weight) for word, weight in _rarest(weights).items())


def _rarest(weights: Mapping[str, float]) -> dict[str, float]:
    """Those that tell most, where somebody asks a whole page: each is looked for in each candidate."""
    if len(weights) <= _MOST_WORDS:
        return dict(weights)
    return dict(sorted(weights.items(), key=lambda pair: -pair[1])[:_MOST_WORDS])


class AskedWord:
    """A word of the question, as its letters are looked for; `weight` is its rarity."""

    def __init__(self, word: str, weight: float) -> None:
        self.weight = weight
        self._whole = f" {word} "
        self._grams = grams(word)

    def shares_in(self, seen: Seen) -> list[float]:
        """How much of it stands in each statement, 0..1: inflection, derivation and mistakes leave most of a
        word's letters as they are. Empty, where none of it stands in any.
        """
        there = list(filter(seen.whole.__contains__, self._grams))
        if not there:
            return []
        return [
            1.0 if self._whole in statement else sum(map(statement.__contains__, there)) / len(self._grams)
            for statement in seen.statements
        ]


def grams(word: str) -> list[str]:
    """The runs of four and five letters of a folded word, with the blanks around it; none twice."""
    whole = f" {word} "
    runs = (whole[start : start + n] for n in _GRAMS for start in range(len(whole) - n + 1))
    return list(dict.fromkeys(runs)) or [whole]


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
    found = {hit.chunk.id: hit.chunk for hit in (*by_vector, *by_text)}
    chunks = [chunk for chunk in found.values() if chunk.document_id in documents]
    if not chunks:
        return []
    whole, best = _likenesses(asked, chunks, by_vector)
    letters = np.array([_letters(asked, _seen(chunk.text, chunk.language)) for chunk in chunks])
    word_share, bm25 = _shared_words(asked, chunks)
    names = _shared_names(asked, documents)
    likeness = weights.best_statement * best + (1 - weights.best_statement) * whole
    score = (
        (weights.likeness + weights.known_likeness * asked.level.knowledge) * likeness
        + weights.letters * letters
        + weights.words * word_share
        + weights.bm25 * bm25
        + weights.name * np.array([names[chunk.document_id] for chunk in chunks])
    )
    ranked = [
        Found(
            chunk=chunk,
            score=float(score[i]),
            relevance=relevance(float(whole[i] + best[i]) / 2, float(letters[i]), asked.level),
            vector_rank=vector_ranks.get(chunk.id),
            text_rank=text_ranks.get(chunk.id),
        )
        for i, chunk in enumerate(chunks)
    ]
    return sorted(ranked, key=lambda one: (-one.score, one.chunk.document_id, one.chunk.position))


def relevance(likeness: float, letters: float, level: Level) -> float:
    """How surely a passage answers, 0..1, comparable between questions."""
    middle = _MIDDLE + _MIDDLE_UNKNOWN * (1 - level.knowledge)
    return 1 / (1 + math.exp(-_STEEPNESS * (likeness + _LETTERS_OF_RELEVANCE * letters - middle)))


def _likenesses(asked: Asked, chunks: Sequence[Chunk], by_vector: Sequence[Hit]) -> tuple[Vectors, Vectors]:
    """Of each whole passage and of its best statement, float[n] each.

    A passage whose statements have no vectors is taken as a whole, and one that isn't embedded yet as the
    last that was found by its vector: who asks meanwhile is to be answered.
    """
    known = {hit.chunk.id: hit.score for hit in by_vector}
    found = similarities(asked.vector, [chunk.sentences for chunk in chunks])
    farthest = min(known.values(), default=None)
    whole, best = np.zeros(len(chunks), np.float32), np.zeros(len(chunks), np.float32)
    for i, (chunk, similarity) in enumerate(zip(chunks, found, strict=True)):
        if similarity is None and (own := known.get(chunk.id, farthest)) is not None:
            similarity = own, own
        likenesses = map(asked.level.likeness, similarity) if similarity else (_UNKNOWN_LIKENESS,) * 2
        whole[i], best[i] = likenesses
    return whole, best


@dataclass(frozen=True, slots=True)
class Seen:
    """A passage as it is compared: its statements, folded, with a blank around each word, and its terms."""

    whole: str
    statements: tuple[str, ...]
    terms: tuple[str, ...]


@lru_cache(maxsize=12_000)
def _seen(text: str, language: str) -> Seen:
    """Questions bring the same passages again; 12,000 of them take about 40 MB."""
    lines = "\n".join(text[start:end].replace("\n", " ") for start, end in statements(text))
    said = [words_of_folded(line) for line in fold(lines).split("\n")]
    folded = tuple(f" {' '.join(line)} " for line in said)
    return Seen("".join(folded), folded, tuple(terms_of(chain.from_iterable(said), language)))


def _letters(asked: Asked, seen: Seen) -> float:
    """The share of the question's words whose letters stand in one statement, 0..1, the best one's."""
    total = 0.0
    shares = [0.0] * len(seen.statements)
    for word in asked.words:
        total += word.weight
        for i, share in enumerate(word.shares_in(seen)):
            shares[i] += word.weight * share
    return max(shares) / total if total else 0.0


def _shared_words(asked: Asked, chunks: Sequence[Chunk]) -> tuple[Vectors, Vectors]:
    """The share of the question's stems that each passage holds, and its BM25 beside the best one's: 0..1,
    float[n] each. BM25 knows how often a word stands in how long a passage, and has no scale of its own.
    """
    seen = [_seen(chunk.text, chunk.language) for chunk in chunks]
    usual = sum(len(one.terms) for one in seen) / len(seen) or 1.0
    wanted = {
        language: _rarest(
            {term: asked.rarity.of(term) for term in question_terms(asked.text, frozenset([language]))}
        )
        for language in {chunk.language for chunk in chunks}
    }
    shares, scores = [], []
    for chunk, one in zip(chunks, seen, strict=True):
        weights = wanted[chunk.language]
        damping = _K1 * (1 - _B + _B * len(one.terms) / usual)
        counted = ((weight, one.terms.count(term)) for term, weight in weights.items())
        held = [(weight, number) for weight, number in counted if number]
        total = sum(weights.values())
        shares.append(sum(weight for weight, _ in held) / total if total else 0.0)
        scores.append(sum(weight * number / (number + damping) for weight, number in held))
    best = max(scores) or 1.0
    return np.array(shares, np.float32), np.array(scores, np.float32) / np.float32(best)


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
