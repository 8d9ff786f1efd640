"""What every store does alike with a document that it is given, and how it counts that: pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from database.records import Chunk, Document, PageState


def with_counts(
    document: Document,
    chunks: Sequence[Chunk],
    pages: Sequence[PageState],
    *,
    embedded: bool,
    changing: bool = False,
) -> Document:
    """A version that is to be shown; one whose pages aren't told has its Markdown with its chunks.

    `changing`: the collection changes over, and `embedded` is said of the embedder that it changes over to.
    """
    counted = replace(
        document,
        passages=len(chunks),
        embedded=0,
        renewed=0 if changing else None,
        laid_out=sum(page.laid_out for page in pages) if pages else document.pages or 1,
    )
    return with_embedded(counted, len(chunks) if embedded else 0)


def with_embedded(document: Document, until: int) -> Document:
    """It is ready, as long as nothing failed, when all of its chunks are embedded; while the collection
    changes over, by the embedder that answers.
    """
    if document.renewed is None:
        document = replace(document, embedded=max(document.embedded, until))
    else:
        document = replace(document, renewed=max(document.renewed, until))
    status = document.status
    if status in ("ready", "embedding"):
        status = "ready" if document.embedded >= document.passages else "embedding"
    return replace(document, status=status)


def without_sentences(chunks: Sequence[Chunk]) -> list[Chunk]:
    """While the collection changes over, what chunks bring along is the answering embedder's, and their rows
    are of the coming one.
    """
    return [replace(chunk, sentences=b"") for chunk in chunks]
