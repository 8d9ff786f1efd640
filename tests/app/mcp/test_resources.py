"""Documents and pages as resources."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from mcp import Client, MCPError, types

from app.mcp import resources
from database.errors import StoreUnavailable
from database.records import Chunk, Document
from tests.app.fakes import FakeFiles, FakeStore, a_chunk, a_collection, a_document
from tests.app.mcp.asking import PNG, a_book, a_web_page, asking, holding


async def texts(client: Client, uri: str) -> dict[str, str]:
    """What is read there, by the address of each content."""
    contents = (await client.read_resource(uri)).contents
    assert all(isinstance(content, types.TextResourceContents) for content in contents)
    return {
        content.uri: content.text for content in contents if isinstance(content, types.TextResourceContents)
    }


async def test_documents_with_text_are_listed() -> None:
    """By name, with what people know them by."""
    failed: tuple[Document, list[Chunk]] = (a_document("bad", status="failed", error="broken"), [])
    async with asking(holding(a_book(title="The Book"), a_web_page(), failed)) as client:
        listed = await client.list_resources()
    assert [(r.uri, r.name, r.title, r.description, r.mime_type) for r in listed.resources] == [
        ("acervo://documents/book", "book.pdf", "The Book", "3 pages.", "text/markdown"),
        ("acervo://documents/web", "web.html", None, None, "text/markdown"),
    ]
    assert listed.next_cursor is None


async def test_a_long_list_is_read_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """By cursors."""
    monkeypatch.setattr(resources, "LISTED", 2)
    found: list[str] = []
    cursor = None
    async with asking(holding(*(a_book(f"book{n}") for n in range(5)))) as client:
        for _ in range(3):
            listed = await client.list_resources(cursor=cursor)
            found += [resource.uri for resource in listed.resources]
            cursor = listed.next_cursor
        assert cursor is None
        with pytest.raises(MCPError, match="There is no such cursor"):
            await client.list_resources(cursor="-1")
    assert found == [f"acervo://documents/book{n}" for n in range(5)]


async def test_templates_tell_how_pages_are_addressed() -> None:
    """For clients that fill them in."""
    async with asking(holding()) as client:
        listed = await client.list_resource_templates()
    assert [template.uri_template for template in listed.resource_templates] == [
        "acervo://documents/{document_id}/pages/{page}",
        "acervo://documents/{document_id}/parts/{part}",
        "acervo://documents/{document_id}/pages/{page}.png",
    ]


async def test_a_page_is_read() -> None:
    """Or a part, where there are no pages."""
    async with asking(holding(a_book(), a_web_page(passages=20))) as client:
        assert await texts(client, "acervo://documents/book/pages/2") == {
            "acervo://documents/book/pages/2": "Page 2, passage 2.\n\nPage 2, passage 3."
        }
        assert await texts(client, "acervo://documents/web/parts/2") == {
            "acervo://documents/web/parts/2": "\n\n".join(f"Passage {n}." for n in range(16, 20))
        }


async def test_a_page_is_seen() -> None:
    """As PNG."""
    record, chunks = a_book()
    files = FakeFiles({record.sha256: Path("/book.pdf")})
    async with asking(holding((record, chunks), files=files)) as client:
        (content,) = (await client.read_resource("acervo://documents/book/pages/2.png")).contents
    assert isinstance(content, types.BlobResourceContents)
    assert (content.mime_type, base64.b64decode(content.blob)) == ("image/png", PNG)


async def test_a_document_is_read_whole_page_by_page() -> None:
    """Each page under its own address."""
    async with asking(holding(a_book(pages=3, each=1))) as client:
        assert await texts(client, "acervo://documents/book") == {
            f"acervo://documents/book/pages/{n}": f"Page {n}, passage {n - 1}." for n in (1, 2, 3)
        }


async def test_a_long_document_says_where_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """More would not fit into a conversation."""
    monkeypatch.setattr(resources, "WHOLE_CHARACTERS", 30)
    async with asking(holding(a_book(pages=9, each=1), a_book("sheet", pages=2, each=40))) as client:
        read = await texts(client, "acervo://documents/book")
        page = await texts(client, "acervo://documents/sheet/pages/1")
    assert list(read) == [
        "acervo://documents/book/pages/1",
        "acervo://documents/book/pages/2",
        "acervo://documents/book",
    ]
    assert "It goes on at acervo://documents/book/pages/3." in read["acervo://documents/book"]
    assert "in its part 2: use read_page" in page["acervo://documents/sheet"]


@pytest.mark.parametrize(
    ("uri", "sentence"),
    [
        ("acervo://documents/other", "The collection has no document with that id."),
        ("acervo://documents/hidden/pages/1", "The collection has no document with that id."),
        ("acervo://documents/book/pages/4", "There is no page 4: there are pages 1 to 3."),
        ("acervo://documents/book/pages/4.png", "There is no page 4: there are pages 1 to 3."),
        ("acervo://documents/book/pages/1.png", "The original file of that document is not kept."),
        ("acervo://documents/book/pages/0", "There is no resource at"),
        ("acervo://documents/book/../../etc", "There is no resource at"),
        ("file:///etc/passwd", "There is no resource at"),
    ],
)
async def test_what_is_not_there_is_an_error(uri: str, sentence: str) -> None:
    """Of the protocol's own, with the address."""
    hidden = (a_document("hidden", library="another", passages=1), [a_chunk("hidden")])
    async with asking(holding(a_book(), hidden)) as client:
        with pytest.raises(MCPError, match=sentence) as raised:
            await client.read_resource(uri)
    assert raised.value.code == types.INVALID_PARAMS
    assert raised.value.data == {"uri": uri}


async def test_a_store_that_is_away_is_an_error_of_the_server() -> None:
    """Without what it said."""
    store = FakeStore(failure=StoreUnavailable("unreadable", detail="/secret"))
    async with asking(a_collection(store=store)) as client:
        for asked in (client.list_resources(), client.read_resource("acervo://documents/book")):
            with pytest.raises(MCPError) as raised:
                await asked
            assert raised.value.code == types.INTERNAL_ERROR
            assert "secret" not in raised.value.message
