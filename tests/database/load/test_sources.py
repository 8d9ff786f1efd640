"""Where documents come from."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from aiohttp import web

from database.errors import SourceError
from database.load import sources
from database.load.converters.delimited import CSV
from database.load.converters.docx import DOCX
from database.load.converters.epub import EPUB
from database.load.converters.pdf import PDF
from database.load.converters.pptx import PPTX
from database.load.converters.text import MARKDOWN, PLAIN
from database.load.converters.web import HTML
from database.load.converters.xlsx import XLSX
from database.load.sources import Source
from database.load.web.pages import open_pages
from tests.database.load.web.fakes import POLICY, PUBLIC, serving


def test_a_folder_stands_for_its_documents(tmp_path: Path) -> None:
    """At any depth, named by their place in it; other kinds and hidden ones are left out."""
    for name in ("b.pdf", "a.md", "deep/er/c.TXT", "picture.png", ".hidden.pdf", ".git/d.txt", "~$b.docx"):
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
        ("a.docx", b"PK", DOCX),
        ("a.PPTX", b"PK", PPTX),
        ("a.xlsx", b"PK", XLSX),
        ("a.epub", b"PK", EPUB),
        ("a.csv", b"a;b", CSV),
    ],
)
async def test_bytes_say_more_than_names(tmp_path: Path, name: str, data: bytes, media_type: str) -> None:
    """A PDF is one whatever it is called."""
    (tmp_path / name).write_bytes(data)
    source = Source(address=str(tmp_path / name), name=name)
    assert (await sources.read(source)).media_type == media_type


@pytest.mark.parametrize(
    ("name", "data", "reason"), [("a.png", b"x", "unsupported"), ("a.pdf", b"", "empty")]
)
async def test_what_cannot_be_loaded_says_why(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    """Before anything is converted."""
    (tmp_path / name).write_bytes(data)
    with pytest.raises(SourceError) as caught:
        await sources.read(Source(address=str(tmp_path / name), name=name))
    assert caught.value.reason == reason


def page_of(path: str) -> web.Response:
    match path:
        case "/page":
            return web.Response(text="<p>x</p>", content_type="text/html")
        case "/notice":
            return web.Response(body=b"%PDF-1.7", content_type="application/octet-stream")
        case "/moved":
            return web.Response(status=302, headers={"Location": "/page"})
        case "/picture":
            return web.Response(body=b"x", content_type="image/png")
        case "/archive":
            return web.Response(body=b"x", content_type="application/x-tar")
        case "/empty":
            return web.Response(body=b"", content_type="text/html")
        case "/forbidden":
            return web.Response(status=403)
        case "/failing":
            return web.Response(status=500)
        case _:
            return web.Response(status=404)


async def answer(request: web.Request) -> web.Response:
    return page_of(request.path)


@pytest.mark.parametrize(("path", "media_type"), [("/page", HTML), ("/moved", HTML), ("/notice", PDF)])
async def test_a_web_address_gives_its_bytes(path: str, media_type: str) -> None:
    """Also behind a redirect, and a PDF that the site doesn't call one."""
    async with serving(answer) as port, open_pages(POLICY):
        content = await sources.read(Source(address=f"http://{PUBLIC}:{port}{path}", name="x"))
        data = content.path.read_bytes()
    assert content.media_type == media_type
    assert hashlib.sha256(data).hexdigest() == content.sha256


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/none", "unreachable"),
        ("/failing", "unreachable"),
        ("/forbidden", "refused"),
        ("/picture", "unsupported"),
        ("/archive", "unsupported"),
        ("/empty", "empty"),
    ],
)
async def test_a_web_address_that_gives_nothing_says_why(path: str, reason: str) -> None:
    """By what the site answers."""
    async with serving(answer) as port, open_pages(POLICY):
        with pytest.raises(SourceError) as caught:
            await sources.read(Source(address=f"http://{PUBLIC}:{port}{path}", name="x"))
    assert caught.value.reason == reason


async def test_without_pages_that_are_open_no_address_is_asked() -> None:
    """Whoever forgets to say what may be asked asks nothing."""
    async with serving(answer) as port:
        with pytest.raises(LookupError):
            await sources.read(Source(address=f"http://{PUBLIC}:{port}/page", name="x"))
