"""What every embedder promises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from database.stores.base import Vectors


class TokenCounts(NamedTuple):
    """How many tokens each of some passages has, and after how many the model ignores the rest of one."""

    counts: list[int]
    limit: int


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

    async def count_tokens(self, texts: Sequence[str]) -> TokenCounts | None:
        """As `embed_documents` would have them, with what the model puts around a passage; None where that
        can't be known. Raises EmbedderUnavailable.
        """

    async def rest(self) -> None:
        """Give back what can be had again (memory, connections) until it is asked again."""


class Embedder(PassageEmbedder, Protocol):
    """Turns passages and questions into vectors."""

    @property
    def dimensions(self) -> int | None:
        """The length of a vector; None where only the first answer tells."""

    @property
    def max_tokens(self) -> int | None:
        """Tokens after which the model ignores the rest of a text; None where only the first answer tells,
        or nothing does.
        """

    async def embed_query(self, text: str) -> Vectors:
        """float32[dimensions], not to be written to. Raises EmbedderUnavailable."""
