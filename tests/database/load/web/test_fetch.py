"""Fetching: from where, how much, and for how long."""

from __future__ import annotations

import asyncio
import gzip
import time
import tracemalloc
import zlib

import pytest
from aiohttp import web
from aiohttp.abc import ResolveResult

from database.errors import Reason, SourceError
from database.load.web.addresses import AddressRefused, Policy
from database.load.web.fetch import Answer, CheckedResolver, Fetcher, Limits
from tests.database.load.web.fakes import POLICY, PRIVATE, PUBLIC, Handler, Names, answering, serving

LIMITS = Limits(seconds=2.0, seconds_to_connect=0.5, seconds_of_silence=0.5, most_bytes=2**20)


async def fetch(address: str, *, names: Names | None = None, limits: Limits = LIMITS) -> Answer:
    async with Fetcher(POLICY, limits, names or Names()) as fetcher:
        return await fetcher.fetch(address)


async def failing(address: str, *, names: Names | None = None, limits: Limits = LIMITS) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await fetch(address, names=names, limits=limits)
    return caught.value


def body(data: bytes, **headers: str) -> Handler:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(body=data, headers={"Content-Type": "text/html; charset=utf-8"} | _named(headers))

    return handler


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


async def test_a_page_comes_with_what_the_server_says_of_it() -> None:
    """Its type, its charset, its headers, and where it was."""
    async with serving(body(b"<p>x</p>", ETag='"1"')) as port:
        answer = await fetch(f"http://{PUBLIC}:{port}/a#part")
    assert (answer.status, answer.data, answer.media_type, answer.charset) == (
        200,
        b"<p>x</p>",
        "text/html",
        "utf-8",
    )
    assert answer.headers["etag"] == '"1"'
    assert str(answer.url) == f"http://{PUBLIC}:{port}/a"


async def test_the_visitor_says_who_it_is_and_nothing_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Proxies of the environment aren't used, cookies aren't kept."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    seen: list[web.Request] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request)
        return web.Response(text="x", headers={"Set-Cookie": "a=b"})

    async with serving(handler) as port, Fetcher(POLICY, LIMITS, Names()) as fetcher:
        for _ in range(2):
            await fetcher.fetch(f"http://{PUBLIC}:{port}/")
    assert all("Cookie" not in request.headers for request in seen)
    assert seen[0].headers["User-Agent"].startswith("Acervo/")
    assert seen[0].headers["Accept-Encoding"] == "gzip"


async def test_a_private_address_is_not_asked() -> None:
    """Neither by number nor by name; the error says which setting allows it."""
    hits = 0

    async def handler(_: web.Request) -> web.Response:
        nonlocal hits
        hits += 1
        return web.Response(text="secret")

    async with serving(handler, host=PRIVATE) as port:
        for host in (PRIVATE, "[::1]", "[::ffff:127.0.0.2]", "intranet.example"):
            error = await failing(f"http://{host}:{port}/", names=Names(intranet_example=[[PRIVATE]]))
            assert isinstance(error, AddressRefused), host
            assert "INTRANET_ADDRESSES" in str(error)
    assert hits == 0


async def test_by_default_this_machine_is_not_asked() -> None:
    """`localhost`, as the machine itself resolves it."""
    async with serving(body(b"x")) as port, Fetcher(Policy(), LIMITS) as fetcher:
        with pytest.raises(AddressRefused):
            await fetcher.fetch(f"http://localhost:{port}/")


async def test_a_name_that_changes_its_mind_gains_nothing() -> None:
    """First public, then private (DNS rebinding): looked up once a connection, and checked each time."""
    hits: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        assert request.transport is not None
        hits.append(request.transport.get_extra_info("sockname")[0])
        return web.Response(text="x", headers={"Connection": "close"})

    async with serving(handler, host="0.0.0.0") as port:  # noqa: S104
        names = Names(site_example=[[PUBLIC], [PRIVATE]])
        async with Fetcher(POLICY, LIMITS, names) as fetcher:
            await fetcher.fetch(f"http://site.example:{port}/")
            assert names.asked == ["site.example"], "what was checked is what was connected to"
            with pytest.raises(AddressRefused):
                await fetcher.fetch(f"http://site.example:{port}/")
    assert hits == [PUBLIC]


