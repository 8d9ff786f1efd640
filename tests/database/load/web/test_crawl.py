"""Crawling a site."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from aiohttp import web

from database.errors import SourceError
from database.load.web.addresses import AddressRefused
from database.load.web.crawl import Crawler, Plan, Site, is_sitemap
from database.load.web.fetch import Limits
from database.load.web.pages import open_pages
from database.workers import Workers
from tests.database.load.web.fakes import POLICY, PRIVATE, PUBLIC, Names, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

Reply = str | bytes | int | web.Response
LIMITS = Limits(seconds=2.0, seconds_to_connect=0.5, seconds_of_silence=0.5, most_bytes=2**20)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workers() -> AsyncIterator[Workers]:
    async with Workers(1) as pool:
        yield pool


@dataclass
class World:
    """Sites by path: a page's HTML, its bytes, or its status. All names stand for the same server."""

    workers: Workers
    replies: Mapping[str, Reply]
    asked: list[str] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    port: int = 0

    async def answer(self, request: web.Request) -> web.Response:
        if request.path_qs != "/robots.txt":
            self.asked.append(request.path_qs)
        reply = self.replies.get(request.path_qs, 404)
        match reply:
            case web.Response():
                headers = {
                    name: value.replace("PORT", str(self.port)) for name, value in reply.headers.items()
                }
                return web.Response(status=reply.status, body=reply.body, headers=headers)
            case int():
                return web.Response(status=reply)
            case bytes():
                return web.Response(body=reply)
            case _:
                kind = "text/plain" if request.path.endswith(".txt") else "text/html"
                return web.Response(text=reply.replace("PORT", str(self.port)), content_type=kind)

    async def crawl(self, start: str = "/", *, known: Iterable[str] = (), **plan: float) -> Site:
        async def sleep(seconds: float) -> None:
            self.waited.append(seconds)

        names = Names(a_example=[[PUBLIC]], b_example=[[PUBLIC]], intranet_example=[[PRIVATE]])
        async with serving(self.answer) as self.port, open_pages(POLICY, limits=LIMITS, names=names) as pages:
            crawler = Crawler(
                pages=pages,
                workers=self.workers,
                plan=Plan(**({"depth": 9, "delay": 0.0} | plan)),  # type: ignore[arg-type]
                found=self.counts.append,
                sleep=sleep,
            )
            return await crawler.crawl(self.address(start), [self.address(path) for path in known])

    def address(self, path: str) -> str:
        return path if "://" in path else f"http://a.example:{self.port}{path}"

    def paths(self, addresses: Iterable[str]) -> list[str]:
        return [address.removeprefix(f"http://a.example:{self.port}") for address in addresses]


def linking(*references: str, head: str = "", text: str = "") -> str:
    body = "".join(f"<a href='{reference}'>x</a>" for reference in references)
    return f"<html><head>{head}</head><body>{body}<p>{text or references}</p></body></html>"


def html(body: bytes, **headers: str) -> web.Response:
    return web.Response(body=body, headers={"Content-Type": "text/html"} | headers)


def redirect(location: str) -> web.Response:
    return web.Response(status=302, headers={"Location": location})


async def found(world: World, start: str = "/", **plan: float) -> list[str]:
    return world.paths((await world.crawl(start, known=(), **plan)).pages)


async def test_links_are_followed_breadth_first(workers: Workers) -> None:
    """Each page once, in loops too; how many there are is told as they are found."""
    world = World(
        workers,
        {
            "/": linking("/a", "b", "/"),
            "/a": linking("/a1", "/b", "/a#part", "/a?utm_source=x"),
            "/b": linking("/a", "/"),
            "/a1": linking("/"),
        },
    )
    site = await world.crawl()
    assert world.paths(site.pages) == ["/", "/a", "/b", "/a1"]
    assert world.asked == ["/", "/a", "/b", "/a1"]
    assert world.counts == [1, 2, 3, 4]
    assert (site.ending, site.left_out, site.gone) == ("whole", 0, set())
    assert site.root == f"http://a.example:{world.port}"


async def test_links_are_followed_so_deep_and_no_deeper(workers: Workers) -> None:
    """The start has depth 0; a site without an end has one here."""
    endless = {f"/{n}": linking(f"/{n + 1}") for n in range(50)}
    assert await found(World(workers, endless), "/0", depth=0) == ["/0"]
    assert await found(World(workers, {"/": linking("/0"), **endless}), depth=2) == ["/", "/0", "/1"]


