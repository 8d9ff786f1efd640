"""Documents and pages as resources, which people attach to a conversation."""

from __future__ import annotations

import base64
from collections.abc import Callable

from mcp import types

from app.mcp.addresses import PAGE_TEMPLATE, PART_TEMPLATE, PICTURE_TEMPLATE, Address, parse
from app.mcp.errors import Mistaken
from app.mcp.forms import PageResult, Place
from app.mcp.reading import draw, read
from app.mcp.shelf import SCOPE, Shelf, label
from database.records import Document

LISTED = 100  # documents in one answer

# A document is given whole where it is no longer than this; the rest is read page by page.
WHOLE_CHARACTERS = 100_000

_MARKDOWN = "text/markdown"

Contents = types.TextResourceContents | types.BlobResourceContents


async def list_documents(shelf: Shelf, cursor: str | None) -> types.ListResourcesResult:
    """Those that have text, by name. Raises Mistaken, StoreError."""
    start = _start(cursor)
    readable = [record for record in await shelf.store.documents(SCOPE) if record.passages]
    end = start + LISTED
    return types.ListResourcesResult(
        resources=[_resource(record) for record in readable[start:end]],
        next_cursor=str(end) if end < len(readable) else None,
    )


def templates() -> list[types.ResourceTemplate]:
    return [
        types.ResourceTemplate(
            name="page",
            title="A page",
            uri_template=PAGE_TEMPLATE,
            description="A page of a document, from 1.",
            mime_type=_MARKDOWN,
        ),
        types.ResourceTemplate(
            name="part",
            title="A part of a document without pages",
            uri_template=PART_TEMPLATE,
            description="A part of a document that has no pages, from 1.",
            mime_type=_MARKDOWN,
        ),
        types.ResourceTemplate(
            name="picture",
            title="A page as a picture",
            uri_template=PICTURE_TEMPLATE,
            description="A page of a PDF as it looks.",
            mime_type="image/png",
        ),
    ]


async def read_resource(shelf: Shelf, uri: str) -> types.ReadResourceResult:
    """Raises Mistaken, UnknownDocument, NoFile, RenderFailed, StoreError."""
    address = parse(uri)
    if address is None:
        raise Mistaken(f"There is no resource at {label(uri)}.")
    record = await shelf.document(address.document)
    if address.picture:
        picture = await draw(shelf, record, address.page or 1)
        return types.ReadResourceResult(contents=[_picture(uri, picture)])
    if address.page is None and address.part is None:
        return types.ReadResourceResult(contents=await _whole(shelf, record))
    if address.page is None:
        place = Place(page=None, part=address.part or 1)
        return types.ReadResourceResult(contents=[_text(await _read(shelf, record, place))])
    return types.ReadResourceResult(contents=await _page(shelf, record, address.page))


async def _page(shelf: Shelf, record: Document, page: int) -> list[Contents]:
    return await _on(shelf, record, Place(page=page, part=1), lambda place: place.page == page)


async def _whole(shelf: Shelf, record: Document) -> list[Contents]:
    first = Place(page=None if record.pages is None else 1, part=1)
    return await _on(shelf, record, first, lambda _: True)


async def _on(
    shelf: Shelf, record: Document, first: Place, wanted: Callable[[Place], bool]
) -> list[Contents]:
    """One part after the other, as far as they are wanted and there is room, and where it goes on."""
    contents: list[Contents] = []
    place: Place | None = first
    room = WHOLE_CHARACTERS
    while place is not None and wanted(place):
        if room <= 0:
            contents.append(_goes_on(record, place))
            break
        read_ = await _read(shelf, record, place)
        contents.append(_text(read_))
        room -= len(read_.text)
        place = read_.next
    return contents


def _goes_on(record: Document, place: Place) -> Contents:
    within = f", in its part {place.part}: use read_page" if place.page is not None and place.part > 1 else ""
    return types.TextResourceContents(
        uri=str(Address(document=record.id)),
        mime_type=_MARKDOWN,
        text=f"(This is not all. It goes on at {_address(record.id, place)}{within}.)",
    )


async def _read(shelf: Shelf, record: Document, place: Place) -> PageResult:
    return await read(shelf, record, place.page or 1, place.part)


def _resource(record: Document) -> types.Resource:
    length = f"{record.pages} pages. " if record.pages else ""
    return types.Resource(
        uri=str(Address(document=record.id)),
        name=label(record.name),
        title=label(record.title) or None,
        description=f"{length}{label(record.described.description)}".strip() or None,
        mime_type=_MARKDOWN,
    )


def _text(read_: PageResult) -> Contents:
    place = Place(page=read_.page, part=read_.part)
    return types.TextResourceContents(
        uri=str(_address(read_.document_id, place)), mime_type=_MARKDOWN, text=read_.text or read_.note
    )


def _picture(uri: str, picture: bytes) -> Contents:
    return types.BlobResourceContents(uri=uri, mime_type="image/png", blob=base64.b64encode(picture).decode())


def _address(document: str, place: Place) -> Address:
    return Address(document=document, page=place.page, part=place.part if place.page is None else None)


def _start(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 9:
        raise Mistaken("There is no such cursor: use next_cursor of the answer before.")
    return int(cursor)
