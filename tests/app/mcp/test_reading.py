"""The tool `read_page`."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mcp import types

from database.errors import RenderError
from database.records import DEFAULT_LIBRARY
from tests.app.fakes import FakeFiles, a_chunk, a_document
from tests.app.mcp.asking import PNG, a_book, a_web_page, asking, given, holding, text_of, told


def place(page: int | None, part: int = 1) -> dict[str, Any]:
    return {"page": page, "part": part}


@pytest.mark.parametrize("pages", [1, 2, 3, 50])
async def test_every_page_is_read_whole_and_alone(pages: int) -> None:
    """Wherever it stands in the document, however many passages the others have."""
    async with asking(holding(a_book(pages=pages, each=3))) as client:
        for page in range(1, pages + 1):
            read = await given(client, "read_page", {"document_id": "book", "page": page})
            first = (page - 1) * 3
            assert read["text"] == "\n\n".join(f"Page {page}, passage {first + n}." for n in range(3))
            assert (read["page"], read["pages"], read["part"], read["parts"]) == (page, pages, 1, 1)
            assert read["previous"] == (place(page - 1) if page > 1 else None)
            assert read["next"] == (place(page + 1) if page < pages else None)
            assert read["note"] == ""


async def test_a_long_page_comes_in_parts() -> None:
    """A sheet may have thousands of rows; each part says which is next."""
    async with asking(holding(a_book(pages=2, each=40))) as client:
        texts, at = [], place(1)
        while at and at["page"] == 1:
            read = await given(client, "read_page", {"document_id": "book", **at})
            texts.append(read["text"])
            at = read["next"]
        assert at == place(2)
        last = await given(client, "read_page", {"document_id": "book", "page": 1, "part": 3})
    assert "\n\n".join(texts) == "\n\n".join(f"Page 1, passage {n}." for n in range(40))
    assert len(texts) == last["parts"] == 3
    assert last["previous"] == place(1, 2)


async def test_a_document_without_pages_comes_in_parts() -> None:
    """As many as its length makes."""
    async with asking(holding(a_web_page(passages=40))) as client:
        read = await given(client, "read_page", {"document_id": "web", "part": 2})
    assert read["text"] == "\n\n".join(f"Passage {n}." for n in range(16, 32))
    assert (read["page"], read["pages"], read["parts"]) == (None, None, 3)
    assert (read["previous"], read["next"]) == (place(None, 1), place(None, 3))


async def test_markdown_is_read_where_it_is_made() -> None:
    """And what overlaps stands once."""
    record, chunks = a_book(pages=1)
    chunks[0] = replace(chunks[0], markdown="|A|B|\n|-|-|\n|1|2|")
    chunks[1] = replace(chunks[1], markdown="|A|B|\n|-|-|\n|1|2|")
    async with asking(holding((record, chunks))) as client:
        read = await given(client, "read_page", {"document_id": "book"})
    assert read["text"] == "|A|B|\n|-|-|\n|1|2|"


async def test_a_page_without_text_says_so() -> None:
    """And that it can be looked at."""
    record, chunks = a_book(pages=3)
    chunks = [chunk for chunk in chunks if chunk.page != 2]
    chunks = [replace(chunk, position=position) for position, chunk in enumerate(chunks)]
    record = replace(record, passages=len(chunks))
    async with asking(holding((record, chunks))) as client:
        read = await given(client, "read_page", {"document_id": "book", "page": 2})
    assert read["text"] == ""
    assert "no text" in read["note"]
    assert "picture=true" in read["note"]


async def test_the_page_is_shown_where_it_is_asked_for() -> None:
    """As image content, beside the text."""
    record, chunks = a_book()
    files = FakeFiles({record.sha256: Path("/book.pdf")})
    async with asking(holding((record, chunks), files=files)) as client:
        plain = await client.call_tool("read_page", {"document_id": "book"})
        result = await client.call_tool("read_page", {"document_id": "book", "page": 2, "picture": True})
    assert [content.type for content in plain.content] == ["text"]
    text, image = result.content
    assert "Page 2, passage 2." in text_of(result)
    assert text.type == "text"
    assert isinstance(image, types.ImageContent)
    assert (image.mime_type, base64.b64decode(image.data)) == ("image/png", PNG)


async def test_a_picture_that_cannot_be_had_costs_nothing_else() -> None:
    """The text is given, and why there is no picture."""
    record, chunks = a_book()
    book = (record, chunks)
    files = FakeFiles({record.sha256: Path("/book.pdf")})
    for collection, why in (
        (holding(book), "The original file of that document is not kept."),
        (holding(book, files=files), "The page could not be drawn: the document asks for a password."),
        (holding(a_web_page("book")), "Only pages of PDFs have pictures."),
    ):
        async with asking(collection, draw=RenderError("encrypted", "…")) as client:
            read = await given(client, "read_page", {"document_id": "book", "picture": True})
        assert read["note"] == why
        assert read["text"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({}, "The argument `document_id` is wrong: field required."),
        ({"document_id": "other"}, "The collection has no document with that id. Use list_documents"),
        ({"document_id": "hidden"}, "The collection has no document with that id. Use list_documents"),
        ({"document_id": "book", "page": 0}, "The argument `page` is wrong:"),
        ({"document_id": "book", "page": 4}, "There is no page 4: there are pages 1 to 3."),
        ({"document_id": "book", "page": 3, "part": 2}, "There is no part 2: there is one part."),
        ({"document_id": "web", "page": 2}, "This document has no pages. It has the parts 1 to 3"),
        ({"document_id": "web", "part": 4}, "There is no part 4: there are parts 1 to 3."),
        ({"document_id": "failed"}, "This document could not be loaded: it holds no text"),
        ({"document_id": "coming"}, "This document has no text yet: it is converting. Try again later."),
        ({"document_id": "empty"}, "Nothing could be read in this document."),
    ],
)
async def test_what_cannot_be_read_is_refused(arguments: dict[str, object], sentence: str) -> None:
    """With a sentence that a model can act on. What may not be seen isn't there."""
    hidden = a_document("hidden", library="another", passages=1)
    assert hidden.library != DEFAULT_LIBRARY
    collection = holding(
        a_book(),
        a_web_page(),
        (hidden, [a_chunk("hidden")]),
        (a_document("failed", status="failed", error="no_text"), []),
        (a_document("coming", status="converting"), []),
        (a_document("empty"), []),
    )
    async with asking(collection) as client:
        assert (await told(client, "read_page", arguments)).startswith(sentence)