async def test_of_several_addresses_only_the_public_are_connected_to() -> None:
    """Also where a private one comes first."""
    hits: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        assert request.transport is not None
        hits.append(request.transport.get_extra_info("sockname")[0])
        return web.Response(text="x")

    async with serving(handler, host="0.0.0.0") as port:  # noqa: S104
        await fetch(f"http://site.example:{port}/", names=Names(site_example=[[PRIVATE, PUBLIC]]))
    assert hits == [PUBLIC]


async def test_only_addresses_that_may_be_asked_are_handed_out() -> None:
    """By what looks names up for the connections."""
    resolver = CheckedResolver(Names(site_example=[[PRIVATE, PUBLIC]]), POLICY, 1.0)
    assert [found["host"] for found in await resolver.resolve("site.example", 80)] == [PUBLIC]


async def test_every_connection_is_checked_once_more_where_it_is_made() -> None:
    """Should an address ever get by the resolver, there is no connection to it."""

    class Careless(Fetcher):
        async def __aenter__(self) -> Careless:
            await super().__aenter__()
            connector = self._session.connector
            assert connector is not None
            connector._resolver = Names(site_example=[[PRIVATE]])  # type: ignore[attr-defined]
            return self

    async with serving(body(b"secret"), host=PRIVATE) as port, Careless(POLICY, LIMITS, Names()) as fetcher:
        with pytest.raises(SourceError) as caught:
            await fetcher.fetch(f"http://site.example:{port}/")
    assert caught.value.reason == "unreachable"


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        (f"http://{PRIVATE}:1/", "refused"),
        ("http://intranet.example/", "refused"),
        ("http://169.254.169.254/latest/meta-data/", "refused"),
        ("http://[::ffff:10.0.0.1]/", "refused"),
        ("//intranet.example/", "refused"),
        ("http://2130706434/", "unreachable"),
        ("http://user:password@site.example/", "unreachable"),
        ("file:///etc/passwd", "unreachable"),
        ("gopher://site.example/", "unreachable"),
        ("http://[::1", "unreachable"),
        ("/again", "unreachable"),
    ],
)
async def test_every_redirect_is_checked(location: str, reason: Reason) -> None:
    """One to a private address, to another scheme, or in a circle leads nowhere."""
    asked = 0

    async def handler(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.Response(status=302, headers={"Location": location})

    async with serving(handler) as port:
        names = Names(site_example=[[PUBLIC]], intranet_example=[[PRIVATE]])
        error = await failing(f"http://site.example:{port}/", names=names)
    assert error.reason == reason
    assert (reason == "refused") == isinstance(error, AddressRefused)
    if reason == "unreachable" and location != "/again":
        assert str(error).startswith(("The address can't be used", "It is redirected to no address"))
    assert asked == (6 if location == "/again" else 1)


async def test_redirects_are_followed_to_another_site() -> None:
    """Up to five of them, each kind."""
    statuses = iter([301, 302, 303, 307, 308])

    async def handler(request: web.Request) -> web.Response:
        status = next(statuses, None)
        if status is None:
            return web.Response(text=f"{request.method} {request.host}")
        return web.Response(status=status, headers={"Location": f"http://b.example:{port}/x"})

    async with serving(handler) as port:
        names = Names(a_example=[[PUBLIC]], b_example=[[PUBLIC]])
        answer = await fetch(f"http://a.example:{port}/", names=names)
    assert answer.data == f"GET b.example:{port}".encode()


async def test_what_is_compressed_is_decompressed() -> None:
    """Also in several members, and with padding behind the last one."""
    data = gzip.compress(b"a" * 1000) + gzip.compress(b"b" * 1000)
    for sent in (data, data + b"\0" * 100):
        async with serving(body(sent, Content_Encoding="gzip")) as port:
            assert (await fetch(f"http://{PUBLIC}:{port}/")).data == b"a" * 1000 + b"b" * 1000


@pytest.mark.parametrize(
    ("sent", "encoding", "reason"),
    [
        (gzip.compress(b"\0" * 2**26), "gzip", "too_large"),
        (gzip.compress(b"x" * 100)[:-9], "gzip", "unreachable"),
        (b"no gzip", "gzip", "unreachable"),
        (gzip.compress(b"") * 20_000, "gzip", "unreachable"),
        (zlib.compress(b"x"), "deflate", "unsupported"),
        (b"x", "br", "unsupported"),
        (gzip.compress(gzip.compress(b"x")), "gzip, gzip", "unsupported"),
    ],
)
async def test_compression_that_harms_is_cut(sent: bytes, encoding: str, reason: Reason) -> None:
    """A bomb ends at the limit; what is cut, damaged or not asked for is no page."""
    async with serving(body(sent, Content_Encoding=encoding)) as port:
        assert (await failing(f"http://{PUBLIC}:{port}/")).reason == reason


async def test_a_bomb_never_takes_more_memory_than_the_limit() -> None:
    """However much 64 KiB of it stand for."""
    bomb = gzip.compress(b"\0" * 2**26)
    async with serving(body(bomb, Content_Encoding="gzip")) as port:
        tracemalloc.start()
        try:
            await failing(f"http://{PUBLIC}:{port}/")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 2**23


async def test_all_of_a_bomb_below_the_limit_arrives() -> None:
    """Whatever the decompressor holds back."""
    for size in (2**20 - 1, 2**20):
        async with serving(body(gzip.compress(b"\0" * size), Content_Encoding="gzip")) as port:
            assert len((await fetch(f"http://{PUBLIC}:{port}/")).data) == size


async def test_what_is_too_large_is_cut() -> None:
    """By what it says of itself before a byte is read, and while it comes."""
    async with serving(body(b"x" * (2**20 + 1))) as port:
        assert (await failing(f"http://{PUBLIC}:{port}/")).reason == "too_large"

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 2**16)

    async with serving(endless) as port:
        error = await failing(f"http://{PUBLIC}:{port}/")
    assert (error.reason, str(error)) == ("too_large", "It has more than 1 MiB.")


