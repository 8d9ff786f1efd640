"""Writes a collection's file. It appears whole, at the end, or not at all."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from io import BufferedIOBase, BytesIO
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from database.errors import CollectionFileError
from database.moving import layout
from database.moving.layout import Header
from database.moving.whole import Whole, digest_of

_HEADER = TypeAdapter(Header)


class Writer:
    """Takes documents one after the other; row groups are written as they fill."""

    def __init__(self, path: Path, part: Path, file: BinaryIO, *, embedder: str) -> None:
        self.header = Header(
            format=layout.FORMAT,
            made_by=layout.MADE_BY,
            created_at=datetime.now(UTC),
            embedder=embedder,
            dimensions=0,
            documents=0,
            chunks=0,
            originals=0,
        )
        self._path = path
        self._part = part
        self._file = file
        self._parquet = pq.ParquetWriter(
            file,
            layout.SCHEMA,
            compression="zstd",
            use_dictionary=layout.REPEATED_COLUMNS,
            use_byte_stream_split=["embedding.list.element"],  # 6 to 8 % less than zstd alone
            write_statistics=["kind", "document_id"],
            write_page_checksum=True,
            store_schema=False,
        )
        self._originals: dict[str, int] = {}
        self._waiting: list[pa.Table] = []
        self._bytes = 0

    def add(self, whole: Whole, original: Path | None) -> bool:
        """Write a document.

        `original` is its file; it is left out where its bytes aren't what the document was made of, and where
        they are written already. True where they are in the file now.
        """
        document, chunks, embeddings = whole.document, whole.chunks, whole.embeddings
        wanted = None if document.sha256 in self._originals else original
        file, found = _open(wanted, document.sha256)
        with file:
            if found:
                self._originals[document.sha256] = found
            size = self._originals.get(document.sha256)
            self._append(layout.document_row(document, size=size, digest=digest_of(whole)))
            for position, data in enumerate(iter(partial(file.read, layout.PART_BYTES), b"")):
                self._append(layout.original_row(document, position, data))
        for rows in chain(layout.page_rows(document, whole.pages), layout.chunk_rows(chunks, embeddings)):
            self._append(rows)
        self.header = replace(
            self.header,
            dimensions=embeddings.shape[1] if len(embeddings) else self.header.dimensions,
            documents=self.header.documents + 1,
            chunks=self.header.chunks + len(chunks),
            originals=len(self._originals),
        )
        return size is not None

    def finish(self) -> None:
        """Give the file its name, when everything is in it and on the disk. Raises OSError."""
        self._flush()
        self._parquet.add_key_value_metadata({layout.HEADER_KEY: _HEADER.dump_json(self.header)})
        self._parquet.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._part.replace(self._path)
        _sync_folder(self._path.parent)

    def abandon(self) -> None:
        """Leave nothing behind; after finish() nothing is left to do."""
        with suppress(OSError):  # the disk may be full: then this can't be written either
            self._parquet.close()

    def _append(self, rows: pa.Table) -> None:
        self._waiting.append(rows)
        self._bytes += rows.nbytes
        if self._bytes >= layout.ROW_GROUP_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            table = pa.concat_tables(self._waiting)
            self._parquet.write_table(table, row_group_size=table.num_rows)
        self._waiting, self._bytes = [], 0


@contextmanager
def writing(path: Path, *, embedder: str) -> Iterator[Writer]:
    """A writer whose file appears at `path` when it is finished, and until then lies at `path`.part.

    Raises CollectionFileError; what stands at `path` stays there then.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        with _claimed(part) as file:
            try:
                writer = Writer(path, part, file, embedder=embedder)
                try:
                    yield writer
                finally:
                    writer.abandon()
            except BaseException:
                part.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise CollectionFileError("file_unwritable", detail=error) from error


@contextmanager
def _claimed(part: Path) -> Iterator[BinaryIO]:
    """The file, empty, for this process alone; what a process that was killed has left of it is gone."""
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            claimed = os.path.samestat(os.fstat(descriptor), part.stat())
        except (BlockingIOError, FileNotFoundError):
            claimed = False
        if not claimed:  # another process has it, or has just finished with it
            raise CollectionFileError("file_being_written", detail=part)
        os.truncate(descriptor, 0)
        yield file


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _open(original: Path | None, sha256: str) -> tuple[BufferedIOBase, int]:
    """The file at its start, and its bytes; nothing, and 0, where it is missing or has another digest."""
    if original is None:
        return BytesIO(), 0
    try:
        file = original.open("rb")
    except FileNotFoundError:  # its document has been replaced by now
        return BytesIO(), 0
    digest, size = hashlib.file_digest(file, "sha256").hexdigest(), file.tell()
    if digest != sha256 or not 0 < size <= layout.MOST_ORIGINAL_BYTES:
        file.close()
        return BytesIO(), 0
    file.seek(0)
    return file, size
