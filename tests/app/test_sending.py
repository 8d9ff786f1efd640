"""Lines reach whoever reads them, however they read."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web

from app import answers, ndjson
from tests.app.fakes import FakeModel, a_collection, a_match
from tests.app.talking import served, talking
from tests.stand_ins.ollama import OllamaStandIn
from tests.stand_ins.serving import serve

FOUND = a_collection([a_match()])
BODY = b'{"prompt": "What?"}'


@contextmanager
def asked(address: str, version: str, room: int | None = None) -> Iterator[socket.socket]:
    """A connection on which a question was asked; its system holds about so many bytes of the answer."""
    there = urlsplit(address)
    with socket.socket() as reader:
        if room:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        reader.connect((there.hostname, there.port))
        head = f"POST / HTTP/{version}\r\nHost: localhost\r\nContent-Length: {len(BODY)}\r\n\r\n"
        reader.sendall(head.encode() + BODY)
        yield reader


def text_of(body: bytes) -> str:
    lines = [json.loads(line) for line in body.splitlines()]
    assert [line["done"] for line in lines].count(True) == 1
    assert lines[-1]["done_reason"] == "stop"
    return "".join(line["message"]["content"] for line in lines)


async def test_a_reader_that_lags_behind_gets_every_line() -> None:
    """In their order: what isn't taken at once waits, as does what follows."""
    pieces = [f"word{n} " for n in range(1_500)]

    def read(address: str) -> bytes:
        with asked(address, "1.1", room=4_096) as reader:
            response = http.client.HTTPResponse(reader, method="POST")
            response.begin()
            body = b""
            while part := response.read1(8_192):
                body += part
                time.sleep(0.001)
            return body

    for one_write in (True, False):
        stand_in = OllamaStandIn(pieces=pieces, one_write=one_write)
        async with stand_in.running() as ollama, served(FOUND, ollama_host=ollama) as address:
            body = await asyncio.wait_for(asyncio.to_thread(read, address), 30)
        assert text_of(body) == "".join(pieces)


async def test_a_reader_that_takes_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long before all of the answer waits for it in memory; systems hold some megabytes."""
    monkeypatch.setattr(ndjson, "WRITE_SECONDS", 0.1)
    monkeypatch.setattr(answers, "COMING_BACK_SECONDS", 0.05)
    long = "m" * 5_000  # each line has the model's name
    stand_in = OllamaStandIn(pieces=[f"word{n} " for n in range(4_000)], models=(long,), pause=0.0001)
    async with (
        stand_in.running() as ollama,
        served(FOUND, ollama_host=ollama, ollama_model=long) as address,
    ):
        with asked(address, "1.1", room=4_096):
            await asyncio.wait_for(stand_in.left.wait(), 20)


@pytest.mark.parametrize("library", ["asyncio", "uvloop"])
def test_who_has_left_takes_no_line(library: str) -> None:
    """Nobody who writes an answer fails for it, in the moment before the reader is known to have left."""
    loops = pytest.importorskip(library)

    async def handed_on() -> list[bool]:
        took: list[bool] = []
        ended = asyncio.Event()

        async def handle(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse()
            await response.prepare(request)
            put = ndjson.at_once(request, response)
            took.append(put(b"one\n"))
            assert request.transport
            request.transport.close()
            took.append(put(b"two\n"))
            try:
                while not ended.is_set():
                    await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                await asyncio.sleep(0.01)  # it is closed now, and no longer only closing
                took.append(put(b"three\n"))
                ended.set()
                raise
            return response

        app = web.Application()
        app.router.add_get("/", handle)
        async with serve(app) as address, aiohttp.ClientSession() as client:
            with contextlib.suppress(aiohttp.ClientError):
                async with client.get(address) as response:
                    assert await response.content.readline() == b"one\n"
                    await response.read()
            await asyncio.wait_for(ended.wait(), 5)
        return took

    with asyncio.Runner(loop_factory=loops.new_event_loop) as runner:
        assert runner.run(handed_on()) == [True, False, False]


async def test_an_old_client_gets_lines_and_nothing_else() -> None:
    """HTTP/1.0 has no chunks: the connection's end is the answer's."""

    def read(address: str) -> bytes:
        with asked(address, "1.0") as reader:
            return b"".join(iter(lambda: reader.recv(8_192), b""))

    pieces = ["One ", "two ", "three."]
    stand_in = OllamaStandIn(pieces=pieces, pause=0.01)
    async with stand_in.running() as ollama, served(FOUND, ollama_host=ollama) as address:
        answered = await asyncio.wait_for(asyncio.to_thread(read, address), 10)
    head, _, body = answered.partition(b"\r\n\r\n")
    assert b"200 OK" in head
    assert text_of(body) == "One two three."


async def test_who_asks_for_the_head_alone_gets_no_lines() -> None:
    """The next response on the connection would be read from them."""
    async with talking(FOUND, models=[FakeModel()]) as client:
        async with client.post("/", json={"prompt": "What?"}) as response:
            lines = (await response.read()).splitlines()
        address = f"/answers/{json.loads(lines[0])['id']}"
        for _ in range(2):
            async with client.head(address) as head:
                assert head.status == 200
                assert await head.read() == b""
        async with client.get(address) as again:
            assert (await again.read()).splitlines() == lines
