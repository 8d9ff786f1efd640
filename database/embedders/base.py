"""What every embedder promises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from database.stores.base import Vectors


class PassageEmbedder(Protocol):
    """What a loader needs of an embedder. Vectors are of length 1: their dot product is the cosine
    similarity.
    """

    @property
    def name(self) -> str:
        """Names the model; collections embedded under different names don't mix."""

    def warm(self) -> None:
        """Passages will come: begin what takes long. It never fails; what can't be had is told to who
        asks.
        """

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """float32[len(texts), dimensions]. Raises EmbedderUnavailable."""


class Embedder(PassageEmbedder, Protocol):
    """Turns passages and questions into vectors."""

    @property
    def dimensions(self) -> int:
        """The length of a vector."""

    @property
    def max_tokens(self) -> int:
        """Tokens after which the model ignores the rest of a text."""

    async def embed_query(self, text: str) -> Vectors:
        """float32[dimensions]. Raises EmbedderUnavailable."""
