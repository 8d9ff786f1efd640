"""Documents and chunks as MongoDB keeps them: pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from bson.binary import Binary

from database.records import Box, Chunk, Description, Document, PageState, Place, chunk_id
from database.seen import Seen
from database.stores.atlas_stages import (
    EMBEDDING,
    MARKDOWN,
    SENTENCES,
    STATEMENTS,
    TERMS,
    TEXT,
    as_binary,
    as_int8,
    from_int8,
)
from database.stores.base import Vectors
from database.stores.heading import heading_terms
from database.stores.vector_sets import VectorSet, VectorSets

Record = dict[str, Any]

_DOCUMENT_FIELDS = (
    "name", "source", "sha256", "media_type", "pages", "title", "language", "library", "owner",
    "status", "error", "pipeline", "created_at", "updated_at",
)  # fmt: skip

_PAGE_FIELDS = (
    "number", "characters", "condition", "recognised", "tables", "route", "laid_out", "seconds",
)  # fmt: skip


def version_id(document_id: str, version: int) -> str:
    """What a chunk of this version is found and hidden by."""
    return f"{document_id}:{version}"


def document_fields(document: Document) -> Record:
    """All but the id, and what is known of the findable version alone."""
    return {
        **{field: getattr(document, field) for field in _DOCUMENT_FIELDS},
        "copies": [asdict(copy) for copy in document.copies],
        "described": {**asdict(document.described), "tags": list(document.described.tags)},
    }


def counted_fields(document: Document, sets: VectorSets) -> Record:
    """How much of the findable version there is."""
    renewed = {} if sets.coming is None else {sets.coming.named("embedded"): document.renewed or 0}
    return {
        "version": document.version,
        "chunks": document.passages,
        sets.answering.named("embedded"): document.embedded,
        "laid_out": document.laid_out,
        **renewed,
    }


def document(record: Record, sets: VectorSets) -> Document:
    """As the set of vectors that answers has it: those of each set are counted for themselves, so another
    set can answer in one step.

    A record that was only made to hide a version has no name, and is no document. One that an earlier version
    of this program wrote says nothing of what it didn't know.
    """
    chunks: int = record.get("chunks", 0)
    pages: int = (record["pages"] or 1) if chunks else 0
    described = record.get("described", {})
    number = sets.answering.number
    embedded: int = record.get(sets.answering.named("embedded"), chunks if number == 1 else 0)
    kept = {field: record[field] for field in _DOCUMENT_FIELDS}
    if kept["status"] == "embedding" and chunks and embedded >= chunks:
        kept["status"] = "ready"  # since the vectors that were coming answer
    return Document(
        id=record["_id"],
        version=record.get("version", 0),
        copies=tuple(Place(**copy) for copy in record.get("copies", ())),
        described=Description(**{**described, "tags": tuple(described.get("tags", ()))}),
        passages=chunks,
        embedded=embedded,
        renewed=record.get(sets.coming.named("embedded"), 0) if sets.coming else None,
        laid_out=record.get("laid_out", pages),
        **kept,
    )


def page_records(document: Document, pages: Iterable[PageState]) -> Iterable[Record]:
    """One record a page, replaced whole when it changes."""
    of = version_id(document.id, document.version)
    for page in pages:
        yield {"_id": f"{of}:{page.number}", "version_id": of, **asdict(page)}


def page(record: Record) -> PageState:
    return PageState(**{field: record[field] for field in _PAGE_FIELDS})


def chunk_records(
    document: Document, chunks: Sequence[Chunk], embeddings: Vectors | None, of: VectorSet
) -> Iterable[Record]:
    """One record a chunk, with vectors of a set. What is searched as full text is what its document is called
    and, on a line of its own, the passage.
    """
    heading = " ".join(heading_terms(document))
    for index, chunk in enumerate(chunks):
        compared = Seen.of(chunk.text, chunk.language)
        embedded = {} if embeddings is None else {of.named(EMBEDDING): as_binary(embeddings[index])}
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
            MARKDOWN: chunk.markdown,
            STATEMENTS: compared.statements,
            TERMS: f"{heading}\n{compared.terms}",
            "language": chunk.language,
            "boxes": [_numbers(box) for box in chunk.boxes],
            of.named(SENTENCES): as_int8(chunk.sentences),
            **embedded,
        }


def chunk(record: Record, of: VectorSet) -> Chunk:
    return Chunk(
        id=record["_id"],
        document_id=record["document_id"],
        version=record["version"],
        position=record["position"],
        page=record["page"],
        last_page=record["last_page"],
        section=tuple(record["section"]),
        text=record[TEXT],
        markdown=record.get(MARKDOWN, ""),
        language=record["language"],
        boxes=tuple(Box(page=int(b[0]), x0=b[1], y0=b[2], x1=b[3], y1=b[4]) for b in record["boxes"]),
        sentences=from_int8(record.get(of.named(SENTENCES))),
    )


def seen(record: Record) -> Seen:
    """One that an earlier version of this program wrote is compared as it would be written now."""
    if STATEMENTS not in record:
        return Seen.of(record[TEXT], record["language"])
    return Seen(record[STATEMENTS], record[TERMS].partition("\n")[2])


def vectors(records: Sequence[Mapping[str, Any]], of: VectorSet) -> Vectors:
    """float32[n, d]."""
    if not records:
        return np.zeros((0, 0), np.float32)
    return np.array([Binary.as_vector(record[of.named(EMBEDDING)]).data for record in records], np.float32)


def _numbers(box: Box) -> list[float]:
    return [box.page, round(box.x0, 1), round(box.y0, 1), round(box.x1, 1), round(box.y1, 1)]
