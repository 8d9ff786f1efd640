"""The file that carries a collection: its columns, and how records become rows. Pure functions.

One Parquet file (zstd, checksums on every page) with one table. Each row is of one `kind`, and fills the
columns of that kind and leaves the others null:

    document   a document's record, whatever its status: every field of records.Document; `passages` says how
               many rows of them follow, `embedded` how many of these have embeddings; `size`, the bytes of
               its original where the file has them; `digest`, the SHA-256 of all this and of the rows below,
               because Parquet's own checksums leave out what says where the columns lie
    original   a part of a document's original file: `position` counts the parts from 0, `data` holds at most
               4 MiB, so that no original meets Parquet's limit of 2 GB a value; `sha256` is the whole file's
    page       what became of a page: `state` as in records.PageState, by ascending numbers
    chunk      a passage: `position` counts from 0 in reading order; `page` to `boxes` as in records.Chunk,
               `markdown` "" where it isn't made yet; `embedding`, float32, as long as the header's
               `dimensions`, null from the first passage on that isn't embedded yet; `sentences`, int8, those
               of the passage and of its statements, one after the other

A document's rows stand together: its own, those of its original (once, with the first document that has these
bytes), those of its pages, those of its passages. Row groups hold about 16 MiB and any number of documents,
so a reader needs no more memory than that and the largest document; its original goes to the disk part by
part.

Other programs read it as it is, DuckDB for one:

    select text, page, embedding from 'collection.parquet' where kind = 'chunk'

The header is JSON in the file's metadata under the key `acervo`: see Header.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from database.records import Chunk, Document, PageState
from database.stores.base import Vectors

FORMAT = 3
HEADER_KEY = b"acervo"
MADE_BY = "Acervo 0.1.0"

DOCUMENT, ORIGINAL, PAGE, CHUNK = KINDS = "document", "original", "page", "chunk"

PART_BYTES = 4 * 2**20
ROW_GROUP_BYTES = 16 * 2**20
MOST_ORIGINAL_BYTES = 2 * 2**30  # four times what the loader takes; so many are copied in minutes
MOST_CHUNKS = 1_000_000  # of one document, which is put as one piece
MOST_PAGES = 1_000_000

_SLICE_BYTES = 4 * 2**20
_ROW_BYTES = 256  # what a passage takes beside its texts, boxes and numbers, roughly
_BOX_BYTES = 40
_PAGES_A_SLICE = 50_000

_TIME = pa.timestamp("us", tz="UTC")
_BOX = pa.struct([("page", pa.int32()), *((side, pa.float64()) for side in ("x0", "y0", "x1", "y1"))])
_PLACE = pa.struct([("address", pa.string()), ("name", pa.string())])
_DESCRIPTION = pa.struct(
    [
        ("title", pa.string()),
        ("description", pa.string()),
        ("tags", pa.list_(pa.string())),
        ("language", pa.string()),
    ]
)
_STATE = pa.struct(
    [
        ("number", pa.int32()),
        ("characters", pa.int32()),
        ("condition", pa.string()),
        ("recognised", pa.bool_()),
        ("tables", pa.int32()),
        ("route", pa.string()),
        ("laid_out", pa.bool_()),
        ("seconds", pa.float64()),
    ]
)

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
        pa.field("copies", pa.list_(_PLACE)),
        pa.field("described", _DESCRIPTION),
        pa.field("passages", pa.int32()),
        pa.field("embedded", pa.int32()),
        pa.field("laid_out", pa.int32()),
        pa.field("size", pa.int64()),
        pa.field("digest", pa.string()),
        pa.field("data", pa.binary()),
        pa.field("state", _STATE),
        pa.field("page", pa.int32()),
        pa.field("last_page", pa.int32()),
        pa.field("section", pa.list_(pa.string())),
        pa.field("text", pa.string()),
        pa.field("markdown", pa.string()),
        pa.field("boxes", pa.list_(_BOX)),
        pa.field("sentences", pa.binary()),
        pa.field("embedding", pa.list_(pa.float32())),
    ]
)

_OF_THE_STORE = {"renewed"}  # a file has the vectors that answered
RECORD_FIELDS = tuple(field.name for field in fields(Document) if field.name not in {"id", *_OF_THE_STORE})
INDEX_COLUMNS = ["kind", "document_id", *RECORD_FIELDS, "size", "digest"]
CHUNK_COLUMNS = [
    "position", "language", "page", "last_page", "section", "text", "markdown", "boxes", "sentences",
]  # fmt: skip
PASSAGE_COLUMNS = [*CHUNK_COLUMNS, "embedding"]

# Few values, often repeated. The rest is told apart by nothing that a dictionary could use.
REPEATED_COLUMNS = [
    "kind", "document_id", "language", "section.list.element", "state.condition", "state.route",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """What the file says of itself. `dimensions` is 0 where nothing is embedded."""

    format: int
    made_by: str
    created_at: datetime
    embedder: str
    dimensions: int
    documents: int
    chunks: int
    originals: int


def document_row(document: Document, *, size: int | None, digest: str) -> pa.Table:
    record = asdict(document)
    values = {"kind": DOCUMENT, "document_id": record.pop("id"), "size": size, "digest": digest, **record}
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


def page_rows(document: Document, pages: Sequence[PageState]) -> Iterator[pa.Table]:
    """In slices of about 4 MiB."""
    for start in range(0, len(pages), _PAGES_A_SLICE):
        some = pages[start : start + _PAGES_A_SLICE]
        yield _table(
            len(some),
            kind=[PAGE] * len(some),
            document_id=[document.id] * len(some),
            state=[asdict(page) for page in some],
        )


def chunk_rows(chunks: Sequence[Chunk], embeddings: Vectors) -> Iterator[pa.Table]:
    """In slices of about 4 MiB. `embeddings` is float32[n, dimensions], those of the first n chunks."""
    start = filled = 0
    for end, chunk in enumerate(chunks, start=1):
        filled += _bytes(chunk) + 4 * embeddings.shape[1]
        if filled >= _SLICE_BYTES or end == len(chunks):
            yield _chunk_table(chunks[start:end], embeddings[start:end])
            start, filled = end, 0


def _chunk_table(chunks: Sequence[Chunk], embeddings: Vectors) -> pa.Table:
    number = len(chunks)
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
        sentences=[chunk.sentences or None for chunk in chunks],
        embedding=_embedding_column(embeddings, number),
    )


def _embedding_column(embeddings: Vectors, rows: int) -> pa.ListArray:
    """As many rows, null from the first one on that has no embedding."""
    embedded, dimensions = embeddings.shape
    places = np.arange(rows + 1, dtype=np.int32)
    return pa.ListArray.from_arrays(
        np.minimum(places, embedded) * np.int32(dimensions),
        np.ascontiguousarray(embeddings, np.float32).ravel(),
        mask=pa.array(places[:rows] >= embedded),
    )


def _table(rows: int, **columns: Any) -> pa.Table:
    return pa.table(
        {field.name: columns.get(field.name, pa.nulls(rows, field.type)) for field in SCHEMA}, schema=SCHEMA
    )


def _bytes(chunk: Chunk) -> int:
    return (
        _ROW_BYTES
        + len(chunk.text)
        + len(chunk.markdown)
        + len(chunk.sentences)
        + _BOX_BYTES * len(chunk.boxes)
    )
