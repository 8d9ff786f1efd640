"""Reads a collection's file, and trusts nothing in it: it may be cut, damaged, foreign or made to harm."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Set
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC
from itertools import chain
from pathlib import Path
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from database.errors import CollectionFileError
from database.moving import layout
from database.moving.layout import CHUNK, DOCUMENT, KINDS, ORIGINAL, PAGE, Header
from database.moving.originals import Incoming, Original
from database.moving.pieces import Pieces
from database.moving.whole import Whole
from database.problems import Problem
from database.records import Document

_HEADER = TypeAdapter(Header)
_DOCUMENT = TypeAdapter(Document)

_SIGNATURE = b"PAR1"
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_SHA256 = re.compile(r"([0-9a-f]{64})?")
_LONGEST = 100_000  # characters of a name or an address

_ROWS_AT_ONCE = 512
_INDEX_ROWS_AT_ONCE = 8_192
_MOST_ROW_GROUP_BYTES = 16 * layout.ROW_GROUP_BYTES  # one passage or one part can reach beyond the usual
_MOST_DIMENSIONS = 65_536


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A document's row: the record, and its original's bytes where the file has them."""

    document: Document
    size: int | None
    digest: str


class Reader:
    """An open file. Its list of documents has been read and checked."""

    def __init__(self, file: pq.ParquetFile, header: Header) -> None:
        self.header = header
        self.documents: dict[str, Listed] = {}
        self._file = file
        self._groups: list[frozenset[str]] = []  # which documents have rows in each row group
        self._chunks: Counter[str] = Counter()
        self._pages: Counter[str] = Counter()
        self._parts: Counter[str] = Counter()  # of the original that stands with a document
        for group in range(file.metadata.num_row_groups):
            self._list(group)
        self._check_counts()

    @classmethod
    def open(cls, path: Path) -> Self:
        """Raises CollectionFileError."""
        try:
            with path.open("rb") as file:
                signed = file.read(len(_SIGNATURE)) == _SIGNATURE
        except OSError as error:
            raise CollectionFileError("file_unreadable", detail=error) from error
        if not signed:
            raise CollectionFileError("file_not_ours", detail=path)
        with _trusting_nothing(), ExitStack() as closing:
            parquet = closing.enter_context(pq.ParquetFile(path, page_checksum_verification=True))
            header = _header(parquet, path)
            _check_structure(parquet)
            reader = cls(parquet, header)
            closing.pop_all()
            return reader

    def close(self) -> None:
        self._file.close()

    def read(self, wanted: Set[str], originals: Set[str], folder: Path) -> Iterator[Whole | Original]:
        """The wanted documents (ids), and those of the originals (SHA-256) that the file has.

        An original comes before the documents that are made of it, one at a time, as a file in `folder`.
        Raises CollectionFileError, StoreUnavailable where the folder can't take it.
        """
        holding = {id_ for id_ in self._parts if self.documents[id_].document.sha256 in originals}
        needed = holding | wanted
        pieces: Pieces | None = None
        with _trusting_nothing():
            for group, ids in enumerate(self._groups):
                if ids.isdisjoint(needed):
                    continue
                columns = ["kind", "document_id", "position"]
                columns += [] if ids.isdisjoint(wanted) else ["state", *layout.PASSAGE_COLUMNS[1:]]
                columns += [] if ids.isdisjoint(holding) else ["data"]
                for id_, rows in self._runs(group, columns):
                    if id_ in needed:
                        pieces = pieces or self._pieces(
                            id_, whole=id_ in wanted, folder=folder if id_ in holding else None
                        )
                        yield from pieces.take(id_, rows)
                        pieces = None if pieces.complete else pieces
            if pieces is not None:
                raise ValueError("its last document isn't whole")

    def _pieces(self, id_: str, *, whole: bool, folder: Path | None) -> Pieces:
        listed = self.documents[id_]
        original = None
        if folder is not None and listed.size is not None:
            original = Incoming(listed.document, size=listed.size, folder=folder)
        return Pieces(
            listed.document,
            digest=listed.digest,
            rows=1 + self._parts[id_] + self._pages[id_] + self._chunks[id_],
            dimensions=self.header.dimensions if whole else None,
            original=original,
        )

    def _runs(self, group: int, columns: list[str]) -> Iterator[tuple[str, pa.RecordBatch]]:
        """The rows of a row group, by the document that they stand together for."""
        for batch in self._batches(group, columns, _ROWS_AT_ONCE):
            runs = pc.run_end_encode(batch["document_id"])
            start = 0
            for id_, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
                yield id_, batch.slice(start, end - start)
                start = end

    def _batches(self, group: int, columns: list[str], size: int) -> Iterator[pa.RecordBatch]:
        """All rows of a row group: where one column has fewer, pyarrow would leave out the rest of each."""
        rows = 0
        for batch in self._file.iter_batches(batch_size=size, row_groups=[group], columns=columns):
            rows += batch.num_rows
            yield batch
        if rows != self._file.metadata.row_group(group).num_rows:
            raise ValueError(f"its row group {group} has columns of different lengths")

    def _list(self, group: int) -> None:
        ids: set[str] = set()
        for batch in self._batches(group, layout.INDEX_COLUMNS, _INDEX_ROWS_AT_ONCE):
            of_kind = {kind: batch.filter(pc.equal(batch["kind"], kind)) for kind in KINDS}
            if sum(rows.num_rows for rows in of_kind.values()) != batch.num_rows:
                raise ValueError("it has rows of an unknown kind")
            for listed in _listed(of_kind[DOCUMENT]):
                if listed.document.id in self.documents:
                    raise ValueError(f"it has the document {listed.document.id} twice")
                self.documents[listed.document.id] = listed
            for kind, counter in ((CHUNK, self._chunks), (PAGE, self._pages), (ORIGINAL, self._parts)):
                counter.update(of_kind[kind]["document_id"].to_pylist())
            ids.update(pc.unique(batch["document_id"]).to_pylist())
        self._groups.append(frozenset(ids))

    def _check_counts(self) -> None:
        """What documents' rows announce is there, and nothing else is."""
        header, listed = self.header, self.documents.values()
        held = [self.documents[id_].document.sha256 for id_ in self._parts if id_ in self.documents]
        announced = {one.document.sha256 for one in listed if one.size is not None}
        if (
            {id_ for ids in self._groups for id_ in ids} != self.documents.keys()
            or any(self._chunks[id_] != one.document.passages for id_, one in self.documents.items())
            or any(number > layout.MOST_PAGES for number in self._pages.values())
            or any(self.documents[id_].size is None for id_ in self._parts)
            or len(held) != len(announced)
            or set(held) != announced
            or header.documents != len(self.documents)
            or header.chunks != self._chunks.total()
            or header.originals != len(held)
            or (not header.dimensions and any(one.document.embedded for one in listed))
        ):
            raise ValueError("rows are missing or too many")