async def test_so_many_pages_are_found_and_no_more(workers: Workers) -> None:
    """And the site is said not to be whole."""
    world = World(workers, {f"/{n}": linking(f"/{n + 1}") for n in range(50)} | {"/": linking("/0")})
    site = await world.crawl(most=3)
    assert (len(site.pages), site.ending) == (3, "most")
    assert len(world.asked) == 3


async def test_only_pages_under_the_start_are_asked_for(workers: Workers) -> None:
    """Not above it, beside it, on another port or host; pictures not at all."""
    world = World(
        workers,
        {
            "/docs/": linking(
                "a", "../", "/docs2", "/other/", "http://b.example:PORT/docs/b", "https://a.example/docs/c",
                "http://a.example/docs/d", "http://intranet.example:PORT/docs/e",
                "x.png", "y.zip", "z.js", "/docs",
            ),
            "/docs/a": linking(),
            "/docs": redirect("/docs/"),
        },
    )  # fmt: skip
    assert await found(world, "/docs/") == ["/docs/", "/docs/a"]
    assert world.asked == ["/docs/", "/docs/a", "/docs", "/docs/"]
    assert await found(World(workers, {"/d/x.html": linking("y", "/z"), "/d/y": linking()}), "/d/x.html") == [
        "/d/x.html",
        "/d/y",
    ]


async def test_the_start_may_lead_to_where_the_site_is(workers: Workers) -> None:
    """To another host, say; a page elsewhere may not."""
    world = World(
        workers,
        {
            "/go": redirect("http://b.example:PORT/"),
            "/": linking("x", "/y"),
            "/x": redirect("http://a.example:PORT/z"),
            "/z": linking(text="z"),
            "/y": linking(),
        },
    )
    site = await world.crawl("/go")
    assert site.pages == [f"http://b.example:{world.port}/", f"http://b.example:{world.port}/y"]
    assert site.root == f"http://b.example:{world.port}"


async def test_robots_txt_is_kept_to(workers: Workers) -> None:
    """What it forbids isn't asked for, and it says how fast."""
    world = World(
        workers,
        {
            "/robots.txt": "User-agent: Acervo\nDisallow: /no\nCrawl-delay: 7",
            "/": linking("/no/a", "/yes", "/go"),
            "/yes": linking(),
            "/go": redirect("/no/b"),
            "/no/b": linking(text="secret"),
        },
    )
    site = await world.crawl(delay=1.0)
    assert world.paths(site.pages) == ["/", "/yes"]
    assert site.left_out == 2
    assert "/no/a" not in world.asked
    assert len(world.waited) == 3, "before every page, robots.txt being a request as well"
    assert all(6 < seconds <= 7 for seconds in world.waited)


@pytest.mark.parametrize(
    ("robots", "reason"),
    [("User-agent: *\nDisallow: /", "refused"), (500, "unreachable"), (503, "unreachable")],
)
async def test_a_site_that_may_not_be_visited_is_left_alone(
    workers: Workers, robots: Reply, reason: str
) -> None:
    """Where robots.txt says so, and where it can't be read (RFC 9309)."""
    world = World(workers, {"/robots.txt": robots, "/": linking()})
    with pytest.raises(SourceError, match=r"robots\.txt") as caught:
        await world.crawl()
    assert (caught.value.reason, world.asked) == (reason, [])


@pytest.mark.parametrize("robots", [404, 403, 410, redirect("/none"), b"\xff\xfe\0" * 1000])
async def test_a_site_without_rules_is_visited(workers: Workers, robots: Reply) -> None:
    """As RFC 9309 has it."""
    assert await found(World(workers, {"/robots.txt": robots, "/": linking()})) == ["/"]


async def test_pages_say_what_may_be_done_with_them(workers: Workers) -> None:
    """A page that isn't to be kept may lead on; the links of another aren't followed."""
    world = World(
        workers,
        {
            "/": linking("/hidden", "/end", "/header"),
            "/hidden": linking("/x", head="<meta name=robots content=noindex>"),
            "/x": linking(),
            "/end": linking("/y", head="<meta name=robots content=nofollow>"),
            "/y": linking(),
            "/header": html(b"<a href=/y>", **{"X-Robots-Tag": "none"}),
        },
    )
    site = await world.crawl()
    assert world.paths(site.pages) == ["/", "/end", "/x"]
    assert site.left_out == 2


