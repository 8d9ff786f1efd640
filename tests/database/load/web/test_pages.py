"""Pages: asked for once, and on the next visit only if they changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from database.errors import SourceError
from database.files.local import LocalFiles
from database.load.web import pages as pages_module
from database.load.web.fetch import BadStatus
from database.load.web.pages import Page, Pages, open_pages
from tests.database.load.web.fakes import POLICY, PUBLIC, answering, serving

HTML = {"Content-Type": "text/html"}


@dataclass
class Site:
    """One page, with the validators that it is given, and the statuses that it was answered with."""

    body: bytes = b"<p>x</p>"
    etag: str = '"1"'
    last_modified: str = ""
    robots: str = ""
    statuses: list[int] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    address: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append({name: request.headers[name] for name in CONDITIONS if name in request.headers})
        if request.path == "/moved":
            return web.Response(status=301, headers={"Location": "/page"})
        if request.path == "/none":
            return web.Response(status=404)
        headers = {"ETag": self.etag, "Last-Modified": self.last_modified, "X-Robots-Tag": self.robots}
        given = HTML | {name: value for name, value in headers.items() if value}
        same = request.headers.get("If-None-Match") == self.etag if self.etag else False
        same = same or request.headers.get("If-Modified-Since", "-") == self.last_modified
        self.statuses.append(304 if same else 200)
        return (
            web.Response(status=304, headers=given) if same else web.Response(body=self.body, headers=given)
        )


CONDITIONS = ("If-None-Match", "If-Modified-Since")


@asynccontextmanager
async def visiting(site: Site, folder: Path) -> AsyncIterator[Pages]:
    async with serving(site.answer) as port:
        # The port changes with every visit; what is remembered is remembered by the address.
        site.address = f"http://{PUBLIC}:{port}"
        async with open_pages(POLICY, data_dir=folder, kept=LocalFiles(folder / "files")) as pages:
            yield pages


async def keep(page: Page, folder: Path) -> None:
    """As the loader does."""
    await LocalFiles(folder / "files").put(page.path)


async def visit(site: Site, folder: Path, path: str = "/page", *, kept: bool = True) -> bytes:
    async with open_pages(POLICY, data_dir=folder, kept=LocalFiles(folder / "files")) as pages:
        page = await pages.get(site.address + path)
        if kept:
            await keep(page, folder)
        assert page.media_type == "text/html"
        return page.path.read_bytes()


async def test_a_page_is_asked_for_once(tmp_path: Path) -> None:
    """However often it is wanted, by its own address or by the one that leads to it; anew where told to."""
    site = Site()
    async with visiting(site, tmp_path) as pages:
        page = await pages.get(f"{site.address}/moved")
        assert page == await pages.get(f"{site.address}/moved") == await pages.get(f"{site.address}/page")
        assert page.url == f"{site.address}/page"
        assert len(site.asked) == 2
        await pages.get(f"{site.address}/page", again=True)
        assert len(site.asked) == 3


async def test_a_failure_is_told_again_without_asking(tmp_path: Path) -> None:
    """With its status."""
    site = Site()
    async with visiting(site, tmp_path) as pages:
        for _ in range(2):
            with pytest.raises(BadStatus) as caught:
                await pages.get(f"{site.address}/none")
            assert (caught.value.reason, caught.value.status) == ("unreachable", 404)
        assert len(site.asked) == 1


@pytest.mark.parametrize(
    ("etag", "last_modified"),
    [
        ('"1"', ""),
        ('W/"1"', ""),
        ("", "Thu, 01 Jan 2026 00:00:00 GMT"),
        ('"1"', "Thu, 01 Jan 2026 00:00:00 GMT"),
    ],
)
async def test_an_unchanged_page_is_not_sent_again(tmp_path: Path, etag: str, last_modified: str) -> None:
    """The next visit sends the validators; the bytes are those that were kept."""
    site = Site(etag=etag, last_modified=last_modified, robots="nofollow")
    async with serving(site.answer) as port:
        site.address = f"http://{PUBLIC}:{port}"
        first = await visit(site, tmp_path)
        assert await visit(site, tmp_path) == first == site.body
        assert await visit(site, tmp_path, "/moved") == first, "by another way to it"
        async with open_pages(POLICY, data_dir=tmp_path, kept=LocalFiles(tmp_path / "files")) as pages:
            assert (await pages.get(f"{site.address}/page")).robots == "nofollow"
    assert site.statuses == [200, 304, 304, 304]
    assert site.asked[1] == {
        name: value for name, value in zip(CONDITIONS, (etag, last_modified), strict=True) if value
    }


async def test_a_changed_page_is_sent(tmp_path: Path) -> None:
    """And is then what is asked about."""
    site = Site()
    async with serving(site.answer) as port:
        site.address = f"http://{PUBLIC}:{port}"
        await visit(site, tmp_path)
        site.body, site.etag = b"<p>y</p>", '"2"'
        assert await visit(site, tmp_path) == b"<p>y</p>"
        assert await visit(site, tmp_path) == b"<p>y</p>"
    assert site.statuses == [200, 200, 304]


async def test_what_is_not_kept_is_asked_for_whole(tmp_path: Path) -> None:
    """A page that was never loaded, was removed, or is damaged; or one that has no validators any more."""
    site = Site()
    async with serving(site.answer) as port:
        site.address = f"http://{PUBLIC}:{port}"
        await visit(site, tmp_path, kept=False)
        await visit(site, tmp_path)
        (file,) = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
        file.write_bytes(b"damaged")
        assert await visit(site, tmp_path, kept=False) == site.body
        file.unlink()
        site.etag = ""
        await visit(site, tmp_path)
        await visit(site, tmp_path)
    assert site.asked == [{}] * 5


async def test_an_unasked_not_modified_is_no_page(tmp_path: Path) -> None:
    """There is nothing that it could stand for."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=304)

    async with serving(answer) as port, open_pages(POLICY, data_dir=tmp_path) as pages:
        with pytest.raises(SourceError) as caught:
            await pages.get(f"http://{PUBLIC}:{port}/")
    assert caught.value.reason == "unreachable"


