"""The tool `list_documents`: what there is."""

from __future__ import annotations

from app.mcp.forms import ListArguments, ListedDocument, ListResult
from app.mcp.reading import parts_of
from app.mcp.shelf import SCOPE, Shelf, label
from database.messages import Messages
from database.records import Document
from database.terms import fold

_LONGEST_DESCRIPTION = 500  # characters: what tells whether to read on


async def list_documents(shelf: Shelf, arguments: ListArguments) -> ListResult:
    """Raises StoreError."""
    words = fold(arguments.matching).split()
    chosen = [
        record
        for record in await shelf.store.documents(SCOPE)
        if arguments.language in ("", record.language) and _matches(record, words)
    ]
    end = arguments.offset + arguments.limit
    return ListResult(
        documents=[_listed(record) for record in chosen[arguments.offset : end]],
        total=len(chosen),
        next_offset=end if end < len(chosen) else None,
    )


def _matches(record: Document, words: list[str]) -> bool:
    described = record.described
    text = fold(" ".join((record.name, record.title, described.description, *described.tags)))
    return all(word in text for word in words)


def _listed(record: Document) -> ListedDocument:
    description = label(record.described.description)
    if len(description) > _LONGEST_DESCRIPTION:
        description = f"{description[:_LONGEST_DESCRIPTION]}…"
    return ListedDocument(
        id=record.id,
        name=label(record.name),
        title=label(record.title),
        description=description,
        tags=[label(tag) for tag in record.described.tags],
        language=record.language,
        pages=record.pages,
        parts=parts_of(record),
        status=record.status,
        error=f"It {Messages('en').reason(record.error)}." if record.error else "",
    )
