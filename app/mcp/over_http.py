"""The tools over HTTP: a request of aiohttp's is handed to the protocol's own transport, which speaks ASGI.

Each request stands alone: there are no sessions that a restart would end, and no stream that would keep the
server from stopping. Whoever closes the connection cancels what they asked for; clients of older versions of
the protocol say it in another request, and get a name for that.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from app.errors import BadRequest
from app.mcp.server import create_server
from app.mcp.shelf import Shelf
from app.messages import sentence

Handle = Callable[[web.Request], Awaitable[web.Response]]

_EXAMPLE = '{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}'

SESSION = "Mcp-Session-Id"
_NAME_BYTES = 16  # nobody guesses another one's


@asynccontextmanager
async def serving(shelf: Shelf) -> AsyncIterator[Handle]:
    """What answers requests, which have passed the middlewares: hosts and origins are checked there."""

    async def opened() -> Shelf:
        return shelf

    manager = StreamableHTTPSessionManager(create_server(opened), json_response=True, stateless=True)
    under_way = _UnderWay()

    async def handle(request: web.Request) -> web.Response:
        # What a form sends, a browser sends for any page without asking first.
        if request.content_type != "application/json":
            raise BadRequest(sentence("not_json", example=_EXAMPLE))
        exchange = _Exchange(await request.read())
        client, message = request.headers.get(SESSION, ""), _message(exchange.body)
        if message.get("method") == "notifications/cancelled":
            under_way.cancel(client, message)
        answering = manager.handle_request(_scope(request), exchange.receive, exchange.send)
        if not await under_way.ended(client, message, answering):
            return web.Response(status=202)  # whoever cancels a request gets no answer to it
        if message.get("method") == "initialize" and exchange.response.status == 200:
            exchange.response.headers[SESSION] = secrets.token_urlsafe(_NAME_BYTES)
        return exchange.response

    async with manager.run():
        yield handle


class _UnderWay:
    """The requests that are being answered, by the names of their clients and their ids. It is all that is
    kept of a client, so that one whose name was given before a restart is served as any other.
    """

    def __init__(self) -> None:
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}

    def cancel(self, client: str, message: Mapping[str, Any]) -> None:
        """What this message names, where it is this client's."""
        params = message.get("params")
        id_ = params.get("requestId") if isinstance(params, dict) else None
        if task := self._tasks.get((client, json.dumps(id_))):
            task.cancel()

    async def ended(
        self, client: str, message: Mapping[str, Any], answering: Coroutine[Any, Any, None]
    ) -> bool:
        """Whether it was answered to its end, and not cancelled by another request."""
        task = asyncio.create_task(answering)
        key = (client, json.dumps(message.get("id")))
        if client and "id" in message:
            self._tasks[key] = task
        try:
            await task
        except asyncio.CancelledError:
            if (waiting := asyncio.current_task()) and waiting.cancelling():
                raise
            return False
        finally:
            if self._tasks.get(key) is task:
                del self._tasks[key]
        return True


class _Exchange:
    """One request and its response, as ASGI has them: https://asgi.readthedocs.io/en/latest/specs/www.html"""

    def __init__(self, body: bytes) -> None:
        self.body = body
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


def _message(body: bytes) -> Mapping[str, Any]:
    """Nothing where it is none: the transport tells what is wrong with it."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


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
