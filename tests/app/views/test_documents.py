"""Documents and their files over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest

from database.errors import StoreUnavailable
from database.records import Changeover
from tests.app.fakes import FakeFiles, FakeStore, a_collection, a_document
from tests.app.talking import talking

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def files(tmp_path: Path) -> FakeFiles:
    path = tmp_path / "original"
    path.write_text(EVIL, encoding="utf-8")
    return FakeFiles({"ab" * 32: path})


async def test_lists_every_document_with_its_state() -> None:
    """Those that failed say why, in the reader's language."""
    failed = a_document("b", name="ç.pdf", status="failed", error="broken", pages=None)
    async with (
        talking(a_collection(store=FakeStore(held=[a_document("a"), failed]))) as client,
        client.get("/documents", headers={"Accept-Language": "pt-BR"}) as response,
    ):
        listed = (await response.json())["documents"]
    assert [document["id"] for document in listed] == ["a", "b"]
    assert listed[1] == {
        "id": "b",
        "name": "ç.pdf",
        "media_type": "application/pdf",
        "pages": None,
        "title": "",
        "description": "",
        "tags": [],
        "source": "/b.pdf",
        "places": [{"source": "/b.pdf", "name": "ç.pdf"}],
        "language": "en",
        "progress": {
            "text": {"done": 0, "of": 0, "unit": "pages"},
            "vectors": {"done": 0, "of": 0, "unit": "passages"},
            "layout": {"done": 0, "of": 0, "unit": "pages"},
        },
        "status": "failed",
        "error": "está danificado e não pode ser lido",
        "code": "broken",
        "created_at": "2026-01-02T03:04:05+00:00",
        "updated_at": "2026-01-02T03:04:05+00:00",
    }


@pytest.mark.parametrize(
    ("changing", "coming"),
    [
        (None, None),
        (
            Changeover(answering="words", coming="another", embedded=120, passages=6_899),
            {"model": "another", "done": 120, "of": 6_899, "unit": "passages"},
        ),
    ],
)
async def test_tells_which_model_answers_and_which_will(
    changing: Changeover | None, coming: dict[str, object] | None
) -> None:
    """And how far that one is."""
    collection = a_collection(store=FakeStore(held=[a_document("a")], changing=changing))
    async with talking(collection) as client, client.get("/documents") as response:
        assert (await response.json())["embedder"] == {"model": "words", "next": coming}


@pytest.mark.parametrize("path", ["/documents", "/documents/a/file"])
async def test_a_collection_that_cannot_be_read_is_unavailable(path: str) -> None:
    """Without its reasons."""
    broken = a_collection(store=FakeStore(failure=StoreUnavailable("unreadable", detail="secret")))
    async with talking(broken) as client, client.get(path) as response:
        assert (response.status, (await response.json())["code"]) == (503, "store_unavailable")


@pytest.mark.parametrize(
    ("media_type", "kind", "sent_as"),
    [
        ("application/pdf", "inline", "application/pdf"),
        ("text/plain", "inline", "text/plain; charset=utf-8"),
        ("text/html", "attachment", "application/octet-stream"),
        ("image/svg+xml", "attachment", "application/octet-stream"),
    ],
)
async def test_a_file_can_run_nothing_here(
    files: FakeFiles, media_type: str, kind: str, sent_as: str
) -> None:
    """Only what browsers show without running it is shown; nothing is guessed, all is sandboxed."""
    store = FakeStore(held=[a_document("a", media_type=media_type)])
    async with (
        talking(a_collection(store=store, files=files)) as client,
        client.get("/documents/a/file") as response,
    ):
        assert await response.text() == EVIL
        assert response.headers["Content-Type"] == sent_as
        assert response.headers["Content-Disposition"].startswith(f"{kind}; ")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "disposition"),
    [
        ("manual.pdf", "inline; filename=\"manual.pdf\"; filename*=UTF-8''manual.pdf"),
        ("Guía ç.pdf", "inline; filename=\"Gu_a _.pdf\"; filename*=UTF-8''Gu%C3%ADa%20%C3%A7.pdf"),
        (
            'a"; x="b\r\nX: y.pdf',
            "inline; filename=\"a__ x=_bX: y.pdf\"; filename*=UTF-8''a%22%3B%20x%3D%22bX%3A%20y.pdf",
        ),
        ("../../etc/passwd", "inline; filename=\"passwd\"; filename*=UTF-8''passwd"),
        ("\r\n", "inline; filename=\"document\"; filename*=UTF-8''document"),
    ],
)
async def test_a_name_stays_a_name(files: FakeFiles, name: str, disposition: str) -> None:
    """Quoted by RFC 6266, so that it can add no header and no folder."""
    store = FakeStore(held=[a_document("a", name=name)])
    async with (
        talking(a_collection(store=store, files=files)) as client,
        client.get("/documents/a/file") as response,
    ):
        assert response.headers["Content-Disposition"] == disposition
        assert "X" not in response.headers


async def test_a_part_of_a_file_can_be_asked_for(files: FakeFiles) -> None:
    """PDF viewers read long files in ranges."""
    store = FakeStore(held=[a_document("a")])
    async with (
        talking(a_collection(store=store, files=files)) as client,
        client.get("/documents/a/file", headers={"Range": "bytes=1-6"}) as response,
    ):
        assert (response.status, await response.text()) == (206, "script")


async def test_a_file_that_is_not_kept_is_told_from_an_unknown_document() -> None:
    """One may come back, the other is a wrong address."""
    async with talking(a_collection(store=FakeStore(held=[a_document("a")]))) as client:
        async with client.get("/documents/a/file") as response:
            assert (response.status, (await response.json())["code"]) == (404, "no_file")
        async with client.get("/documents/..%2F..%2Fetc/file") as response:
            assert (response.status, (await response.json())["code"]) == (404, "unknown_document")
