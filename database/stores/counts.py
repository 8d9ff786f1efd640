"""How much of a document is embedded and laid out, counted alike by every store: pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from database.records import Chunk, Document, PageState


def with_counts(
    document: Document, chunks: Sequence[Chunk], pages: Sequence[PageState], *, embedded: bool
) -> Document:
    """A version that is to be shown; one whose pages aren't told has its Markdown with its chunks."""
    counted = replace(
        document,
        passages=len(chunks),
        embedded=0,
        laid_out=sum(page.laid_out for page in pages) if pages else document.pages or 1,
    )
    return with_embedded(counted, len(chunks) if embedded else 0)


def with_embedded(document: Document, until: int) -> Document:
    """It is ready, as long as nothing failed, when all of its chunks are embedded."""
    embedded = max(document.embedded, until)
    status = document.status
    if status in ("ready", "embedding"):
        status = "ready" if embedded >= document.passages else "embedding"
    return replace(document, embedded=embedded, status=status)
