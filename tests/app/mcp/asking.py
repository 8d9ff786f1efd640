"""A small collection, and the official client beside a server that has it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mcp import Client, types

from app.mcp.server import create_server
from app.mcp.shelf import Shelf
from app.pictures import Picture, Pictures
from database.collection import Collection
from database.records import Chunk, Document, Match
from tests.app.fakes import FakeFiles, FakeStore, a_chunk, a_collection, a_document

PNG = b"\x89PNG\r\n\x1a\n a page"


def a_book(
    id_: str = "book", pages: int = 3, each: int = 2, **changes: object
) -> tuple[Document, list[Chunk]]:
    """A document with so many passages on each of its pages."""
    chunks = [
        a_chunk(id_, position, f"Page {position // each + 1}, passage {position}.",
                page=position // each + 1, last_page=position // each + 1)
        for position in range(pages * each)
    ]  # fmt: skip
    return a_document(id_, pages=pages, passages=len(chunks), **changes), chunks


def a_web_page(id_: str = "web", passages: int = 40) -> tuple[Document, list[Chunk]]:
    """A document without pages."""
    chunks = [
        a_chunk(id_, position, f"Passage {position}.", page=None, last_page=None, boxes=())
        for position in range(passages)
    ]
    record = a_document(id_, name=f"{id_}.html", pages=None, passages=passages, media_type="text/html")
    return record, chunks


def holding(
    *held: tuple[Document, Sequence[Chunk]],
    matches: Sequence[Match] = (),
    failure: Exception | None = None,
    files: FakeFiles | None = None,
) -> Collection:
    store = FakeStore([record for record, _ in held], [chunk for _, chunks in held for chunk in chunks])
    return a_collection(matches, store=store, files=files, failure=failure)


@asynccontextmanager
async def asking(collection: Collection, draw: Exception | bytes = PNG) -> AsyncIterator[Client]:
    """A client of a server in this process; its pages look like `draw`, or can't be drawn."""

    async def drawn(_: Path, __: Picture) -> bytes:
        if isinstance(draw, Exception):
            raise draw
        return draw

    async def shelf() -> Shelf:
        return Shelf(
            store=collection.store,
            files=collection.files,
            retriever=collection.retriever,
            pictures=Pictures(drawn),
        )

    async with Client(create_server(shelf)) as client:
        yield client


async def told(client: Client, tool: str, arguments: Mapping[str, Any]) -> str:
    """The sentence with which a call is refused."""
    result = await client.call_tool(tool, dict(arguments))
    assert result.is_error
    assert result.structured_content is None
    return text_of(result)


async def given(client: Client, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What a call gives. The client checks it against the tool's schema."""
    result = await client.call_tool(tool, dict(arguments))
    assert not result.is_error, result.content
    assert isinstance(result.structured_content, dict)
    return result.structured_content


def text_of(result: types.CallToolResult) -> str:
    first = result.content[0]
    assert isinstance(first, types.TextContent)
    return first.text
