"""The tool `read_page`: what stands on a page, and the page as a picture.

Of a document of thousands of passages a few are looked at to find where the page stands, and then its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.context import joined
from app.errors import NoFile, RenderFailed, RequestError
from app.mcp.errors import Mistaken
from app.mcp.forms import PageArguments, PageResult, Place
from app.mcp.shelf import Shelf, harmless, label
from app.parameters import USUAL_WIDTH
from app.pictures import Picture
from database.errors import SourceError
from database.messages import Messages
from database.records import Chunk, Condition, Document
from database.render import PDF

# Passages in one part, of at most about 900 characters each: pages of text have fewer, sheets far more.
PART_PASSAGES = 16

_WHY_EMPTY: dict[Condition, str] = {
    "good": "",
    "blank": "Nothing is on this page.",
    "no_text": "Nothing could be read on this page: it holds pictures.",
    "garbled": "The letters of this page have no meaning.",
    "unreadable": "This page could not be read.",
}
_LOOK = "A picture shows it: call read_page with picture=true."


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A page, or a part of one, with its picture as PNG where that is wanted and can be had."""

    result: PageResult
    picture: bytes | None = None


async def read_page(shelf: Shelf, arguments: PageArguments) -> Page:
    """Raises UnknownDocument, Mistaken, StoreError."""
    record = await shelf.document(arguments.document_id)
    result = await read(shelf, record, arguments.page, arguments.part)
    if not arguments.picture:
        return Page(result=result)
    try:
        return Page(result=result, picture=await draw(shelf, record, arguments.page))
    except (RequestError, Mistaken) as error:
        return Page(result=result.model_copy(update={"note": f"{result.note} {error}".strip()}))


async def read(shelf: Shelf, record: Document, page: int = 1, part: int = 1) -> PageResult:
    """Raises Mistaken where there is no such page or part, StoreError."""
    if not record.passages:
        raise Mistaken(_without_text(record))
    if record.pages is None:
        return await _read_part(shelf, record, page, part)
    _within(page, record.pages, "page")
    chunks = await _of_page(shelf, record, page)
    parts = _parts(len(chunks))
    _within(part, parts, "part")
    return PageResult(
        document=label(record.name),
        document_id=record.id,
        page=page,
        pages=record.pages,
        part=part,
        parts=parts,
        text=_text(chunks[(part - 1) * PART_PASSAGES : part * PART_PASSAGES]),
        previous=_place(page, part - 1) if part > 1 else _place(page - 1, 1) if page > 1 else None,
        next=_place(page, part + 1) if part < parts else _place(page + 1, 1) if page < record.pages else None,
        note="" if chunks else await _why_empty(shelf, record, page),
    )


async def draw(shelf: Shelf, record: Document, page: int) -> bytes:
    """The page as PNG. Raises Mistaken, NoFile, RenderFailed, StoreError."""
    if record.pages is None or record.media_type != PDF:
        raise Mistaken("Only pages of PDFs have pictures.")
    _within(page, record.pages, "page")
    path = await shelf.files.path(record.sha256)
    if path is None:
        raise NoFile
    picture = Picture(
        sha256=record.sha256, media_type=record.media_type, page=page, boxes=(), width=USUAL_WIDTH
    )
    try:
        return await shelf.pictures.get(path, picture)
    except SourceError as error:
        raise RenderFailed(error.reason) from error


def part_of(chunk: Chunk) -> int:
    """Where the document has no pages: the part that the passage stands in."""
    return chunk.position // PART_PASSAGES + 1


def parts_of(record: Document) -> int | None:
    """How many parts a document without pages has; None where it has pages."""
    return _parts(record.passages) if record.pages is None else None


async def _read_part(shelf: Shelf, record: Document, page: int, part: int) -> PageResult:
    parts = _parts(record.passages)
    if page != 1:
        raise Mistaken(f"This document has no pages. It has the parts 1 to {parts}: use `part`.")
    _within(part, parts, "part")
    positions = range((part - 1) * PART_PASSAGES, part * PART_PASSAGES)
    return PageResult(
        document=label(record.name),
        document_id=record.id,
        page=None,
        pages=None,
        part=part,
        parts=parts,
        text=_text(await shelf.store.chunks(record.id, positions)),
        previous=_place(None, part - 1) if part > 1 else None,
        next=_place(None, part + 1) if part < parts else None,
        note="",
    )


async def _of_page(shelf: Shelf, record: Document, page: int) -> list[Chunk]:
    """Passages stand in reading order, so those of a page stand together."""
    step = math.isqrt(record.passages)
    probes = await shelf.store.chunks(record.id, range(0, record.passages, step))
    first = max((probe.position for probe in probes if (probe.page or 0) < page), default=0)
    end = min((probe.position for probe in probes if (probe.page or 0) > page), default=record.passages)
    return [c for c in await shelf.store.chunks(record.id, range(first, end)) if c.page == page]


async def _why_empty(shelf: Shelf, record: Document, page: int) -> str:
    states = await shelf.store.pages(record.id)
    why = next((_WHY_EMPTY[state.condition] for state in states if state.number == page), "")
    look = _LOOK if record.media_type == PDF else ""
    return f"{why or 'There is no text on this page.'} {look}".strip()


def _without_text(record: Document) -> str:
    if record.error:
        return f"This document could not be loaded: it {Messages('en').reason(record.error)}."
    if record.status == "ready":
        return "Nothing could be read in this document."
    return f"This document has no text yet: it is {record.status}. Try again later."


def _within(number: int, most: int, what: str) -> None:
    if number > most:
        there = f"{what}s 1 to {most}" if most > 1 else f"one {what}"
        raise Mistaken(f"There is no {what} {number}: there {'are' if most > 1 else 'is'} {there}.")


def _parts(passages: int) -> int:
    return max(1, math.ceil(passages / PART_PASSAGES))


def _text(chunks: Sequence[Chunk]) -> str:
    return harmless(joined(chunk.markdown or chunk.text for chunk in chunks))


def _place(page: int | None, part: int) -> Place:
    return Place(page=page, part=part)
