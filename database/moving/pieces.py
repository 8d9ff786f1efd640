"""Puts a document together from the rows of a collection's file, and checks them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from database.moving import layout
from database.moving.layout import CHUNK, CHUNK_COLUMNS, ORIGINAL
from database.records import Box, Chunk, Document, chunk_id
from database.stores.base import Vectors

_NEVER_NULL = ("position", "language", "section", "text", "markdown", "boxes", "embedding")


@dataclass(frozen=True, kw_only=True, slots=True)
class Original:
    """The bytes of a document's file; their digest has been checked."""

    sha256: str
    data: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Whole:
    """A document with all its chunks; `embeddings` is float32[len(chunks), dimensions]."""

    document: Document
    chunks: list[Chunk]
    embeddings: Vectors


class Pieces:
    """What has been read of one document, of which the file has so many `rows`.

    `dimensions` is None where its passages aren't wanted, `size` where its original isn't.
    """

    def __init__(
        self, document: Document, *, digest: str, rows: int, dimensions: int | None, size: int | None
    ) -> None:
        self._document = document
        self._digest = digest
        self._rows_left = rows
        self._dimensions = dimensions
        self._bytes_left = size
        self._parts = 0
        self._original = BytesIO()  # joined as it comes: a list of parts would take the memory twice
        self._chunks: list[pa.RecordBatch] = []

    @property
    def complete(self) -> bool:
        return not self._rows_left

    def take(self, document_id: str, rows: pa.RecordBatch) -> Iterator[Whole | Original]:
        """Give what these rows complete. Raises ValueError or pa.ArrowException where they can't be right."""
        self._rows_left -= rows.num_rows
        if document_id != self._document.id or self._rows_left < 0:
            raise ValueError(f"the rows of the document {self._document.id} don't stand together")
        if self._bytes_left:
            yield from self._take_parts(rows.filter(pc.equal(rows["kind"], ORIGINAL)))
        if self.complete and self._bytes_left:
            raise ValueError(f"the original of the document {self._document.id} isn't whole")
        if self._dimensions is not None:
            self._chunks.append(rows.filter(pc.equal(rows["kind"], CHUNK)))
            if self.complete:
                yield self._whole(self._dimensions)

    def _take_parts(self, rows: pa.RecordBatch) -> Iterator[Original]:
        for position, part in zip(rows["position"].to_pylist(), rows["data"], strict=True):
            if position != self._parts or not part.is_valid:
                raise ValueError(f"the parts of the original of {self._document.id} aren't in order")
            self._parts += 1
            self._bytes_left = (self._bytes_left or 0) - self._original.write(part.as_py())
            if self._bytes_left <= 0:
                data = self._original.getvalue()
                self._original = BytesIO()
                if self._bytes_left or hashlib.sha256(data).hexdigest() != self._document.sha256:
                    raise ValueError(f"the original of the document {self._document.id} has other bytes")
                yield Original(sha256=self._document.sha256, data=data)

    def _whole(self, dimensions: int) -> Whole:
        table = pa.Table.from_batches(self._chunks).combine_chunks()
        self._chunks = []
        if any(_gaps(table[name]) for name in _NEVER_NULL):
            raise ValueError(f"passages of the document {self._document.id} have gaps")
        embeddings = _embeddings(table, dimensions)
        rows = table.select(CHUNK_COLUMNS).to_pylist()
        chunks = [_chunk(self._document, position, row) for position, row in enumerate(rows)]
        if layout.digest(self._document, chunks, embeddings) != self._digest:
            raise ValueError(f"the document {self._document.id} isn't what was written")
        return Whole(document=self._document, chunks=chunks, embeddings=embeddings)


def _gaps(column: pa.ChunkedArray) -> int:
    """How many values are missing, at any depth."""
    values = column.combine_chunks()
    gaps: int = values.null_count
    if pa.types.is_list(values.type):
        values = values.flatten()
        gaps += values.null_count
    if pa.types.is_struct(values.type):
        gaps += sum(values.field(index).null_count for index in range(values.type.num_fields))
    return gaps


def _embeddings(table: pa.Table, dimensions: int) -> Vectors:
    """float32[rows, dimensions]."""
    column = table["embedding"].combine_chunks()
    lengths, numbers = pc.list_value_length(column), column.flatten()
    if not pc.all(pc.equal(lengths, dimensions), min_count=0).as_py():
        raise ValueError(f"an embedding hasn't {dimensions} numbers")
    embeddings: Vectors = numbers.to_numpy(zero_copy_only=False).reshape(table.num_rows, dimensions)
    if not np.isfinite(embeddings).all():
        raise ValueError("an embedding has numbers that aren't finite")
    return embeddings


def _chunk(document: Document, position: int, row: dict[str, Any]) -> Chunk:
    pages = [page for page in (row["page"], row["last_page"]) if page is not None]
    boxes = tuple(Box(**box) for box in row["boxes"])
    sides = [side for box in boxes for side in (box.x0, box.y0, box.x1, box.y1)]
    if (
        row["position"] != position
        or any(page < 1 for page in (*pages, *(box.page for box in boxes)))
        or not all(map(math.isfinite, sides))
    ):
        raise ValueError(f"the passage {position} of the document {document.id} can't be right")
    return Chunk(
        id=chunk_id(document.id, document.version, position),
        document_id=document.id,
        version=document.version,
        position=position,
        page=row["page"],
        last_page=row["last_page"],
        section=tuple(row["section"]),
        text=row["text"],
        markdown=row["markdown"],
        language=row["language"],
        boxes=boxes,
    )