async def test_copies_of_a_page_are_left_out(workers: Workers) -> None:
    """By what they say, where that is so; and by their bytes."""
    world = World(
        workers,
        {
            "/": linking("/print", "/lost", "/one", "/other", "/same", "/foreign"),
            "/print": linking(head="<link rel=canonical href=/page>"),
            "/page": linking(head="<link rel=canonical href=/page>", text="page"),
            "/lost": linking(head="<link rel=canonical href=/none>", text="lost"),
            "/one": linking(head="<link rel=canonical href=/other>", text="one"),
            "/other": linking(head="<link rel=canonical href=/one>", text="other"),
            "/same": linking("/print", "/lost", "/one", "/other", "/same", "/foreign"),
            "/foreign": linking(head="<link rel=canonical href=http://b.example/>", text="foreign"),
        },
    )
    site = await world.crawl()
    assert sorted(world.paths(site.pages)) == ["/", "/foreign", "/lost", "/one", "/page"]
    assert site.left_out == 3


async def test_a_bad_page_never_ends_it(workers: Workers) -> None:
    """What fails for now is to be loaded, so that it is told of; what is gone or of another kind isn't."""
    world = World(
        workers,
        {
            "/": linking(
                "/gone", "/failing", "/forbidden", "/away", "/picture", "/archive", "/circle", "/good"
            ),
            "/gone": 410,
            "/failing": 500,
            "/forbidden": 403,
            "/away": redirect("http://intranet.example/"),
            "/picture": web.Response(body=b"x", headers={"Content-Type": "image/png"}),
            "/archive": web.Response(body=b"x", headers={"Content-Type": "application/x-tar"}),
            "/circle": redirect("/circle"),
            "/good": html(b"<p>" * 10_000),
        },
    )
    site = await world.crawl()
    assert world.paths(site.pages) == ["/", "/failing", "/forbidden", "/away", "/circle", "/good"]
    assert world.paths(site.gone) == ["/gone"]
    assert (site.left_out, site.ending) == (2, "whole")


async def test_documents_that_are_linked_are_found(workers: Workers) -> None:
    """Of every kind that can be loaded."""
    pdf = web.Response(body=b"%PDF-1.7", headers={"Content-Type": "application/pdf"})
    world = World(
        workers,
        {
            "/": linking("/a.pdf", "/b?download", "/c.txt"),
            "/a.pdf": pdf,
            "/b?download": b"%PDF-1.6",
            "/c.txt": "x",
        },
    )
    assert await found(world) == ["/", "/a.pdf", "/b?download", "/c.txt"]


async def test_a_site_that_goes_down_is_left(workers: Workers) -> None:
    """After five failures in a row; what was found till then counts."""
    failing: dict[str, Reply] = {f"/{n}": 500 for n in range(20)}
    world = World(workers, {"/": linking("/a", *failing), "/a": linking(), **failing})
    site = await world.crawl(known=["/known"])
    assert site.ending == "silent"
    assert world.asked == ["/", "/a", "/0", "/1", "/2", "/3", "/4"]


async def test_a_busy_site_is_given_time(workers: Workers) -> None:
    """As long as it asks for, within reason, and once."""
    busy = [web.Response(status=429, headers={"Retry-After": said}) for said in ("7", "999999", "Sunday")]
    world = World(workers, {"/": linking("/0", "/1", "/2"), "/0": busy[0], "/1": busy[1], "/2": busy[2]})
    await world.crawl()
    assert world.waited == [7.0, 60.0, 10.0]
    assert world.asked == ["/", "/0", "/0", "/1", "/1", "/2", "/2"]


async def test_a_start_that_cannot_be_visited_is_an_error(workers: Workers) -> None:
    """Nothing is gone because a site is down."""
    for replies in ({}, {"/": 500}):
        with pytest.raises(SourceError) as caught:
            await World(workers, dict(replies)).crawl()
        assert caught.value.reason == "unreachable"
    with pytest.raises(AddressRefused):
        await World(workers, {}).crawl("http://intranet.example/")


async def test_what_was_known_and_is_not_found_is_looked_after(workers: Workers) -> None:
    """Pages that are there stay, those that are gone, moved or hidden now don't; others' aren't touched."""
    world = World(
        workers,
        {
            "/d/": linking("/d/a"),
            "/d/a": linking(),
            "/d/unlinked": linking("/d/never", text="unlinked"),
            "/d/moved": redirect("/d/a"),
            "/d/away": redirect("/elsewhere"),
            "/elsewhere": linking(),
            "/d/hidden": linking(head="<meta name=robots content=noindex>"),
            "/d/failing": 500,
            "/other": linking(),
        },
    )
    names = ("a", "unlinked", "moved", "away", "hidden", "failing", "none")
    site = await world.crawl("/d/", known=[*(f"/d/{name}" for name in names), "/other"])
    assert world.paths(site.pages) == ["/d/", "/d/a", "/d/unlinked", "/d/failing"]
    assert sorted(world.paths(site.gone)) == ["/d/away", "/d/hidden", "/d/moved", "/d/none"]
    assert "/other" not in world.asked
    assert "/d/never" not in world.asked


