"""Puts a document together from the rows of a collection's file, and checks that they are what they must be."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from database.moving.layout import CHUNK, ORIGINAL
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
    """What has been read of one document.

    `rows` are all of its rows. `chunks` is None where they aren't wanted, `size` where its original isn't.
    """

    def __init__(
        self, document: Document, *, chunks: int | None, dimensions: int, size: int | None, rows: int
    ) -> None:
        self._document = document
        self._chunks = chunks
        self._dimensions = dimensions
        self._size = size
        self._rows_left = rows
        self._parts: list[bytes] = []
        self._tables: list[pa.RecordBatch] = []

    @property
    def complete(self) -> bool:
        return not self._rows_left

    def take(self, document_id: str, rows: pa.RecordBatch) -> Iterator[Whole | Original]:
        """Give what is whole now. Raises ValueError for rows that can't be right, pa.ArrowException."""
        self._rows_left -= rows.num_rows
        if document_id != self._document.id or self._rows_left < 0:
            raise ValueError(f"the rows of the document {self._document.id} don't stand together")
        if self._size is not None:
            parts = rows.filter(pc.equal(rows["kind"], ORIGINAL))
            yield from self._take_parts(parts)
        if self._chunks is not None:
            self._tables.append(rows.filter(pc.equal(rows["kind"], CHUNK)))
            if self.complete:
                yield self._whole()
