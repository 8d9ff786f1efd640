"""How rare words are in a collection, read off a sample of its passages.

A word that every passage holds says little about one of them. A thousand passages tell that as well as all
do (docs/retrieval.md), whatever the store counts by itself; and the words of a question that no passage of
the sample holds are the rare ones.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Self

from database.records import Chunk
from database.stores.base import Store
from database.terms import terms

_SAMPLED = 1_000  # passages
_CHANGED = 0.05  # of the collection's passages, after which another sample is taken


class Rarity:
    """Of terms (see database.terms), by how many passages hold them."""

    def __init__(self, passages: Iterable[Iterable[str]]) -> None:
        sets = [frozenset(held) for held in passages]
        self._number = len(sets)
        self._frequency = Counter(term for held in sets for term in held)

    @classmethod
    def among(cls, chunks: Sequence[Chunk]) -> Self:
        return cls(terms(chunk.text, chunk.language) for chunk in chunks)

    def holds(self, term: str) -> bool:
        return term in self._frequency

    def of(self, term: str) -> float:
        """0 or more: the inverse document frequency of BM25 (Robertson, Zaragoza, 2009)."""
        frequency = self._frequency[term]
        return math.log(1 + (self._number - frequency + 0.5) / (frequency + 0.5))


class CollectionRarity:
    """The rarity in a store's collection, kept up with what is loaded and removed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known = Rarity([])
        self._chunks = 0
        self._sampling = asyncio.Lock()

    async def current(self) -> Rarity:
        """Raises StoreError."""
        chunks = (await self._store.count()).chunks
        if self._differs(chunks) and not (self._chunks and self._sampling.locked()):
            async with self._sampling:
                if self._differs(chunks):  # nobody else took it meanwhile
                    sample = await self._store.sample(_SAMPLED)
                    self._known = await asyncio.to_thread(Rarity.among, sample)
                    self._chunks = chunks
        return self._known

    def _differs(self, chunks: int) -> bool:
        return abs(chunks - self._chunks) > _CHANGED * self._chunks