@contextmanager
def _trusting_nothing() -> Iterator[None]:
    """Whatever a damaged file makes the libraries say becomes one error."""
    try:
        yield
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise CollectionFileError("file_damaged", detail=error) from error


def _header(file: pq.ParquetFile, path: Path) -> Header:
    written = (file.metadata.metadata or {}).get(layout.HEADER_KEY)
    if written is None:
        raise CollectionFileError("file_not_ours", detail=path)
    header = _HEADER.validate_json(written, strict=True)
    if not (header.made_by.isprintable() and header.embedder.isprintable()):
        raise ValueError("its header can't be right")
    if header.format != layout.FORMAT:
        problem: Problem = "file_newer" if header.format > layout.FORMAT else "file_older"
        raise CollectionFileError(problem, made_by=header.made_by)
    if not 0 <= header.dimensions <= _MOST_DIMENSIONS:
        raise ValueError(f"it has vectors of {header.dimensions} numbers")
    return header


def _check_structure(file: pq.ParquetFile) -> None:
    if not file.schema_arrow.equals(layout.SCHEMA):
        raise ValueError("its columns are other ones")
    for group in range(file.metadata.num_row_groups):
        if file.metadata.row_group(group).total_byte_size > _MOST_ROW_GROUP_BYTES:
            raise ValueError(f"its row group {group} is too large")


def _listed(rows: pa.RecordBatch) -> Iterator[Listed]:
    for name in ("created_at", "updated_at"):  # pyarrow would look for UTC in the system's list of time zones
        naive = rows[name].cast(pa.timestamp("us"))
        rows = rows.set_column(rows.schema.get_field_index(name), name, naive)
    for row in rows.to_pylist():
        values = {name: row[name] for name in layout.RECORD_FIELDS}
        document = _DOCUMENT.validate_python({"id": row["document_id"], **values})
        document = replace(
            document,
            created_at=document.created_at.replace(tzinfo=UTC),
            updated_at=document.updated_at.replace(tzinfo=UTC),
        )
        listed = Listed(document=document, size=row["size"], digest=row["digest"])
        if not _is_plausible(listed):
            raise ValueError(f"the record of the document {document.id[:64]!r} can't be right")
        yield listed


def _is_plausible(listed: Listed) -> bool:
    document, size = listed.document, listed.size
    return bool(
        _ID.fullmatch(document.id)
        and _SHA256.fullmatch(document.sha256)
        and document.name
        and document.library
        and all(copy.address and copy.name for copy in document.copies)
        and max(map(len, _texts(asdict(document)))) <= _LONGEST
        and document.version >= 0
        and (document.pages is None or document.pages >= 1)
        and 0 <= document.embedded <= document.passages <= layout.MOST_CHUNKS
        and 0 <= document.laid_out <= (document.pages or 1)
        and (document.version or not document.passages)
        and (size is None or (document.sha256 and 1 <= size <= layout.MOST_ORIGINAL_BYTES))
    )


def _texts(value: object) -> Iterator[str]:
    """Those in it, at any depth."""
    match value:
        case str():
            yield value
        case dict():
            yield from chain.from_iterable(map(_texts, value.values()))
        case list() | tuple():
            yield from chain.from_iterable(map(_texts, value))
        case _:
            pass
