"""`scripts/ask` as a process of its own, in a pipe or at a terminal."""

from __future__ import annotations

import asyncio
import os
import pty
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

from scripts.start.places import CLONE
from tests.stand_ins.serving import serve

SECONDS = 20.0
_PASSED_ON = ("PATH", "HOME")


@dataclass(frozen=True, kw_only=True)
class Told:
    """What came of a command."""

    status: int
    out: str
    err: str


def environ(server: str, **more: str) -> dict[str, str]:
    """English, the server where the settings say, and no place to keep what was said."""
    port = server.rpartition(":")[2]
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    ours = {"HOST": "127.0.0.1", "PORT": port, "LANG": "en_US.UTF-8", "XDG_STATE_HOME": os.devnull}
    return {**kept, **ours, **more}


async def started(
    server: str, *arguments: str, variables: Mapping[str, str] | None = None
) -> asyncio.subprocess.Process:
    """In a pipe on all sides."""
    return await asyncio.create_subprocess_exec(
        CLONE.root / "scripts" / "ask",
        *arguments,
        env=environ(server, **(variables or {})),
        cwd="/",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def asked(
    server: str, *arguments: str, typed: str = "", variables: Mapping[str, str] | None = None
) -> Told:
    """To its end."""
    process = await started(server, *arguments, variables=variables)
    async with asyncio.timeout(SECONDS):
        out, err = await process.communicate(typed.encode())
    assert process.returncode is not None
    return Told(status=process.returncode, out=out.decode(), err=err.decode())


async def at_terminal(server: str, *arguments: str, **variables: str) -> Told:
    """With a terminal on all sides: what it shows is `out`."""
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        CLONE.root / "scripts" / "ask",
        *arguments,
        env=environ(server, **{"TERM": "xterm", **variables}),
        cwd="/",
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    async with asyncio.timeout(SECONDS):
        shown = await asyncio.to_thread(_everything, ours)
        status = await process.wait()
    return Told(status=status, out=shown.replace("\r\n", "\n"), err="")


def _everything(terminal: int) -> str:
    read = b""
    with suppress(OSError):  # how Linux says that nobody writes to it any more
        while piece := os.read(terminal, 4096):
            read += piece
    os.close(terminal)
    return read.decode()


@dataclass
class Cutting:
    """Stands before a server, and loses the connection of an answer after so many lines, each time anew."""

    server: str
    after: list[int]
    comes_back: bool = True
    asked: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._pass_on)
        async with serve(app) as address:
            yield address

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(f"{request.method} {request.rel_url}")
        if len(self.asked) > 1 and not self.comes_back:
            return web.json_response({"error": "gone", "code": "unknown_answer"}, status=404)
        async with (
            aiohttp.ClientSession(self.server) as session,
            session.request(
                request.method, str(request.rel_url), data=await request.read(), headers=request.headers
            ) as given,
        ):
            response = web.StreamResponse(status=given.status, headers={"Content-Type": given.content_type})
            await response.prepare(request)
            most = self.after.pop(0) if self.after else None
            n = 0
            async for line in given.content:
                if n == most:
                    await response.write(line[: len(line) // 2])
                    await asyncio.sleep(0.05)
                    assert request.transport
                    request.transport.abort()
                    break
                await response.write(line)
                n += 1
        return response
