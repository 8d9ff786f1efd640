"""What answers at `/mcp`."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from aiohttp import web

from app.mcp.shelf import Shelf

if TYPE_CHECKING:
    from app.mcp.over_http import Handle


class Endpoint:
    """Opened by the first request: to import the protocol's package takes most of a second, and many never
    ask for it.
    """

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._opened: asyncio.Future[Handle] | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def answer(self, request: web.Request) -> web.Response:
        if self._opened is None:
            self._opened = asyncio.get_running_loop().create_future()
            self._keeping = asyncio.create_task(self._keep(self._opened))
        handle = await asyncio.shield(self._opened)
        return await handle(request)

    async def close(self) -> None:
        if self._keeping:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)

    async def _keep(self, opened: asyncio.Future[Handle]) -> None:
        """In a task of its own: the one that opens it must be the one that closes it."""
        async with await asyncio.to_thread(_serving, self._shelf) as handle:
            opened.set_result(handle)
            await asyncio.Event().wait()


def _serving(shelf: Shelf) -> AbstractAsyncContextManager[Handle]:
    from app.mcp.over_http import serving

    return serving(shelf)
