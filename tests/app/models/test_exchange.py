"""Requests to a model's server, whatever it answers and however the network cuts it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from app.models import rounds
from app.models.exchange import Broken, Hear, Refused, Request, Seconds, Silent, Unreached, parse, post

CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


@pytest.fixture(autouse=True, params=["in rounds", "by a transport"])
def reading(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection is read in one of two ways."""
    if request.param == "by a transport":
        monkeypatch.setattr(rounds, "possible", lambda: False)


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


@dataclass
class Server:
    """Answers its n-th connection with the n-th list of packets; after the last one it closes, or waits."""

    answers: Sequence[Sequence[bytes]]
    waits: bool = False
    asked: list[bytes] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        async with server:
            self.port = server.sockets[0].getsockname()[1]
            yield f"http://127.0.0.1:{self.port}/path?query"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._answer(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # whoever asked has left
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        self.asked.append(head + await reader.readexactly(length))
        for packet in self.answers[len(self.asked) - 1]:
            writer.write(packet.replace(b"PORT", str(self.port).encode()))
            await writer.drain()
            await asyncio.sleep(0.01)
        if self.waits:
            await reader.read()
            self.left.set()


def request(address: str, **more: object) -> Request:
    return Request(address=address, body={"a": "é"}, connect_seconds=2, **more)  # type: ignore[arg-type]


async def lines_of(
    server: Server,
    *,
    hear: Hear | None = None,
    seconds: Seconds = lambda _: 5.0,
    told: Callable[[bytes], bytes] = bytes.strip,
    **more: object,
) -> list[bytes]:
    heard: list[bytes] = []

    def hear_all(line: bytes) -> bool:
        heard.append(line)
        return False

    async with server.running() as address, asyncio.timeout(5):
        await post(request(address, **more), hear or hear_all, seconds, told)
    return heard


@pytest.mark.parametrize(
    "packets",
    [
        [CHUNKED, chunk(b'{"a":1}\n\n \r\n{"b":2}\r\n{"c"'), chunk(b":"), chunk(b"3}\n"), END],
        [CHUNKED + chunk(b'{"a":1}\n'), chunk(b'{"b":2}\n{"c":3}') + END],
        [CHUNKED + b"8\r\n{", b'"a":1}\n\r', b'\n10\r\n{"b":2}\n{"c":3}\n\r\n' + END],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\n", b'{"a":1}\n{"b":2}\n{"c":3}\n'],
        [b"HTTP/1.1 200 OK\r\n\r\n", b'{"a":1}\n{"b":2}\n{"c"', b":3}"],
        [b"HTTP/1.1 100 Continue\r\n\r\n", CHUNKED, chunk(b'{"a":1}\n{"b":2}\n{"c":3}\n') + END],
    ],
    ids=["bits", "no last end", "within a chunk", "measured", "until it closes", "continue"],
)
async def test_lines_are_heard_however_they_come(packets: list[bytes]) -> None:
    """Without blank ones, each once it is whole; the last one needs no end."""
    assert await lines_of(Server([packets])) == [b'{"a":1}', b'{"b":2}', b'{"c":3}']


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop isn't for Windows")
def test_it_works_in_the_loop_that_the_server_runs_in() -> None:
    """Whose transports are others."""
    uvloop = pytest.importorskip("uvloop")
    packets = [CHUNKED, chunk(b"one\n"), chunk(b"two\n"), END]

    async def lines() -> list[bytes]:
        return await lines_of(Server([packets]))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(lines()) == [b"one", b"two"]


async def test_a_line_is_heard_before_the_next_one_comes() -> None:
    """Nobody waits for the end."""
    server, heard = Server([[CHUNKED, chunk(b"one\n")]], waits=True), asyncio.Event()

    def hear(_: bytes) -> bool:
        heard.set()
        return False

    async with server.running() as address:
        asking = asyncio.create_task(post(request(address), hear, lambda _: 5.0))
        await asyncio.wait_for(heard.wait(), 5)
        asking.cancel()
        await asyncio.wait_for(server.left.wait(), 5)


async def test_having_heard_enough_closes_the_connection() -> None:
    """What comes after is nobody's."""
    server, heard = Server([[CHUNKED, chunk(b"one\ntwo\n")]], waits=True), []

    def hear(line: bytes) -> bool:
        heard.append(line)
        return True

    async with server.running() as address:
        await asyncio.wait_for(post(request(address), hear, lambda _: 5.0), 5)
        await asyncio.wait_for(server.left.wait(), 5)
    assert heard == [b"one"]


async def test_what_hearing_raises_is_raised_and_closes_the_connection() -> None:
    """It isn't lost in the loop's log."""
    server = Server([[CHUNKED, chunk(b"one\n")]], waits=True)

    def hear(_: bytes) -> bool:
        raise LookupError("what?")

    async with server.running() as address:
        with pytest.raises(LookupError, match="what"):
            await asyncio.wait_for(post(request(address), hear, lambda _: 5.0), 5)
        await asyncio.wait_for(server.left.wait(), 5)


async def test_asks_in_http() -> None:
    """With the headers that are given; a name and a password in the address are one."""
    server = Server([[CHUNKED, END]])
    async with server.running() as address:
        asked = request(address.replace("//", "//ana:s%40o@"), headers={"X-Key": "k"})
        await asyncio.wait_for(post(asked, lambda _: False, lambda _: 5.0), 5)
    head, _, body = server.asked[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /path?query HTTP/1.1"
    assert f"Host: 127.0.0.1:{server.port}".encode() in lines
    assert b"X-Key: k" in lines
    assert b"Authorization: Basic YW5hOnNAbw==" in lines
    assert parse(body) == {"a": "é"}


async def test_a_request_that_is_too_long_to_be_sent_at_once_is_sent_whole() -> None:
    """A picture, say, that a client wants to be told about."""
    server = Server([[CHUNKED, chunk(b"one\n"), END]])
    async with server.running() as address, asyncio.timeout(10):
        picture = "é" * 4_000_000
        asking = Request(address=address, body={"picture": picture}, connect_seconds=2)
        await post(asking, lambda _: False, lambda _: 5.0)
    (asked,) = server.asked
    assert json.loads(asked.partition(b"\r\n\r\n")[2]) == {"picture": picture}


@pytest.mark.parametrize("key", ["a\r\nX-Other: b", "a\nb", "a\0b"])
async def test_a_header_is_one_line(key: str) -> None:
    """A key that was copied with its end of line would be another header."""
    server = Server([])
    with pytest.raises(Unreached, match="more than one line"):
        await lines_of(server, headers={"X-Key": key})
    assert server.asked == []


async def test_a_redirect_is_followed_as_often_as_is_said() -> None:
    """With the whole request; to another address."""
    there = b"Location: http://localhost:PORT/there"
    moved = b"HTTP/1.1 308 Moved\r\n" + there + b"\r\nContent-Length: 0\r\n\r\n"
    server = Server([[moved], [CHUNKED, chunk(b"one\n"), END]])
    assert await lines_of(server, redirects=1) == [b"one"]
    assert server.asked[1].startswith(b"POST /there HTTP/1.1")
    assert server.asked[0].partition(b"\r\n\r\n")[2] == server.asked[1].partition(b"\r\n\r\n")[2]
    for answers in ([moved], [moved.replace(b"308", b"302")]):
        with pytest.raises(Refused) as refused:
            await lines_of(Server([answers]), redirects=0)
        assert refused.value.location.endswith("/there")
    nowhere = [moved.replace(b"http://localhost:PORT", other) for other in (b"file://", b"http://[")]
    for answer in (moved.replace(b"308", b"302"), *nowhere):
        with pytest.raises(Refused):
            await lines_of(Server([[answer]]), redirects=1)


@pytest.mark.parametrize(
    ("packets", "status", "excerpt"),
    [
        ([b"HTTP/1.1 503 Busy\r\nContent-Length: 9\r\n\r\n", b"try later"], 503, "try later"),
        ([b"HTTP/1.1 500 No\r\n\r\n", b"why ", b"not"], 500, "why not"),
        ([b"HTTP/1.1 500 No\r\n\r\n", b"x" * 10_000], 500, "x" * 4_096),
        ([b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", b"<p>"], 200, "<p>"),
    ],
    ids=["measured", "until it closes", "long", "another type"],
)
async def test_what_is_no_stream_is_refused_with_its_beginning(
    packets: list[bytes], status: int, excerpt: str
) -> None:
    """Nothing of it is heard."""
    heard: list[bytes] = []

    def hear(line: bytes) -> bool:
        heard.append(line)
        return False

    with pytest.raises(Refused) as refused:
        await lines_of(Server([packets]), hear=hear, wanted="text/plain")
    assert (refused.value.status, refused.value.excerpt) == (status, excerpt)
    assert heard == []


@pytest.mark.parametrize(
    "packets",
    [
        [CHUNKED, chunk(b"one\n")],
        [CHUNKED, chunk(b"one\n"), b"5\r\nta"],
        [CHUNKED, b"nothing like a chunk\r\n"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", b"one\n"],
        [CHUNKED, *[chunk(b"x" * 2**16)] * 3, END],
    ],
    ids=["no end", "within a chunk", "no chunk", "short", "a line without end"],
)
async def test_a_body_that_breaks_off_is_broken(packets: list[bytes]) -> None:
    """However much of it has come."""
    with pytest.raises(Broken):
        await lines_of(Server([packets]))


@pytest.mark.parametrize(
    "packets",
    [
        [],
        [b"SSH-2.0-OpenSSH\r\n"],
        [b"HTTP/1.1 200 OK\r\n"],
        [b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 2**17],
        [b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"],
    ],
    ids=["nothing", "not HTTP", "half a head", "a head without end", "another protocol"],
)
async def test_who_does_not_answer_in_http_is_not_reached(packets: list[bytes]) -> None:
    """It may be another program's port."""
    with pytest.raises(Unreached) as unreached:
        await lines_of(Server([packets]))
    assert not unreached.value.timed_out


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/", "http://nobody.invalid/", "https://127.0.0.1:9/"])
async def test_nobody_there_is_not_reached(address: str) -> None:
    """A refused connection, or a name that nobody has."""
    with pytest.raises(Unreached):
        await asyncio.wait_for(post(request(address), lambda _: False, lambda _: 5.0), 5)


async def test_a_server_without_tls_is_not_reached_by_https() -> None:
    """It says so, and hears nothing of the request."""
    server = Server([[CHUNKED, END]])
    async with server.running() as address:
        with pytest.raises(Unreached, match=r"SSL|TLS|no connection"):
            await asyncio.wait_for(
                post(request(address.replace("http:", "https:")), lambda _: False, lambda _: 5.0), 5
            )
    assert server.asked == []


async def test_silence_before_the_answer_ends_it() -> None:
    """Whoever is there has had its time."""
    with pytest.raises(Unreached) as unreached:
        await lines_of(Server([[]], waits=True), seconds=lambda _: 0.05)
    assert unreached.value.timed_out


async def test_silence_within_the_answer_ends_it() -> None:
    """Also where lines come that say nothing."""
    packets = [CHUNKED, *[chunk(b": still here\n")] * 30]
    with pytest.raises(Silent):
        await lines_of(Server([packets], waits=True), told=lambda _: b"", seconds=lambda _: 0.1)


async def test_an_error_whose_body_does_not_end_is_told_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its status says enough."""
    monkeypatch.setattr("app.models.exchange._EXCERPT_SECONDS", 0.05)
    packets = [b"HTTP/1.1 503 Busy\r\nContent-Length: 99\r\n\r\n", b"try"]
    with pytest.raises(Refused) as refused:
        await lines_of(Server([packets], waits=True), seconds=lambda _: 60.0)
    assert refused.value.excerpt == "try"


async def test_a_shorter_limit_counts_at_once() -> None:
    """Though the timer was set for the longer one."""
    heard: list[bytes] = []

    def hear(line: bytes) -> bool:
        heard.append(line)
        return False

    server = Server([[CHUNKED, chunk(b"one\n")]], waits=True)
    with pytest.raises(Silent):
        await lines_of(server, hear=hear, seconds=lambda told: 0.05 if told else 60.0)
    assert heard == [b"one"]


async def test_each_line_gives_the_next_one_its_time() -> None:
    """All of them together may take longer."""
    packets = [CHUNKED, *[chunk(b"one\n")] * 30, END]
    assert await lines_of(Server([packets]), seconds=lambda _: 0.2) == [b"one"] * 30


@pytest.mark.parametrize("line", [b"", b"{", b'{"a":1} {"b":2}', b'{"a":1}<', b"\xff"])
def test_what_is_not_one_value_is_no_line(line: bytes) -> None:
    """As `json.loads` would say."""
    with pytest.raises(ValueError, match=r"Expecting|more than one|decode"):
        parse(line)


def test_a_line_is_one_value() -> None:
    """With all that JSON has."""
    assert parse('{"a":["é",1.5,null,true]}'.encode()) == {"a": ["é", 1.5, None, True]}
