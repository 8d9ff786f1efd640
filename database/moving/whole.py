"""A document with all that belongs to its version: what is carried from store to store. Pure functions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields, replace
from datetime import UTC, datetime

import numpy as np

from database.records import Chunk, Document, PageState
from database.stores.base import Vectors
from database.stores.counts import with_counts, with_embedded

_APART = ("id", "document_id", "version", "boxes", "sentences")
_DIGESTED = [field.name for field in fields(Chunk) if field.name not in _APART]


@dataclass(frozen=True, kw_only=True, slots=True)
class Whole:
    """A document, its chunks in reading order, and the states of its pages.

    `embeddings`, float32[n, dimensions], are those of the first n chunks: of fewer than all where the
    loading isn't finished.
    """

    document: Document
    chunks: Sequence[Chunk]
    embeddings: Vectors
    pages: Sequence[PageState]

    @property
    def counted(self) -> Document:
        """The document as a store has it that was given the rest; one that was never put has none."""
        if not self.document.version:
            return replace(self.document, passages=0, embedded=0, laid_out=0, renewed=None)
        unembedded = with_counts(self.document, self.chunks, self.pages, embedded=False)
        return with_embedded(unembedded, len(self.embeddings))


def digest_of(whole: Whole) -> str:
    """SHA-256 in hexadecimal of all that is carried, the same before and after."""
    found = hashlib.sha256(np.ascontiguousarray(whole.embeddings, np.float32).tobytes())
    found.update(json.dumps(astuple(whole.document), default=_as_text).encode())
    for page in whole.pages:
        found.update(json.dumps(astuple(replace(page, seconds=float(page.seconds)))).encode())
    for chunk in whole.chunks:
        boxes = [(b.page, float(b.x0), float(b.y0), float(b.x1), float(b.y1)) for b in chunk.boxes]
        found.update(json.dumps([*(getattr(chunk, name) for name in _DIGESTED), boxes]).encode())
        found.update(chunk.sentences)
    return found.hexdigest()


def _as_text(time: datetime) -> str:
    return time.astimezone(UTC).isoformat()
