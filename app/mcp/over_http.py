"""The tools over HTTP: a request of aiohttp's is handed to the protocol's own transport, which speaks ASGI.

Each request stands alone: there are no sessions that a restart would end, and no stream that would keep the
server from stopping. Whoever closes the connection cancels what they asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from app.mcp.server import create_server
from app.mcp.shelf import Shelf

Handle = Callable[[web.Request], Awaitable[web.Response]]


@asynccontextmanager
async def serving(shelf: Shelf) -> AsyncIterator[Handle]:
    """What answers requests, which have passed the middlewares: hosts and origins are checked there."""

    async def opened() -> Shelf:
        return shelf

    manager = StreamableHTTPSessionManager(create_server(opened), json_response=True, stateless=True)

    async def handle(request: web.Request) -> web.Response:
        exchange = _Exchange(await request.read())
        await manager.handle_request(_scope(request), exchange.receive, exchange.send)
        return exchange.response

    async with manager.run():
        yield handle


class _Exchange:
    """One request and its response, as ASGI has them: https://asgi.readthedocs.io/en/latest/specs/www.html"""

    def __init__(self, body: bytes) -> None:
        self._unread: bytes | None = body
        self.response = web.Response(status=500)

    async def receive(self) -> MutableMapping[str, Any]:
        if self._unread is None:
            await asyncio.Event().wait()  # aiohttp cancels the handler when the client leaves
        body, self._unread = self._unread, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.response = web.Response(status=message["status"])
            for name, value in message.get("headers", ()):
                self.response.headers.add(name.decode("latin-1"), value.decode("latin-1"))
        else:
            before = self.response.body or b""
            self.response.body = before + message.get("body", b"")


def _scope(request: web.Request) -> MutableMapping[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": f"{request.version.major}.{request.version.minor}",
        "method": request.method,
        "scheme": request.scheme,
        "path": request.path,
        "raw_path": request.raw_path.encode(),
        "query_string": request.query_string.encode(),
        "headers": [(name.lower(), value) for name, value in request.raw_headers],
    }
