"""Where documents come from."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from database.errors import SourceError
from database.load import sources
from database.load.converters.pdf import PDF
from database.load.converters.text import MARKDOWN, PLAIN
from database.load.converters.web import HTML
from database.load.sources import Source


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def test_a_folder_stands_for_its_documents(tmp_path: Path) -> None:
    """At any depth, named by their place in it; other kinds and hidden ones are left out."""
    for name in ("b.pdf", "a.md", "deep/er/c.TXT", "picture.png", ".hidden.pdf", ".git/d.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    found, failed = sources.find([str(tmp_path)])
    assert [s.name for s in found] == ["a.md", "b.pdf", "deep/er/c.TXT"]
    assert failed == []


def test_nothing_is_given_twice(tmp_path: Path) -> None:
    """A file named by itself and by its folder is one source."""
    (tmp_path / "a.md").write_text("x")
    found, _ = sources.find(
        [str(tmp_path / "a.md"), str(tmp_path), "https://example.org/x", "https://example.org/x"]
    )
    assert [s.name for s in found] == ["a.md", "example.org/x"]


def test_a_path_that_is_not_there_is_a_failure_of_its_own(tmp_path: Path) -> None:
    """The others are found."""
    (tmp_path / "a.md").write_text("x")
    found, failed = sources.find([str(tmp_path / "none.pdf"), str(tmp_path)])
    assert [s.name for s in found] == ["a.md"]
    assert [(s.name, e.reason) for s, e in failed] == [("none.pdf", "missing")]


def test_a_document_is_known_by_its_address() -> None:
    """The same address is the same document, another library's is another."""
    a = Source(address="/x/a.pdf", name="a.pdf")
    assert a.document_id == Source(address="/x/a.pdf", name="other name").document_id
    assert a.document_id != Source(address="/x/b.pdf", name="a.pdf").document_id
    assert a.document_id != Source(address="/x/a.pdf", name="a.pdf", library="b").document_id


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("a.pdf", b"%PDF-1.7", PDF),
        ("misnamed.txt", b"\n%PDF-1.7", PDF),
        ("a.md", b"# x", MARKDOWN),
        ("a.txt", b"x", PLAIN),
        ("a.HTML", b"<p>x", HTML),
    ],
)
async def test_bytes_say_more_than_names(
    session: aiohttp.ClientSession, tmp_path: Path, name: str, data: bytes, media_type: str
) -> None:
    """A PDF is one whatever it is called."""
    (tmp_path / name).write_bytes(data)
    source = Source(address=str(tmp_path / name), name=name)
    assert (await sources.read(source, session)).media_type == media_type


@pytest.mark.parametrize(
    ("name", "data", "reason"), [("a.png", b"x", "unsupported"), ("a.pdf", b"", "empty")]
)
async def test_what_cannot_be_loaded_says_why(
    session: aiohttp.ClientSession, tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    """Before anything is converted."""
    (tmp_path / name).write_bytes(data)
    with pytest.raises(SourceError) as caught:
        await sources.read(Source(address=str(tmp_path / name), name=name), session)
    assert caught.value.reason == reason


@pytest.fixture
async def site() -> AsyncIterator[str]:
    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<p>x</p>", content_type="text/html")

    async def notice(_: web.Request) -> web.Response:
        return web.Response(body=b"%PDF-1.7", content_type="application/octet-stream")

    async def moved(_: web.Request) -> web.Response:
        raise web.HTTPFound("/page")

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 2**20)

    async def elsewhere(_: web.Request) -> web.Response:
        raise web.HTTPFound("file:///etc/passwd")

    def status(number: int) -> web.Response:
        return web.Response(status=number)

    async def forbidden(_: web.Request) -> web.Response:
        return status(403)

    async def failing(_: web.Request) -> web.Response:
        return status(500)

    app = web.Application()
    app.router.add_get("/page", page)
    app.router.add_get("/notice", notice)
    app.router.add_get("/moved", moved)
    app.router.add_get("/endless", endless)
    app.router.add_get("/elsewhere", elsewhere)
    app.router.add_get("/forbidden", forbidden)
    app.router.add_get("/failing", failing)
    async with TestServer(app) as server:
        yield str(server.make_url("/")).rstrip("/")


@pytest.mark.parametrize(("path", "media_type"), [("/page", HTML), ("/moved", HTML), ("/notice", PDF)])
async def test_a_web_address_gives_its_bytes(
    session: aiohttp.ClientSession, site: str, path: str, media_type: str
) -> None:
    """Also behind a redirect, and a PDF that the site doesn't call one."""
    content = await sources.read(Source(address=site + path, name="x"), session)
    assert content.media_type == media_type
    assert content.data


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/none", "unreachable"),
        ("/failing", "unreachable"),
        ("/forbidden", "refused"),
        ("/endless", "too_large"),
        ("/elsewhere", "unreachable"),
    ],
)
async def test_a_web_address_that_gives_nothing_says_why(
    session: aiohttp.ClientSession, site: str, path: str, reason: str
) -> None:
    """A redirect to a file of this machine is not followed, an endless answer is cut."""
    with pytest.raises(SourceError) as caught:
        await sources.read(Source(address=site + path, name="x"), session)
    assert caught.value.reason == reason


async def test_a_server_that_is_not_there_is_unreachable(
    session: aiohttp.ClientSession, unused_tcp_port: int
) -> None:
    """As is an address that isn't one."""
    for address in (f"http://127.0.0.1:{unused_tcp_port}/", "http://"):
        with pytest.raises(SourceError) as caught:
            await sources.read(Source(address=address, name="x"), session)
        assert caught.value.reason == "unreachable"