async def test_a_memory_that_cannot_be_used_is_done_without(tmp_path: Path) -> None:
    """It only saves traffic."""
    (tmp_path / "web.sqlite").write_bytes(b"no database" * 100)
    site = Site()
    async with visiting(site, tmp_path) as pages:
        assert (await pages.get(f"{site.address}/page")).size == len(site.body)


async def test_nothing_is_left_of_a_visit(tmp_path: Path) -> None:
    """What waits to be loaded waits in a folder that goes."""
    site = Site()
    async with visiting(site, tmp_path) as pages:
        page = await pages.get(f"{site.address}/page")
        assert page.path.is_file()
    assert not page.path.parent.exists()


async def test_the_header_says_how_a_page_is_encoded(tmp_path: Path) -> None:
    """And what is kept can be read without it."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(
            body="<meta charset=utf-8>Ação".encode("cp1251", "replace") + "ã".encode("latin-1"),
            headers={"Content-Type": "text/html; charset=windows-1252"},
        )

    async with serving(answer) as port, open_pages(POLICY):
        page = await pages_module.get(f"http://{PUBLIC}:{port}/")
        data = page.path.read_bytes()
    assert data.decode("utf-8-sig").endswith("ã")


@pytest.mark.parametrize(
    ("body", "media_type"),
    [(b"\xef\xbb\xbf\n<!DOCTYPE html><p>x", "text/html"), (b"<HTML><p>x", "text/html"), (b"x<html>", "")],
)
async def test_a_page_without_a_type_is_looked_at(body: bytes, media_type: str) -> None:
    """As browsers do."""
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    async with answering(raw) as port, open_pages(POLICY) as pages:
        assert (await pages.get(f"http://{PUBLIC}:{port}/")).media_type == media_type
