"""How others cut and find, as their own settings have it, so that they can be rebuilt with one embedder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Leg = Literal["vectors", "words"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cut:
    """How documents become passages: by langchain-text-splitters, in characters."""

    splitter: Literal["recursive", "markdown"]
    size: int
    overlap: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Peer:
    """A pipeline. Several `legs` are fused by reciprocal ranks; one alone leaves out what is below
    `least_cosine`.
    """

    name: str
    cut: Cut
    k: int
    legs: tuple[Leg, ...] = ("vectors",)
    least_cosine: float = -1.0

    @property
    def says(self) -> str:
        """Its settings, in a line."""
        least = f", cosine ≥ {self.least_cosine}" if self.least_cosine > -1 else ""
        fused = ", reciprocal ranks fused" if len(self.legs) > 1 else ""
        cut = f"{self.cut.splitter} splitter, {self.cut.size}/{self.cut.overlap} characters"
        return f"{cut}, {' and '.join(self.legs)}{least}{fused}"


PEERS = {
    peer.name: peer
    for peer in (
        Peer(name="tutorial", cut=Cut(splitter="markdown", size=4000, overlap=200), k=10),
        Peer(name="open-webui", cut=Cut(splitter="recursive", size=1000, overlap=100), k=3),
        Peer(
            name="anything-llm",
            cut=Cut(splitter="recursive", size=1000, overlap=20),
            k=4,
            least_cosine=0.25,
        ),
        Peer(name="librechat", cut=Cut(splitter="recursive", size=1500, overlap=100), k=4),
        Peer(
            name="rrf",
            cut=Cut(splitter="recursive", size=1000, overlap=100),
            k=10,
            legs=("vectors", "words"),
        ),
    )
}
