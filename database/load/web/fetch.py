"""Fetches web addresses: only from machines that may be asked, and never more or longer than the limits."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import zlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import ThreadedResolver, hdrs
from aiohttp.abc import AbstractResolver, ResolveResult
from multidict import CIMultiDictProxy
from yarl import URL

from database.errors import Reason, SourceError
from database.load.web import addresses
from database.load.web.addresses import Policy

AGENT = "Acervo"
_USER_AGENT = f"{AGENT}/0.1 (+loads pages that its user names; keeps to robots.txt where it follows links)"
_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REFUSALS = frozenset({401, 402, 403, 407, 451})
_PIECE = 2**16
_DECODED_PIECE = 2**20  # then the event loop gets its turn
_NEVER_TEXT = ("image/", "audio/", "video/", "font/")
_GZIP = 16 + zlib.MAX_WBITS
_MOST_MEMBERS = 10_000  # each costs time, also an empty one
_GZIP_BEGINS = b"\x1f"

# What to send along to an address of the way, redirects included.
Headers = Callable[[URL], Awaitable[Mapping[str, str]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What one address may cost, redirects included. `most_bytes` holds before and after decompression."""

    seconds: float = 120.0
    seconds_to_connect: float = 10.0
    seconds_of_silence: float = 30.0
    most_bytes: int = 64 * 2**20


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What the last address of the way answers. `data` is decompressed; empty unless the status is 2xx."""

    url: URL
    status: int
    data: bytes
    media_type: str
    charset: str
    headers: CIMultiDictProxy[str]


class BadStatus(SourceError):
    """The site answers, with a status that brings no page."""

    def __init__(self, reason: Reason, message: str, status: int = 0, retry_after: str = "") -> None:
        super().__init__(reason, message)
        self.status = status
        self.retry_after = retry_after


class Fetcher:
    """Asks web servers. `async with` opens and closes its connections.

    Names are looked up once a connection, and the address that was checked is the one connected to:
    a name that changes its mind between the two gains nothing. Proxies, cookies and passwords of the
    environment are not used.
    """

    def __init__(
        self, policy: Policy, limits: Limits | None = None, names: AbstractResolver | None = None
    ) -> None:
        self._policy = policy
        self._limits = limits or Limits()
        self._names = names
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        names = self._names or ThreadedResolver()
        connector = aiohttp.TCPConnector(
            resolver=CheckedResolver(names, self._policy, self._limits.seconds_to_connect),
            use_dns_cache=False,
            socket_factory=self._socket,
        )
        self._session = await self._stack.enter_async_context(
            aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                headers={hdrs.USER_AGENT: _USER_AGENT, hdrs.ACCEPT_ENCODING: "gzip"},
                timeout=aiohttp.ClientTimeout(
                    total=None,
                    sock_connect=self._limits.seconds_to_connect,
                    sock_read=self._limits.seconds_of_silence,
                ),
            )
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def fetch(self, address: str, headers: Headers | None = None) -> Answer:
        """What the address answers, whatever the status, behind at most five redirects.

        Raises SourceError: unreachable, refused (AddressRefused), too_large, too_slow or unsupported.
        """
        url = addresses.parse(address)
        try:
            async with asyncio.timeout(self._limits.seconds):
                for _ in range(_MOST_REDIRECTS + 1):
                    answer = await self._ask(url, await headers(url) if headers else {})
                    if isinstance(answer, Answer):
                        return answer
                    url = answer
        except aiohttp.ConnectionTimeoutError:
            raise SourceError(
                "unreachable", f"{url.host} doesn't answer within {self._limits.seconds_to_connect:g} s."
            ) from None
        except aiohttp.SocketTimeoutError:
            raise SourceError(
                "too_slow", f"{url.host} sent nothing for {self._limits.seconds_of_silence:g} s."
            ) from None
        except TimeoutError:
            raise SourceError("too_slow", f"It took longer than {self._limits.seconds:g} s.") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise SourceError("unreachable", f"{type(error).__name__}: {error}") from None
        raise SourceError("unreachable", f"It is redirected more than {_MOST_REDIRECTS} times.")

    async def _ask(self, url: URL, headers: Mapping[str, str]) -> Answer | URL:
        """The answer, or the address that is to be asked instead."""
        host = url.raw_host or ""
        if _is_address(host):
            self._policy.check(host, [host])
        async with self._session.get(url, headers=headers, allow_redirects=False) as response:
            location = response.headers.get(hdrs.LOCATION)
            if response.status in _REDIRECTS and location is not None:
                return addresses.parse(_joined(url, location))
            data = await self._body(response) if 200 <= response.status < 300 else b""
            return Answer(
                url=url,
                status=response.status,
                data=data,
                media_type=response.content_type if hdrs.CONTENT_TYPE in response.headers else "",
                charset=response.charset or "",
                headers=response.headers,
            )

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        if response.content_type.startswith(_NEVER_TEXT):
            raise SourceError("unsupported", f"Files of the type {response.content_type} can't be loaded.")
        encoding = response.headers.get(hdrs.CONTENT_ENCODING, "identity").strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip"):
            raise SourceError("unsupported", f"It comes compressed as {encoding}, which wasn't asked for.")
        if (response.content_length or 0) > self._limits.most_bytes:
            raise self._too_large()
        unzipping = _Gunzip() if encoding.endswith("gzip") else None
        data = bytearray()
        received = 0
        async for piece in response.content.iter_chunked(_PIECE):
            received += len(piece)
            if unzipping is None:
                data += piece
            else:
                await self._unzip(unzipping, piece, data)
            if max(received, len(data)) > self._limits.most_bytes:
                raise self._too_large()
        if unzipping is not None and received and not unzipping.complete:
            raise SourceError("unreachable", "It was cut short on its way.")
        return bytes(data)

    async def _unzip(self, unzipping: _Gunzip, piece: bytes, data: bytearray) -> None:
        try:
            while piece and len(data) <= self._limits.most_bytes:
                decoded, piece = unzipping.decode(piece)
                data += decoded
                await asyncio.sleep(0)
        except zlib.error as error:
            raise SourceError("unreachable", f"Its compression is damaged: {error}.") from None

    def _too_large(self) -> SourceError:
        most = self._limits.most_bytes
        size = f"{most // 2**20} MiB" if most >= 2**20 else f"{most} bytes"
        return SourceError("too_large", f"It has more than {size}.")

    def _socket(self, address: tuple[Any, ...]) -> socket.socket:
        """Every connection passes here, by whatever way it got its address."""
        family, kind, protocol, _, place = address
        if not self._policy.permits(ipaddress.ip_address(place[0])):
            raise PermissionError(f"{place[0]} may not be asked")
        return socket.socket(family, kind, protocol)


class CheckedResolver(AbstractResolver):
    """Hands out only addresses that may be asked."""

    def __init__(self, names: AbstractResolver, policy: Policy, seconds: float) -> None:
        self._names = names
        self._policy = policy
        self._seconds = seconds

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        try:
            async with asyncio.timeout(self._seconds):
                found = await self._names.resolve(host, port, family)
        except TimeoutError:
            raise OSError(f"nobody says within {self._seconds:g} s where {host} is") from None
        permitted = self._policy.check(host, [result["host"] for result in found])
        return [result for result in found if result["host"] in permitted]

    async def close(self) -> None:
        await self._names.close()


class _Gunzip:
    """Decompresses a stream of gzip members, a slice at a time."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)
        self._members = 1

    @property
    def complete(self) -> bool:
        return self._member.eof

    def decode(self, data: bytes) -> tuple[bytes, bytes]:
        """At most a slice of what it stands for, and what of it is left. Raises zlib.error."""
        if self._member.eof:
            if not data.startswith(_GZIP_BEGINS):
                return b"", b""  # padding behind the last member
            self._member = zlib.decompressobj(_GZIP)
            self._members += 1
            if self._members > _MOST_MEMBERS:
                raise zlib.error("it is in too many pieces")
        decoded = self._member.decompress(data, _DECODED_PIECE)
        return decoded, self._member.unconsumed_tail or self._member.unused_data


def require_page(answer: Answer) -> None:
    """Raises BadStatus (refused or unreachable) where the answer brings no page."""
    if 200 <= answer.status < 300:
        return
    raise BadStatus(
        "refused" if answer.status in _REFUSALS else "unreachable",
        f"The site answers with status {answer.status}.",
        answer.status,
        answer.headers.get(hdrs.RETRY_AFTER, ""),
    )


def _joined(url: URL, location: str) -> str:
    try:
        return str(url.join(URL(location)))
    except ValueError as error:
        raise SourceError("unreachable", f"It is redirected to no address: {error}.") from None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
