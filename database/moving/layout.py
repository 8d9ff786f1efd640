"""The file that carries a collection: its columns, and how records become rows. Pure functions.

One Parquet file (zstd, checksums on every page) with one table. Each row is of one `kind`, and fills the
columns of that kind and leaves the others null:

    document   a document's record, whatever its status: every field of records.Document; `chunks`, how many
               rows of passages follow; `size`, the bytes of its original where the file has them; `digest`,
               the SHA-256 of all this and of the passages, because Parquet's own checksums leave out what
               says where the columns lie
    original   a part of a document's original file: `position` counts the parts from 0, `data` holds at most
               4 MiB, so that no original meets Parquet's limit of 2 GB a value; `sha256` is the whole file's
    chunk      a passage: `position` counts from 0 in reading order; `page` to `boxes` as in records.Chunk;
               `embedding`, float32, as long as the header's `dimensions`

A document's rows stand together: its own, those of its original (once, with the first document that has these
bytes), those of its passages. Row groups hold about 16 MiB and any number of documents, so a reader needs no
more memory than that and the largest document. Other programs read it as it is, DuckDB for one:

    select text, page, embedding from 'collection.parquet' where kind = 'chunk'

The header is JSON in the file's metadata under the key `acervo`: see Header.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from database.records import Chunk, Document
from database.stores.base import Vectors

FORMAT = 1
HEADER_KEY = b"acervo"
MADE_BY = "Acervo 0.1.0"

DOCUMENT, ORIGINAL, CHUNK = "document", "original", "chunk"

PART_BYTES = 4 * 2**20
ROW_GROUP_BYTES = 16 * 2**20
MOST_ORIGINAL_BYTES = 2 * 2**30  # four times what the loader takes; a store takes an original as one piece
MOST_CHUNKS = 1_000_000  # of one document, which is put as one piece

_SLICE_BYTES = 4 * 2**20
_ROW_BYTES = 256  # what a passage takes beside its texts, boxes and numbers, roughly
_BOX_BYTES = 40

_TIME = pa.timestamp("us", tz="UTC")
_BOX = pa.struct([("page", pa.int32()), *((side, pa.float64()) for side in ("x0", "y0", "x1", "y1"))])

SCHEMA = pa.schema(
    [
        pa.field("kind", pa.string(), nullable=False),
        pa.field("document_id", pa.string(), nullable=False),
        pa.field("position", pa.int32()),
        pa.field("language", pa.string()),
        pa.field("sha256", pa.string()),
        pa.field("name", pa.string()),
        pa.field("source", pa.string()),
        pa.field("media_type", pa.string()),
        pa.field("pages", pa.int32()),
        pa.field("title", pa.string()),
        pa.field("library", pa.string()),
        pa.field("owner", pa.string()),
        pa.field("status", pa.string()),
        pa.field("error", pa.string()),
        pa.field("pipeline", pa.string()),
        pa.field("version", pa.int32()),
        pa.field("created_at", _TIME),
        pa.field("updated_at", _TIME),
        pa.field("chunks", pa.int32()),
        pa.field("size", pa.int64()),
        pa.field("digest", pa.string()),
        pa.field("data", pa.binary()),
        pa.field("page", pa.int32()),
        pa.field("last_page", pa.int32()),
        pa.field("section", pa.list_(pa.string())),
        pa.field("text", pa.string()),
        pa.field("markdown", pa.string()),
        pa.field("boxes", pa.list_(_BOX)),
        pa.field("embedding", pa.list_(pa.float32())),
    ]
)

RECORD_FIELDS = tuple(field.name for field in fields(Document) if field.name != "id")
INDEX_COLUMNS = ["kind", "document_id", *RECORD_FIELDS, "chunks", "size", "digest"]
CHUNK_COLUMNS = ["position", "language", "page", "last_page", "section", "text", "markdown", "boxes"]
PASSAGE_COLUMNS = [*CHUNK_COLUMNS[1:], "embedding"]

# Few values, often repeated. The rest is told apart by nothing that a dictionary could use.
REPEATED_COLUMNS = ["kind", "document_id", "language", "section.list.element"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """What the file says of itself. `dimensions` is 0 where no document has passages."""

    format: int
    made_by: str
    created_at: datetime
    embedder: str
    dimensions: int
    documents: int
    chunks: int
    originals: int


def document_row(document: Document, *, chunks: int, size: int | None, digest: str) -> pa.Table:
    values = {"kind": DOCUMENT, "document_id": document.id, "chunks": chunks, "size": size, "digest": digest}
    values |= {name: getattr(document, name) for name in RECORD_FIELDS}
    return _table(1, **{name: [value] for name, value in values.items()})


def original_row(document: Document, position: int, data: bytes) -> pa.Table:
    return _table(
        1,
        kind=[ORIGINAL],
        document_id=[document.id],
        sha256=[document.sha256],
        position=[position],
        data=[data],
    )


def chunk_rows(chunks: Sequence[Chunk], embeddings: Vectors) -> Iterator[pa.Table]:
    """In slices of about 4 MiB. `embeddings` is float32[len(chunks), dimensions]."""
    start = filled = 0
    for end, chunk in enumerate(chunks, start=1):
        filled += _bytes(chunk) + 4 * embeddings.shape[1]
        if filled >= _SLICE_BYTES or end == len(chunks):
            yield _chunk_table(chunks[start:end], embeddings[start:end])
            start, filled = end, 0


def _chunk_table(chunks: Sequence[Chunk], embeddings: Vectors) -> pa.Table:
    number, dimensions = embeddings.shape
    starts = np.arange(number + 1, dtype=np.int32) * dimensions
    return _table(
        number,
        kind=[CHUNK] * number,
        document_id=[chunk.document_id for chunk in chunks],
        position=[chunk.position for chunk in chunks],
        language=[chunk.language for chunk in chunks],
        page=[chunk.page for chunk in chunks],
        last_page=[chunk.last_page for chunk in chunks],
        section=[chunk.section for chunk in chunks],
        text=[chunk.text for chunk in chunks],
        markdown=[chunk.markdown for chunk in chunks],
        boxes=[[(b.page, b.x0, b.y0, b.x1, b.y1) for b in chunk.boxes] for chunk in chunks],
        embedding=pa.ListArray.from_arrays(starts, np.ascontiguousarray(embeddings, np.float32).ravel()),
    )


def _table(rows: int, **columns: Any) -> pa.Table:
    return pa.table(
        {field.name: columns.get(field.name, pa.nulls(rows, field.type)) for field in SCHEMA}, schema=SCHEMA
    )


def digest(document: Document, chunks: Sequence[Chunk], embeddings: Vectors) -> str:
    """SHA-256 in hexadecimal; `embeddings` is float32[len(chunks), dimensions]."""
    found = hashlib.sha256(np.ascontiguousarray(embeddings, np.float32).tobytes())
    record = [getattr(document, field.name) for field in fields(Document)]
    found.update(json.dumps(record, default=lambda time: time.astimezone(UTC).isoformat()).encode())
    for chunk in chunks:
        boxes = [(b.page, float(b.x0), float(b.y0), float(b.x1), float(b.y1)) for b in chunk.boxes]
        values = [getattr(chunk, name) for name in CHUNK_COLUMNS if name != "boxes"]
        found.update(json.dumps([*values, boxes]).encode())
    return found.hexdigest()


def _bytes(chunk: Chunk) -> int:
    return _ROW_BYTES + len(chunk.text) + len(chunk.markdown) + _BOX_BYTES * len(chunk.boxes)
