"""A table's cells by column: which there are, what heads them, and which lines are one cell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from database.load.converters.pdf_lines import TextLine
from database.load.converters.pdf_rows import Row, is_number

MOST_COLUMNS = 30

_BETWEEN = 0.25  # of a cell's width, in each of two columns
_GOES_ON = re.compile(
    r"(?:,|\b(?:and|of|the|for|to|in|on|by|or|with|from|e|de|da|do|dos|das|y|del|la|los|en)|[-–—(])$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Column:
    x0: float
    x1: float

    def overlap(self, cell: TextLine) -> float:
        return min(self.x1, cell.box.x1) - max(self.x0, cell.box.x0)


@dataclass(slots=True)
class Record:
    """A row of the table as it is put together."""

    cells: list[str]
    parts: list[TextLine] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.cells[0]

    def add(self, cell: TextLine, place: int) -> None:
        self.cells[place] = f"{self.cells[place]} {cell.text}".strip()
        self.parts.append(cell)

    @property
    def only_name(self) -> bool:
        return bool(self.cells[0]) and not any(self.cells[1:])


def columns_of(rows: Sequence[Row]) -> list[Column]:
    """Narrow cells first: a wide one that covers several columns is a heading over them, or a long name."""
    columns: list[Column] = []
    for cell in sorted((cell for row in rows for cell in row), key=lambda cell: cell.box.x1 - cell.box.x0):
        touched = [n for n, column in enumerate(columns) if column.overlap(cell) > 0]
        if not touched:
            columns.append(Column(cell.box.x0, cell.box.x1))
        elif len(touched) == 1:
            known = columns[touched[0]]
            columns[touched[0]] = Column(min(known.x0, cell.box.x0), max(known.x1, cell.box.x1))
        if len(columns) > 2 * MOST_COLUMNS:
            break
    return sorted(columns, key=lambda column: column.x0)


def column_of(cell: TextLine, columns: Sequence[Column]) -> int:
    overlaps = [column.overlap(cell) for column in columns]
    touched = [n for n, overlap in enumerate(overlaps) if overlap > 0]
    if len(touched) > 1 and not is_number(cell.text):
        return touched[0]
    return max(range(len(columns)), key=overlaps.__getitem__)


def header(rows: Sequence[Row], columns: Sequence[Column]) -> tuple[str, ...]:
    """All rows of headings as one: a heading over several columns is that of each."""
    cells: list[list[str]] = [[] for _ in columns]
    for row in rows:
        for cell in row:
            under = [
                n
                for n, column in enumerate(columns)
                if column.overlap(cell) > 0.2 * min(column.x1 - column.x0, cell.box.x1 - cell.box.x0)
            ]
            for n in under or [column_of(cell, columns)]:
                cells[n].append(cell.text)
    return tuple(" ".join(texts) for texts in cells)


def records_of(rows: Sequence[Row], columns: Sequence[Column]) -> tuple[list[Record], int, int]:
    """The rows' cells by column, how many rows have a clash, and how many go on a text cell above."""
    records: list[Record] = []
    clashes = continued = 0
    for row in rows:
        places = [column_of(cell, columns) for cell in row]
        if records and len(row) == 1 and _goes_on(row[0], places[0], columns, records[-1]):
            records[-1].add(row[0], places[0])
            continued += 1
            continue
        record = Record([""] * len(columns))
        last: dict[int, TextLine] = {}
        clash = False
        for cell, place in zip(row, places, strict=True):
            clash |= is_number(cell.text) and _is_between(cell, columns)
            clash |= place in last and cell.box.x0 - last[place].box.x1 > 1.5 * cell.size
            last[place] = cell
            record.add(cell, place)
        clashes += clash
        records.append(record)
    return records, clashes, continued


def _goes_on(cell: TextLine, place: int, columns: Sequence[Column], before: Record) -> bool:
    """Whether the cell, alone in its row, is the next line of the cell above."""
    if place == 0 or is_number(cell.text):
        return False
    return cell.box.x0 < columns[1].x0 + 3 * cell.size or bool(before.cells[place])


def _is_between(cell: TextLine, columns: Sequence[Column]) -> bool:
    """Whether the cell stands in two columns as much as in one."""
    width = cell.box.x1 - cell.box.x0
    return sum(column.overlap(cell) > _BETWEEN * width for column in columns) > 1


def with_whole_names(records: Sequence[Record]) -> list[Record]:
    """A name over several lines is one cell, whichever of its lines the numbers stand on."""
    found: list[Record] = []
    for record in records:
        before = found[-1] if found else None
        if before and _is_one_name(before, record):
            before.cells = [f"{a} {b}".strip() for a, b in zip(before.cells, record.cells, strict=True)]
            before.parts += record.parts
        else:
            found.append(record)
    return found


def _is_one_name(above: Record, below: Record) -> bool:
    if not (above.name and below.name) or not (above.only_name or below.only_name):
        return False
    goes_on = below.name[0].islower() or bool(_GOES_ON.search(above.name))
    return goes_on and not above.name.endswith(":")
