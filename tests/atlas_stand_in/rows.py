"""What every index has: rows for documents, and columns of plain values to filter by.

A document that changes gets a new row; its old row is dead, as in Lucene.
"""

from __future__ import annotations

import datetime
import uuid
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from bson import encode
from bson.binary import UUID_SUBTYPE, Binary
from bson.datetime_ms import DatetimeMS
from bson.objectid import ObjectId
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Scalar = tuple[str, Any]  # the kind of value, as mongot names it, and the value
NULL: Scalar = ("null", None)


def scalar(value: Any) -> Scalar | None:
    """A value that an index can hold, with its kind; None for others."""
    match value:
        case None:
            return NULL
        case bool():
            return ("boolean", value)
        case int() | float():
            return ("number", float(value) if isinstance(value, float) else int(value))
        case str():
            return ("string", value)
        case ObjectId():
            return ("objectId", value)
        case datetime.datetime():
            return ("date", int(value.replace(tzinfo=datetime.UTC).timestamp() * 1000))
        case DatetimeMS():
            return ("date", int(value))
        case uuid.UUID():
            return ("uuid", value.bytes)
        case Binary() if value.subtype == UUID_SUBTYPE:
            return ("uuid", bytes(value))
        case _:
            return None


def values_at(document: Mapping[str, Any], path: str) -> Iterator[Any]:
    """The values at a dotted path; arrays on the way are entered, and so is an array at its end."""
    name, _, rest = path.partition(".")
    if name not in document:
        return
    for value in flat(document[name]):
        if not rest:
            yield value
        elif isinstance(value, Mapping):
            yield from values_at(value, rest)


def flat(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for element in value:
            yield from flat(element)
    else:
        yield value


class Rows:
    """The documents that an index holds, by row; row numbers only grow."""

    def __init__(self) -> None:
        self.ids: list[Any] = []
        self._alive = bytearray()
        self._row_of: dict[bytes, int] = {}

    def __len__(self) -> int:
        """All rows, the dead ones too."""
        return len(self.ids)

    def add(self, document_id: Any) -> int:
        self.ids.append(document_id)
        self._alive.append(1)
        row = len(self.ids) - 1
        self._row_of[id_key(document_id)] = row
        return row

    def remove(self, document_id: Any) -> int | None:
        """The row that the document had."""
        row = self._row_of.pop(id_key(document_id), None)
        if row is not None:
            self._alive[row] = 0
        return row

    def alive(self) -> Mask:
        return np.frombuffer(bytes(self._alive), dtype=np.bool_)

    @property
    def count(self) -> int:
        return len(self._row_of)


def id_key(document_id: Any) -> bytes:
    """Any `_id` as something to look up by."""
    return encode({"": document_id})


class Column:
    """The scalars of one path by row. Rows share few distinct values: a question is asked once of each."""

    def __init__(self) -> None:
        self._codes = array("i")
        self._values: list[frozenset[Scalar]] = [frozenset()]
        self._code_of: dict[frozenset[Scalar], int] = {frozenset(): 0}

    def put(self, row: int, scalars: Iterable[Scalar]) -> None:
        """Sets the values of a row not before any row already set."""
        values = frozenset(scalars)
        code = self._code_of.setdefault(values, len(self._values))
        if code == len(self._values):
            self._values.append(values)
        self._pad(row)
        self._codes.append(code)

    def _pad(self, rows: int) -> None:
        missing = rows - len(self._codes)
        if missing > 0:
            self._codes.extend([0] * missing)

    def where(self, rows: int, holds: Callable[[Scalar], bool]) -> Mask:
        """Which of the first `rows` rows have a value for which it holds."""
        self._pad(rows)
        answers = np.array([any(holds(value) for value in values) for values in self._values], dtype=np.bool_)
        return answers[np.array(self._codes[:rows], dtype=np.int32)]


class Columns:
    """The columns of an index, by path."""

    def __init__(self) -> None:
        self._columns: dict[str, Column] = {}

    def put(self, path: str, row: int, scalars: Iterable[Scalar]) -> None:
        self._columns.setdefault(path, Column()).put(row, scalars)

    def where(self, path: str, rows: int, holds: Callable[[Scalar], bool]) -> Mask:
        if path not in self._columns:
            return np.zeros(rows, dtype=np.bool_)
        return self._columns[path].where(rows, holds)
