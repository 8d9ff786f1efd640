"""Passages that are all in memory, searched there: by their vectors and by their words.

Whoever asks ten thousand passages waits for the database around them, not for the comparing: here both
searches together take a fifth of the processor's time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from database.batches import Batches
from database.embedders.vectors import unit
from database.records import Chunk, Hit, Scope
from database.seen import Seen
from database.stores.base import Vectors

_TOGETHER = 8  # vectors: all passages' are read from memory once for them
_K1, _B = 1.2, 0.75

Allowed = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]
Passages = Sequence[tuple[Chunk, Seen]]


class _Asked(NamedTuple):
    vector: Vectors
    allowed: Allowed
    limit: int


class InMemory:
    """Passages, and what they are searched by: `keys` says of each its document_id, its version, and its
    library; `terms` are each one's terms, with blanks between; `embeddings` are lists of d numbers, null
    where there is none yet.
    """

    def __init__(
        self,
        passages: Passages,
        keys: pa.Table,
        terms: pa.Array,
        embeddings: pa.FixedSizeListArray | None,
    ) -> None:
        self._passages = passages
        self._documents = _Coded(keys.column("document_id"))
        self._libraries = _Coded(keys.column("library"))
        self._versions = keys.column("version").to_numpy()
        self._words = _Words(terms)
        self._embedded = np.zeros(len(passages), bool)
        self._vectors = np.zeros((0, len(passages)), np.float32)
        if embeddings is not None:
            self._embedded = embeddings.is_valid().to_numpy(zero_copy_only=False)
            self._vectors = np.zeros((embeddings.type.list_size, len(passages)), np.float32)
            there = embeddings.drop_null().flatten().to_numpy()
            self._vectors[:, self._embedded] = unit(there.reshape(-1, embeddings.type.list_size)).T
        # Not with a method of this: what refers to itself is let go late, and this is large.
        compare = partial(_compare, self._vectors, passages)
        self._asking: Batches[_Asked, list[Hit]] = Batches(compare, most=_TOGETHER)

    async def nearest(
        self, vector: Vectors, scope: Scope, hidden: Collection[tuple[str, int]], limit: int
    ) -> list[Hit]:
        """The passages that the scope allows and that aren't hidden, by the cosine with a vector, best first.

        Raises ValueError where the vector has another length than theirs.
        """
        if len(vector) != len(self._vectors):
            if not self._embedded.any():
                return []
            raise ValueError(f"a vector of {len(vector)} numbers, where {len(self._vectors)} are")
        allowed = self._allowed(scope, hidden) & self._embedded
        return await self._asking.ask(_Asked(unit(vector), allowed, limit))

    def sharing_words(
        self, terms: Iterable[str], scope: Scope, hidden: Collection[tuple[str, int]], limit: int
    ) -> list[Hit]:
        """Those that hold any of the terms, by BM25, best first."""
        scores = self._words.scores(terms)
        return _best(self._passages, scores, self._allowed(scope, hidden) & (scores > 0), limit)

    def _allowed(self, scope: Scope, hidden: Iterable[tuple[str, int]]) -> Allowed:
        allowed = self._libraries.among(scope.libraries)
        if scope.documents is not None:
            allowed &= self._documents.among(scope.documents)
        for document_id, version in hidden:
            allowed &= ~(self._documents.among([document_id]) & (self._versions == version))
        return allowed


async def _compare(vectors: Vectors, passages: Passages, asked: list[_Asked]) -> list[list[Hit]]:
    return await asyncio.to_thread(_together, vectors, passages, asked)


def _together(vectors: Vectors, passages: Passages, asked: list[_Asked]) -> list[list[Hit]]:
    scores = np.stack([one.vector for one in asked]) @ vectors
    return [_best(passages, of, one.allowed, one.limit) for of, one in zip(scores, asked, strict=True)]


def _best(passages: Passages, scores: Vectors, allowed: Allowed, limit: int) -> list[Hit]:
    places: Places = np.flatnonzero(allowed)
    if len(places) > limit:
        places = places[np.argpartition(-scores[places], limit)[:limit]]
    ordered = places[np.argsort(-scores[places], kind="stable")]
    return [
        Hit(chunk=chunk, seen=seen, score=score)
        for (chunk, seen), score in zip(
            (passages[place] for place in ordered.tolist()), scores[ordered].tolist(), strict=True
        )
    ]


class _Coded:
    """A column of texts of which many are the same."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        coded = column.combine_chunks().dictionary_encode()
        self._codes = coded.indices.to_numpy()
        self._code_of = {text: code for code, text in enumerate(coded.dictionary.to_pylist())}

    def among(self, texts: Iterable[str]) -> Allowed:
        """Where it is one of these."""
        wanted = np.zeros(len(self._code_of), bool)
        wanted[[self._code_of[text] for text in texts if text in self._code_of]] = True
        found: Allowed = wanted[self._codes]
        return found


class _Words:
    """Which passage holds which terms, and what each is worth there: BM25 (Robertson, Zaragoza, 2009)."""

    def __init__(self, terms: pa.Array) -> None:
        number = len(terms)
        split = pc.utf8_split_whitespace(terms)
        coded = split.flatten().dictionary_encode()
        self._code_of = {term: code for code, term in enumerate(coded.dictionary.to_pylist())}
        passages = np.repeat(np.arange(number), pc.list_value_length(split).to_numpy())
        codes = coded.indices.to_numpy().astype(np.int64)
        if (blank := self._code_of.pop("", None)) is not None:  # before the first, and after the last
            passages, codes = passages[codes != blank], codes[codes != blank]
        lengths = np.bincount(passages, minlength=number)
        pairs, often = np.unique(codes * max(number, 1) + passages, return_counts=True)
        codes, self._passages = np.divmod(pairs, max(number, 1))
        held_by = np.bincount(codes, minlength=len(coded.dictionary))
        self._ends = np.cumsum(held_by)
        rarity = np.log(1 + (number - held_by + 0.5) / (held_by + 0.5))
        damping = _K1 * (1 - _B + _B * lengths / max(lengths.mean() if number else 0.0, 1.0))
        worth = rarity[codes] * often * (_K1 + 1) / (often + damping[self._passages])
        self._worth = worth.astype(np.float32)
        self._starts = self._ends - held_by
        self._number = number

    def scores(self, terms: Iterable[str]) -> Vectors:
        """Of each passage, float32[n]; 0 where it holds none of the terms."""
        scores = np.zeros(self._number, np.float32)
        for code in {self._code_of[term] for term in terms if term in self._code_of}:
            of_term = slice(self._starts[code], self._ends[code])
            scores[self._passages[of_term]] += self._worth[of_term]
        return scores
