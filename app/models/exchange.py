"""One request to a model's server, whose answer is heard as it comes.

A line is handed on in the same breath in which it was received: no task wakes for it and nothing is queued.
docs/benchmarks.md tells what that saves of aiohttp's client, which brings a body through a stream of its own.
"""

from __future__ import annotations

import asyncio
import json
import math
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

import aiohappyeyeballs
import httptools
from aiohttp import encode_basic_auth
from yarl import URL

from app.models import rounds

_LONGEST = 2**17  # bytes of a line; what is longer is no token
_EXCERPT = 4_096  # bytes of the body of an error
_EXCERPT_SECONDS = 2.0
_LONGEST_HEAD = 2**16  # bytes
_TRY_THE_NEXT_ADDRESS_SECONDS = 0.25
_REDIRECTS = (307, 308)  # which keep the request as it is

_decode = json.JSONDecoder().raw_decode

Hear = Callable[[bytes], bool]
"""Takes a line; true where it was the last one that is wanted. What it raises ends the exchange."""

Seconds = Callable[[bool], float]
"""How long a silence may be from now on; told whether a line was heard already."""


class ExchangeError(Exception):
    """It didn't get to its end; the text is for the log."""


class Unreached(ExchangeError):
    """Nobody answered. `timed_out`: in the time that there was."""

    def __init__(self, detail: str, *, timed_out: bool = False) -> None:
        super().__init__(detail)
        self.timed_out = timed_out


class Refused(ExchangeError):
    """Something else was answered than a stream: the status, the type of the body and its beginning."""

    def __init__(self, status: int, content_type: str, excerpt: str, location: str = "") -> None:
        super().__init__(f"status {status}, {content_type}: {excerpt}")
        self.status = status
        self.content_type = content_type
        self.excerpt = excerpt
        self.location = location
        """Where it should be asked instead, if it says so."""


class Broken(ExchangeError):
    """The body broke off, or is none."""


class Silent(ExchangeError):
    """Nothing was said for so many seconds, after the answer had begun."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"silent for {seconds:.0f} s")


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A body of JSON that is sent to an address, by POST."""

    address: str
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    wanted: str = ""
    """The type of a body that is heard; any where it is ""."""

    redirects: int = 0
    """That are followed, with all of the request."""

    connect_seconds: float


async def post(
    request: Request, hear: Hear, seconds: Seconds, told: Callable[[bytes], bytes] = bytes.strip
) -> None:
    """Until the body has ended, or `hear` has heard enough. It hears what `told` makes of each line, unless
    that is b"".

    Raises Unreached, Refused, Broken, Silent, and what `hear` raises. Cancelling it, as whatever ends it,
    closes the connection.
    """
    url = URL(request.address)
    for followed in range(request.redirects + 1):
        try:
            await _post(url, request, hear, seconds, told)
            return
        except Refused as refused:
            there = _moved(url, refused)
            if there is None or followed == request.redirects:
                raise
            url = there


def _moved(url: URL, refused: Refused) -> URL | None:
    """The address that should be asked instead, where there is one."""
    if refused.status not in _REDIRECTS or not refused.location:
        return None
    try:
        there = url.join(URL(refused.location))
    except ValueError:
        return None
    return there if there.scheme in ("http", "https") and there.host else None


async def _post(
    url: URL, request: Request, hear: Hear, seconds: Seconds, told: Callable[[bytes], bytes]
) -> None:
    exchange = _Exchange(_written(url, request), request.wanted, hear, seconds, told)
    try:
        await _reach(url, exchange, request.connect_seconds)
        await exchange.ended
    finally:
        exchange.close()


async def _reach(url: URL, exchange: _Exchange, seconds: float) -> None:
    """Raises Unreached."""
    try:
        async with asyncio.timeout(seconds):
            await _connect(url, exchange)
    except TimeoutError as error:
        raise Unreached(f"no connection in {seconds:.0f} s", timed_out=True) from error
    except (OSError, ValueError) as error:
        raise Unreached(f"{type(error).__name__}: {error}") from error


async def _connect(url: URL, exchange: _Exchange) -> None:
    """Raises OSError."""
    loop = asyncio.get_running_loop()
    host = url.raw_host or ""
    addresses = await loop.getaddrinfo(host, url.port, type=socket.SOCK_STREAM)
    connected = await aiohappyeyeballs.start_connection(
        addresses, happy_eyeballs_delay=_TRY_THE_NEXT_ADDRESS_SECONDS, loop=loop
    )
    secure = url.scheme == "https"
    try:
        if rounds.possible() and not secure and exchange.sent_to(connected):
            exchange.connection_made(rounds.Rounds.here().read(connected, exchange))
            return
        await loop.create_connection(
            lambda: exchange,
            sock=connected,
            ssl=_trusted() if secure else None,
            server_hostname=host if secure else None,
        )
    except BaseException:
        connected.close()
        raise


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    """Reading all certificates takes tens of milliseconds."""
    return ssl.create_default_context()


