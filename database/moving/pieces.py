"""Puts a document together from the rows of a collection's file, and checks them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import TypeAdapter

from database.moving import layout
from database.moving.layout import CHUNK, CHUNK_COLUMNS, ORIGINAL, PAGE
from database.moving.originals import Incoming, Original
from database.moving.whole import Whole, digest_of
from database.records import Box, Chunk, Document, PageState, chunk_id
from database.stores.base import Vectors

_STATE = TypeAdapter(PageState)
_NEVER_NULL = ("position", "language", "section", "text", "markdown", "boxes")


class Pieces:
    """What has been read of one document, of which the file has so many `rows`.

    `dimensions` is None where its passages aren't wanted, `original` where that isn't.
    """

    def __init__(
        self,
        document: Document,
        *,
        digest: str,
        rows: int,
        dimensions: int | None,
        original: Incoming | None,
    ) -> None:
        self._document = document
        self._digest = digest
        self._rows_left = rows
        self._dimensions = dimensions
        self._original = original
        self._chunks: list[pa.RecordBatch] = []
        self._pages: list[pa.RecordBatch] = []

    @property
    def complete(self) -> bool:
        return not self._rows_left

    def take(self, document_id: str, rows: pa.RecordBatch) -> Iterator[Whole | Original]:
        """Give what these rows complete.

        Raises ValueError or pa.ArrowException where they can't be right, StoreUnavailable where an original
        finds no room.
        """
        self._rows_left -= rows.num_rows
        if document_id != self._document.id or self._rows_left < 0:
            raise ValueError(f"the rows of the document {self._document.id} don't stand together")
        if self._original is not None:
            yield from _taken(self._original, rows.filter(pc.equal(rows["kind"], ORIGINAL)))
            if self.complete and not self._original.complete:
                raise ValueError(f"the original of the document {self._document.id} isn't whole")
        if self._dimensions is not None:
            self._chunks.append(rows.filter(pc.equal(rows["kind"], CHUNK)).select(layout.PASSAGE_COLUMNS))
            self._pages.append(rows.filter(pc.equal(rows["kind"], PAGE)).select(["state"]))
            if self.complete:
                yield self._whole(self._dimensions)

    def _whole(self, dimensions: int) -> Whole:
        table = pa.Table.from_batches(self._chunks).combine_chunks()
        self._chunks = []
        if any(_gaps(table[name]) for name in _NEVER_NULL):
            raise ValueError(f"passages of the document {self._document.id} have gaps")
        rows = table.select(CHUNK_COLUMNS).to_pylist()
        whole = Whole(
            document=self._document,
            chunks=[_chunk(self._document, position, row, dimensions) for position, row in enumerate(rows)],
            embeddings=_embeddings(table["embedding"], self._document.embedded, dimensions),
            pages=_states(self._document, self._pages),
        )
        self._pages = []
        if whole.counted != self._document or digest_of(whole) != self._digest:
            raise ValueError(f"the document {self._document.id} isn't what was written")
        return whole


def _taken(original: Incoming, parts: pa.RecordBatch) -> Iterator[Original]:
    """The original, when its last part is among these; its file is gone when more is asked for."""
    for position, part in zip(parts["position"].to_pylist(), parts["data"], strict=True):
        original.take(position, part.as_py())
        if original.complete:
            checked = original.checked()
            yield checked
            checked.path.unlink(missing_ok=True)


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


def _embeddings(column: pa.ChunkedArray, embedded: int, dimensions: int) -> Vectors:
    """float32[embedded, dimensions]: those of the first passages, and there are no others."""
    embeddings, others = column[:embedded], column[embedded:]
    if _gaps(embeddings) or others.null_count != len(others):
        raise ValueError("an embedding is missing, or is one too many")
    if not pc.all(pc.equal(pc.list_value_length(embeddings), dimensions), min_count=0).as_py():
        raise ValueError(f"an embedding hasn't {dimensions} numbers")
    numbers = embeddings.combine_chunks().flatten().to_numpy(zero_copy_only=False)
    vectors: Vectors = numbers.reshape(embedded, dimensions)
    if not np.isfinite(vectors).all():
        raise ValueError("an embedding has numbers that aren't finite")
    return vectors


def _states(document: Document, batches: list[pa.RecordBatch]) -> list[PageState]:
    states = [_STATE.validate_python(state) for batch in batches for state in batch["state"].to_pylist()]
    numbers = [state.number for state in states]
    if (
        numbers != sorted(set(numbers))
        or not all(1 <= number <= (document.pages or 1) for number in numbers)
        or any(min(state.characters, state.tables) < 0 for state in states)
        or not all(math.isfinite(state.seconds) and state.seconds >= 0 for state in states)
    ):
        raise ValueError(f"the pages of the document {document.id} can't be right")
    return states


def _uneven(packed: bytes, dimensions: int) -> bool:
    """Whether these can't be vectors of so many numbers: a search would fail on them."""
    return len(packed) % dimensions > 0 if dimensions else bool(packed)


def _chunk(document: Document, position: int, row: dict[str, Any], dimensions: int) -> Chunk:
    pages = [page for page in (row["page"], row["last_page"]) if page is not None]
    boxes = tuple(Box(**box) for box in row["boxes"])
    sides = [side for box in boxes for side in (box.x0, box.y0, box.x1, box.y1)]
    if (
        row["position"] != position
        or any(page < 1 for page in (*pages, *(box.page for box in boxes)))
        or not all(map(math.isfinite, sides))
        or _uneven(row["sentences"] or b"", dimensions)
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
        sentences=row["sentences"] or b"",
    )
