"""Embeds no text twice: documents that are cut in several ways still say the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from database.embedders.base import PassageEmbedder, TokenCounts
from database.stores.base import Vectors


class RememberingEmbedder:
    """Holds every vector that it was asked for: 1.5 KB each with the bundled model."""

    def __init__(self, embedder: PassageEmbedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Vectors] = {}

    @property
    def name(self) -> str:
        return self._embedder.name

    def warm(self) -> None:
        self._embedder.warm()

    async def rest(self) -> None:
        await self._embedder.rest()

    async def count_tokens(self, texts: Sequence[str]) -> TokenCounts | None:
        return await self._embedder.count_tokens(texts)

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        vectors = await self._embedder.embed_documents(new)
        self._known.update(zip(new, vectors, strict=True))
        return np.stack([self._known[text] for text in texts]) if texts else vectors
