"""The embedder that a collection answers with, which another one can replace while questions are asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from database.embedders.base import Embedder
from database.errors import EmbedderUnavailable

Open = Callable[[str], Awaitable[Embedder]]


class AnsweringEmbedder:
    """Opens the model whose vectors are searched, once, when it is first needed; the one before goes then.

    `wanted` names the model that is set. What it can't help is another one that can't be had any more.
    """

    def __init__(self, wanted: str, open_: Open) -> None:
        self._wanted = wanted
        self._open = open_
        self._opened: tuple[str, Embedder] | None = None
        self._opening = asyncio.Lock()

    async def of(self, name: str | None) -> Embedder:
        """The one of this name; of the setting where nothing is embedded yet. Raises EmbedderUnavailable."""
        name = name or self._wanted
        if self._opened and self._opened[0] == name:
            return self._opened[1]
        async with self._opening:
            if self._opened and self._opened[0] == name:
                return self._opened[1]
            opened = await self._open_or_explain(name)
            await self.rest()
            self._opened = name, opened
            return opened

    async def rest(self) -> None:
        """Give back what the open one holds."""
        if self._opened:
            await self._opened[1].rest()

    async def _open_or_explain(self, name: str) -> Embedder:
        try:
            return await self._open(name)
        except EmbedderUnavailable as error:
            if name == self._wanted:
                raise
            raise EmbedderUnavailable(
                "former_embedder_unavailable", detail=error.detail, stored=name, wanted=self._wanted
            ) from error
