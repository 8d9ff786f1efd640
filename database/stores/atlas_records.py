"""Documents and chunks as MongoDB keeps them: pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from bson.binary import Binary

from database.records import Box, Chunk, Document, chunk_id
from database.stores.atlas_stages import EMBEDDING, TERMS, TEXT, as_binary
from database.stores.base import Vectors
from database.terms import terms

Record = dict[str, Any]

_DOCUMENT_FIELDS = (
    "name", "source", "sha256", "media_type", "pages", "title", "language", "library", "owner",
    "status", "error", "pipeline", "created_at", "updated_at",
)  # fmt: skip


def version_id(document_id: str, version: int) -> str:
    """What a chunk of this version is found and hidden by."""
    return f"{document_id}:{version}"


def document_fields(document: Document) -> Record:
    """All but the id and the version, which says what is findable."""
    return {field: getattr(document, field) for field in _DOCUMENT_FIELDS}


def document(record: Record) -> Document:
    """A record that was only made to hide a version has no name, and is no document."""
    return Document(
        id=record["_id"],
        version=record.get("version", 0),
        **{field: record[field] for field in _DOCUMENT_FIELDS},
    )


def chunk_records(document: Document, chunks: Sequence[Chunk], embeddings: Vectors) -> Iterable[Record]:
    """One record a chunk. What is searched as full text is the passage and the document's name."""
    name_terms = terms(document.name, document.language)
    for chunk, vector in zip(chunks, embeddings, strict=True):
        yield {
            "_id": chunk_id(document.id, document.version, chunk.position),
            "document_id": document.id,
            "version": document.version,
            "version_id": version_id(document.id, document.version),
            "position": chunk.position,
            "library": document.library,
            "name": document.name,
            "page": chunk.page,
            "last_page": chunk.last_page,
            "section": list(chunk.section),
            TEXT: chunk.text,
            "markdown": chunk.markdown,
            TERMS: " ".join(name_terms + terms(chunk.text, chunk.language)),
            "language": chunk.language,
            "boxes": [_numbers(box) for box in chunk.boxes],
            EMBEDDING: as_binary(vector),
        }


def chunk(record: Record) -> Chunk:
    return Chunk(
        id=record["_id"],
        document_id=record["document_id"],
        version=record["version"],
        position=record["position"],
        page=record["page"],
        last_page=record["last_page"],
        section=tuple(record["section"]),
        text=record[TEXT],
        markdown=record["markdown"],
        language=record["language"],
        boxes=tuple(Box(page=int(b[0]), x0=b[1], y0=b[2], x1=b[3], y1=b[4]) for b in record["boxes"]),
    )


def vectors(records: Sequence[Record]) -> Vectors:
    """float32[n, d]."""
    if not records:
        return np.zeros((0, 0), np.float32)
    return np.array([Binary.as_vector(record[EMBEDDING]).data for record in records], np.float32)


def _numbers(box: Box) -> list[float]:
    return [box.page, round(box.x0, 1), round(box.y0, 1), round(box.x1, 1), round(box.y1, 1)]
