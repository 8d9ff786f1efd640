"""Pictures of pages over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pymupdf
import pytest

from database.collection import Collection
from database.errors import StoreUnavailable
from tests.app.fakes import FakeFiles, FakeStore, a_chunk, a_collection, a_document
from tests.app.talking import talking

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    """Two documents of two small pages; the second one's file is no PDF."""
    folder = tmp_path_factory.mktemp("files")
    with pymupdf.open() as pdf:
        for text in ("First page", "Second page"):
            pdf.new_page(width=200, height=100).insert_text((20, 50), text)
        pdf.save(folder / "good.pdf")
    (folder / "bad.pdf").write_bytes(b"no PDF at all")
    documents = [
        a_document("good", sha256="1", pages=2),
        a_document("bad", sha256="2", pages=2),
        a_document("lost", sha256="3", pages=2),
        a_document("text", sha256="1", pages=None, media_type="text/plain"),
    ]
    chunks = [a_chunk("good", position) for position in (0, 1)]
    files = FakeFiles({"1": folder / "good.pdf", "2": folder / "bad.pdf"})
    return a_collection(store=FakeStore(documents, chunks), files=files)


@pytest.fixture
async def client(collection: Collection) -> AsyncIterator[aiohttp.ClientSession]:
    async with talking(collection) as client:
        yield client


async def test_draws_a_page_with_the_passage_marked(client: aiohttp.ClientSession) -> None:
    """As wide as asked; the marked picture differs from the plain one."""
    async with client.get("/documents/good/pages/1.png?width=300") as plain:
        assert (plain.status, plain.content_type) == (200, "image/png")
        picture = await plain.read()
    assert picture.startswith(PNG)
    assert int.from_bytes(picture[16:20]) == 300
    async with client.get("/documents/good/pages/1.png?width=300&chunk=good:1:0") as marked:
        assert await marked.read() != picture
        assert marked.headers["ETag"] != plain.headers["ETag"]


async def test_a_browser_that_has_the_picture_is_not_sent_it_again(client: aiohttp.ClientSession) -> None:
    """Nor is it drawn: the tag is known without."""
    async with client.get("/documents/good/pages/2.png") as response:
        tag = response.headers["ETag"]
        assert "private" in response.headers["Cache-Control"]
    async with client.get("/documents/good/pages/2.png", headers={"If-None-Match": tag}) as response:
        assert (response.status, await response.read()) == (304, b"")
        assert response.headers["ETag"] == tag


async def test_a_chunk_that_is_not_on_the_page_marks_nothing(client: aiohttp.ClientSession) -> None:
    """It may be of another page, version or document, or made up."""
    async with client.get("/documents/good/pages/1.png") as plain:
        tag = plain.headers["ETag"]
    for chunk in ("good:1:1", "good:2:0", "bad:1:0", "nonsense", "good:1:x", "good:1:99"):
        async with client.get("/documents/good/pages/1.png", params={"chunk": chunk}) as response:
            assert (response.status, response.headers["ETag"]) == (200, tag)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("gone/pages/1.png", 404, "unknown_document"),
        ("good/pages/0.png", 404, "unknown_page"),
        ("good/pages/3.png", 404, "unknown_page"),
        ("good/pages/-1.png", 404, "unknown_page"),
        ("good/pages/one.png", 404, "unknown_page"),
        ("good/pages/²1.png", 404, "unknown_page"),
        ("good/pages/99999999999999999999.png", 404, "unknown_page"),
        ("text/pages/1.png", 404, "unknown_page"),
        ("lost/pages/1.png", 404, "no_file"),
        ("good/pages/1.jpg", 404, "not_found"),
        ("good/pages/1.png?width=10", 400, "bad_request"),
        ("good/pages/1.png?width=5000", 400, "bad_request"),
        ("good/pages/1.png?width=wide", 400, "bad_request"),
        ("good/pages/1.png?" + "&".join(["chunk=good:1:0"] * 21), 400, "bad_request"),
    ],
)
async def test_refuses_what_cannot_be_drawn(
    client: aiohttp.ClientSession, path: str, status: int, code: str
) -> None:
    """Without opening any file."""
    async with client.get(f"/documents/{path}") as response:
        assert (response.status, (await response.json())["code"]) == (status, code)


async def test_a_page_that_fails_to_draw_says_why(client: aiohttp.ClientSession) -> None:
    """In words, and as a reason that programs can read."""
    headers = {"Accept-Language": "pt"}
    async with client.get("/documents/bad/pages/1.png", headers=headers) as response:
        assert response.status == 422
        assert await response.json() == {
            "error": "Não foi possível desenhar a página: o arquivo está danificado.",
            "code": "render_failed",
            "reason": "broken",
        }


async def test_a_collection_that_cannot_be_read_is_unavailable() -> None:
    """As everywhere."""
    broken = a_collection(store=FakeStore(failure=StoreUnavailable("unreadable", detail="secret")))
    async with talking(broken) as client, client.get("/documents/a/pages/1.png") as response:
        assert (response.status, (await response.json())["code"]) == (503, "store_unavailable")
