"""Web servers on this machine, and names for them.

The tests allow 127.0.0.1, which stands for the internet; 127.0.0.2 stands for what isn't public.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import IPv4Network

from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer

from database.load.web.addresses import Policy

PUBLIC = "127.0.0.1"
PRIVATE = "127.0.0.2"
POLICY = Policy((IPv4Network(f"{PUBLIC}/32"),))

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Names(AbstractResolver):
    """Answers for each name with its lists of addresses in turn, the last one again and again."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self._answers = {name.replace("_", "."): lists for name, lists in answers.items()}
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        lists = self._answers.get(host)
        if not lists:
            raise OSError(f"no such name: {host}")
        addresses = lists.pop(0) if len(lists) > 1 else lists[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        pass


@asynccontextmanager
async def serving(handler: Handler, host: str = PUBLIC) -> AsyncIterator[int]:
    """A server that gives every request to the handler; its port."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    async with TestServer(app, host=host) as server:
        assert server.port is not None
        yield server.port


@asynccontextmanager
async def answering(raw: bytes, *, then: Callable[[], Awaitable[None]] | None = None) -> AsyncIterator[int]:
    """A server that sends these bytes to whoever asks, does what it is told, and closes; its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(raw)
            await writer.drain()
            if then:
                await then()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, PUBLIC, 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
