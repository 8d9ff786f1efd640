"""Which vectors a collection answers with, and which are being made by another embedder: for every store.

A collection has one set of vectors, and a second one while it changes over from one embedder to another. The
first answers until the second is whole; then one step exchanges them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class VectorSet:
    """The vectors of one embedder, "" until there is one. What belongs to the first set of a collection has
    plain names; what belongs to a later one has its number, which no other set ever has.
    """

    embedder: str = ""
    number: int = 1

    def named(self, name: str) -> str:
        return name if self.number == 1 else f"{name}_{self.number}"


@dataclass(frozen=True, kw_only=True, slots=True)
class VectorSets:
    """`last` is the highest number that a set has ever had."""

    answering: VectorSet = VectorSet()
    coming: VectorSet | None = None
    last: int = 1

    @property
    def written(self) -> VectorSet:
        """What new vectors become part of."""
        return self.coming or self.answering

    def names(self, name: str) -> Collection[str]:
        """Of what belongs to either set."""
        return {one.named(name) for one in (self.answering, self.written)}

    def for_writer(self, embedder: str) -> VectorSets:
        """As they must be where this embedder makes the vectors: none are coming where it is the one that
        answers, and another one's are given up.
        """
        if self.answering.embedder in ("", embedder):
            return replace(self, coming=None)
        if self.coming and self.coming.embedder == embedder:
            return self
        return replace(self, coming=VectorSet(embedder, self.last + 1), last=self.last + 1)

    def exchanged(self) -> VectorSets:
        return replace(self, answering=self.written, coming=None)