def _written(url: URL, request: Request) -> bytes:
    """The whole request."""
    body = json.dumps(request.body).encode()
    headers = {
        "Host": url.host_port_subcomponent or "",
        "Accept-Encoding": "identity",
        "Connection": "close",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **request.headers,
    }
    if url.user is not None:
        headers.setdefault("Authorization", encode_basic_auth(url.user, url.password or ""))
    head = [f"POST {url.raw_path_qs} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    if any(character in line for line in head for character in "\r\n\0"):
        raise Unreached("a header of more than one line")
    return "\r\n".join([*head, "", ""]).encode() + body


class _Exchange(asyncio.Protocol):
    """What happens on the connection, and the callbacks of the parser (httptools), which start with `on_`."""

    def __init__(
        self,
        request: bytes,
        wanted: str,
        hear: Hear,
        seconds: Seconds,
        told: Callable[[bytes], bytes],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[None] = self._loop.create_future()
        self._request = request
        self._wanted = wanted
        self._hear = hear
        self._seconds = seconds
        self._told = told
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.BaseTransport | None = None
        self._headers: dict[bytes, bytes] = {}
        self._head_bytes = 0
        self._answered = False
        self._streams = False
        self._rest = b""  # a line whose end has not come; all of the body where it is an error's
        self._patience = self._until = math.inf
        self._timer: asyncio.TimerHandle | None = None

    def close(self) -> None:
        """Nothing is heard any more."""
        self.ended.cancel()
        if self._timer:
            self._timer.cancel()
        if self._transport:
            self._transport.close()

    # The connection

    def sent_to(self, connected: socket.socket) -> bool:
        """Whether all of the request could be sent without waiting, as nearly all can. Raises OSError."""
        try:
            sent = connected.send(self._request)
        except BlockingIOError:
            sent = 0
        self._request = self._request[sent:]
        return not self._request

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        if self._request:
            cast(asyncio.Transport, transport).write(self._request)  # uvloop's are none of asyncio's
        self._expect(self._seconds(False))

    def data_received(self, data: bytes) -> None:
        if self.ended.done():
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._break(f"not HTTP: {error}")

    def connection_lost(self, error: Exception | None) -> None:
        if error is None and self._answered and not self._is_measured():
            self._finish()
        self._break(repr(error) if error else "the connection was closed")

    # The parser

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > _LONGEST_HEAD:
            self._break("a head without end")

    def on_headers_complete(self) -> None:
        if self._parser.get_status_code() < 200:
            return
        self._answered = True
        wanted = not self._wanted or self._content_type() == self._wanted
        self._streams = self._parser.get_status_code() == 200 and wanted
        if not self._streams:
            self._expect(_EXCERPT_SECONDS)

    def on_body(self, body: bytes) -> None:
        if self.ended.done():
            return
        if not self._streams:
            self._rest += body
            if len(self._rest) >= _EXCERPT:
                self._refuse()
            return
        if not self._rest and body.find(b"\n") == len(body) - 1:  # as nearly all are
            lines = [body]
        else:
            *lines, self._rest = (self._rest + body).split(b"\n")
        if len(self._rest) > _LONGEST:
            self._break("a line without end")
            return
        try:
            for line in lines:
                self._take(line)
        except Exception as error:  # noqa: BLE001 - it is whoever awaits the end who is to know
            self._end(error)

    def on_message_complete(self) -> None:
        if self._answered:
            self._finish()
        else:
            self._headers.clear()  # "continue": the answer is yet to come

    # What was heard

    def _take(self, line: bytes) -> None:
        if (said := self._told(line)) and not self.ended.done():
            if self._hear(said):
                self._end(None)
            else:
                self._expect(self._seconds(True))

    def _finish(self) -> None:
        """The body is whole."""
        if not self._streams:
            self._refuse()
            return
        last, self._rest = self._rest, b""
        try:
            self._take(last)
        except Exception as error:  # noqa: BLE001 - as above
            self._end(error)
        self._end(None)

    def _refuse(self) -> None:
        self._end(
            Refused(
                self._parser.get_status_code(),
                self._content_type(),
                self._rest[:_EXCERPT].decode("utf-8", "replace"),
                self._headers.get(b"location", b"").decode("latin-1"),
            )
        )

    def _break(self, detail: str) -> None:
        self._end(Broken(detail) if self._answered else Unreached(detail))

    def _end(self, error: Exception | None) -> None:
        if self.ended.done():
            return
        if error:
            self.ended.set_exception(error)
        else:
            self.ended.set_result(None)
        self.close()

    def _content_type(self) -> str:
        return self._headers.get(b"content-type", b"").partition(b";")[0].strip().lower().decode("latin-1")

    def _is_measured(self) -> bool:
        """Whether the body says itself where it ends; else it does with the connection."""
        return b"content-length" in self._headers or b"transfer-encoding" in self._headers

    # Time

    def _expect(self, seconds: float) -> None:
        """One timer that is looked at when it is due; one for each line would cost as much as reading it."""
        self._until = self._loop.time() + seconds
        if seconds < self._patience:
            self._look_at(self._until)
        self._patience = seconds

    def _look_at(self, moment: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_at(moment, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._loop.time() < self._until:
            self._look_at(self._until)
        elif not self._answered:
            self._end(Unreached(f"silent for {self._patience:.0f} s", timed_out=True))
        elif self._streams:
            self._end(Silent(self._patience))
        else:
            self._refuse()


def parse(line: bytes) -> Any:
    """The JSON of a line; finding out its encoding, as `json.loads` does, takes longer. Raises ValueError."""
    text = line.decode()
    value, end = _decode(text)
    if end != len(text):
        raise ValueError("more than one value")
    return value