async def test_a_server_that_falls_silent_costs_a_bounded_time() -> None:
    """Before its answer, in the middle of its headers, and in the middle of the page."""

    async def wait() -> None:
        await asyncio.sleep(5)

    for sent in (b"", b"HTTP/1.1 200 OK\r\nContent-", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"):
        begun = time.monotonic()
        async with answering(sent, then=wait) as port:
            error = await failing(f"http://{PUBLIC}:{port}/")
        assert (error.reason, time.monotonic() - begun < 2) == ("too_slow", True), sent


async def test_a_server_that_trickles_costs_a_bounded_time() -> None:
    """A byte now and then is no silence, but the whole has its limit, redirects included."""

    async def trickling(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x")
            await asyncio.sleep(0.1)

    async def slow_redirect(_: web.Request) -> web.Response:
        await asyncio.sleep(0.4)
        return web.Response(status=302, headers={"Location": "/"})

    limits = Limits(seconds=1.0, seconds_of_silence=0.5)
    for handler in (trickling, slow_redirect):
        begun = time.monotonic()
        async with serving(handler) as port:
            error = await failing(f"http://{PUBLIC}:{port}/", limits=limits)
        assert (error.reason, time.monotonic() - begun < 2) == ("too_slow", True)


@pytest.mark.parametrize(
    "sent",
    [
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 2**20 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 10_000 + b"\r\n",
        b"nonsense\r\n\r\n",
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
    ],
    ids=["long header", "many headers", "nonsense", "nothing", "cut"],
)
async def test_a_server_that_speaks_no_http_is_unreachable(sent: bytes) -> None:
    """Headers have limits, too; a page that was cut is none."""
    async with answering(sent) as port:
        assert (await failing(f"http://{PUBLIC}:{port}/")).reason == "unreachable"


async def test_a_server_that_is_not_there_is_unreachable(unused_tcp_port: int) -> None:
    """As is a name that nobody has."""
    assert (await failing(f"http://{PUBLIC}:{unused_tcp_port}/")).reason == "unreachable"
    assert (await failing("http://nobody.example/")).reason == "unreachable"


async def test_a_name_that_nobody_answers_for_costs_a_bounded_time() -> None:
    """Not as long as the machine's resolver would wait."""

    class Silent(Names):
        async def resolve(self, *_: object, **__: object) -> list[ResolveResult]:
            await asyncio.sleep(5)
            return []

    begun = time.monotonic()
    error = await failing("http://slow.example/", names=Silent())
    assert (error.reason, time.monotonic() - begun < 2) == ("unreachable", True)


@pytest.mark.parametrize("kind", ["image/png", "video/mp4", "audio/mpeg", "font/woff2"])
async def test_pictures_and_sounds_are_not_fetched(kind: str) -> None:
    """The answer's first lines are enough."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": kind})
        await response.prepare(request)
        while True:
            await response.write(b"x" * 2**16)

    async with serving(handler) as port:
        assert (await failing(f"http://{PUBLIC}:{port}/")).reason == "unsupported"