def listing(*addresses: str, kind: str = "url") -> str:
    entries = "".join(f"<{kind}><loc>{address}</loc></{kind}>" for address in addresses)
    return f"<?xml version='1.0'?><{kind}set>{entries}</{kind}set>"


async def test_a_sitemap_is_a_start(workers: Workers) -> None:
    """It stands for the pages that it lists, of this site; links are only followed where told to."""
    here = "http://a.example:PORT"
    world = World(
        workers,
        {
            "/s/sitemap.xml": listing(
                f"{here}/s/a", f"{here}/s/b", f"{here}/no", "http://b.example:PORT/s/c"
            ),
            "/s/a": linking("/s/deeper"),
            "/s/b": linking(),
            "/s/deeper": linking(text="deeper"),
        },
    )
    assert await found(world, "/s/sitemap.xml", depth=0) == ["/s/a", "/s/b"]
    assert await found(world, "/s/sitemap.xml", depth=1) == ["/s/a", "/s/b", "/s/deeper"]


async def test_a_sites_own_sitemaps_are_used_where_wanted(workers: Workers) -> None:
    """Those that robots.txt names, or the usual one; indexes and gzipped ones too. A bad one does nothing."""
    here = "http://a.example:PORT"
    index = listing(f"{here}/1.xml.gz", f"{here}/bad.xml", "http://b.example:PORT/2.xml", kind="sitemap")
    zipped = gzip.compress(b"http://a.example/never\n")
    world = World(
        workers,
        {
            "/robots.txt": f"Sitemap: {here}/index.xml\nSitemap: {here}/3.txt",
            "/": linking(),
            "/index.xml": index,
            "/1.xml.gz": zipped,
            "/bad.xml": "<!DOCTYPE x><x/>",
            "/3.txt": f"{here}/a\n{here}/b",
            "/a": linking(text="a"),
            "/b": linking(text="b"),
        },
    )
    site = await world.crawl(depth=0, sitemap=True)
    assert world.paths(site.pages) == ["/", "/a", "/b"]
    assert world.asked == ["/", "/index.xml", "/3.txt", "/1.xml.gz", "/bad.xml", "/a", "/b"]
    usual = World(workers, {"/": linking(), "/sitemap.xml": listing(f"{here}/b"), "/b": linking(text="b")})
    assert await found(usual, depth=0, sitemap=True) == ["/", "/b"]
    assert await found(World(workers, {"/": linking()}), depth=0, sitemap=True) == ["/"]


async def test_sitemaps_that_lead_in_circles_end(workers: Workers) -> None:
    """As do those that lead on and on; one with entities isn't read."""
    here = "http://a.example:PORT"
    chain = {f"/{n}.xml": listing(f"{here}/{n + 1}.xml", kind="sitemap") for n in range(50)}
    circle = listing(f"{here}/circle.xml", kind="sitemap")
    world = World(workers, {"/circle.xml": circle, **chain})
    assert await found(world, "/circle.xml") == []
    assert await found(world, "/0.xml") == []
    assert world.asked == ["/circle.xml", "/0.xml", "/1.xml", "/2.xml"]
    empty = {f"/{n}.xml": listing() for n in range(99)}
    wide = World(workers, {"/w.xml": listing(*(here + path for path in empty), kind="sitemap"), **empty})
    assert await found(wide, "/w.xml") == []
    assert len(wide.asked) == 50
    bomb = "<!DOCTYPE x [<!ENTITY a 'aaa'>]><urlset><url><loc>http://a.example/&a;</loc></url></urlset>"
    with pytest.raises(SourceError) as caught:
        await World(workers, {"/bomb.xml": bomb}).crawl("/bomb.xml")
    assert caught.value.reason == "unsupported"


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("https://x.example/sitemap.xml", True),
        ("https://x.example/a/sitemap_index.XML?b", True),
        ("https://x.example/sitemap.xml.gz", True),
        ("https://x.example/sitemap.txt", True),
        ("https://x.example/sitemap", False),
        ("https://x.example/notes.txt", False),
        ("http://[x.xml", False),
    ],
)
async def test_a_sitemap_is_known_by_its_name(address: str, named: bool) -> None:
    """So that it needs no option."""
    assert is_sitemap(address) is named
