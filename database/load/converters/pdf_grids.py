"""Tables of numbers, told by where their cells stand: most tables of reports have no rules to go by.

A table is a run of rows that hold a name and numbers, or numbers only, in the same columns, with the rows of
headings above and the names without numbers between. It is `sure` where every cell falls into a column of its
own; where not, the layout model should look.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from database.load.converters.base import Line
from database.load.converters.pdf_cells import (
    MOST_COLUMNS,
    Column,
    column_of,
    columns_of,
    header,
    records_of,
    with_whole_names,
)
from database.load.converters.pdf_lines import TextLine, union
from database.load.converters.pdf_rows import Row, is_number, with_whole_amounts

_MOST_BRIDGED = 5  # rows between rows of numbers: a section's name, a name over several lines
_GAP = 2.6  # times a row's height, between rows of one table
_HEADING_GAP = 2.2
_HEADING_APART = 0.9
_MOST_SECTIONS = 3  # names one under the other
_MOST_HEADING_ROWS = 12
_CLASHES = 0.04  # share of the rows with two cells in one column, up to which a table is sure
_CONTINUED = 0.35  # share of rows that go on a text cell, up to which a table is one of numbers
_HEADING_CHARACTERS = 70
_LEAST_TEXT_ROWS = 3
_TEXT_CELL = 45  # characters, on average
_FILLED = 0.7  # of a table's cells
_MOST_TEXT_CELLS = 2_000  # of a page that people read
_ALIGNED = 0.4  # times the size
_MOST_ALIGNED = 0.85  # of a column's cells: the heading's may stand elsewhere
_YEAR = re.compile(r"(?:FY|fy)?\s?'?(?:19|20)\d\d\s*(?:\(\w{1,2}\)|[*†])?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """A table in rows `first` up to `end`, excluded. `cells` has one header row; `lines` all rows as seen."""

    first: int
    end: int
    cells: tuple[tuple[str, ...], ...]
    lines: tuple[Line, ...]
    sure: bool


def grids(rows: Sequence[Row]) -> list[Grid]:
    """The tables of one page's rows, from top to bottom."""
    whole = [with_whole_amounts(row) for row in rows]
    found: list[Grid] = []
    start = 0
    while start < len(whole):
        if not is_data(whole[start]):
            start += 1
            continue
        end = _end(whole, start)
        floor = found[-1].end if found else 0
        if (grid := _grid(whole, start, end, floor)) is not None:
            found.append(grid)
        start = end
    return found


def text_grids(rows: Sequence[Row]) -> list[Grid]:
    """Tables without numbers, where every cell is one line: names and places, terms and dates.

    They are told by cells that begin, end or are centred at the same place in row after row. Where cells run
    over several lines, nothing here tells what is a row.
    """
    found: list[Grid] = []
    start = 0
    while start < len(rows):
        end = start
        while end < len(rows) and len(rows[end]) >= 2 and all(cell.level for cell in rows[end]):
            if end > start and _distance(rows[end - 1], rows[end]) > _GAP * _height(rows[end]):
                break
            end += 1
        if end - start >= _LEAST_TEXT_ROWS and (grid := _text_grid(rows, start, end)) is not None:
            found.append(grid)
        start = max(end, start + 1)
    return found


def _text_grid(rows: Sequence[Row], start: int, end: int) -> Grid | None:
    part = [with_whole_amounts(row) for row in rows[start:end]]
    columns = columns_of(part)
    cells = [cell for row in part for cell in row]
    if len(cells) > _MOST_TEXT_CELLS:
        return None
    if not 2 <= len(columns) <= MOST_COLUMNS or sum(len(c.text) for c in cells) > _TEXT_CELL * len(cells):
        return None
    if not all(_is_aligned([c for c in cells if column_of(c, columns) == n]) for n in range(1, len(columns))):
        return None
    records, clashes, continued = records_of(part, columns)
    if clashes or continued or len(records) != len(part) or not all(record.name for record in records[1:]):
        return None
    if sum(bool(cell) for record in records for cell in record.cells) < _FILLED * len(records) * len(columns):
        return None
    return Grid(
        first=start,
        end=end,
        cells=tuple(tuple(record.cells) for record in records),
        lines=tuple(_seen(row) for row in part),
        sure=True,
    )


def _is_aligned(cells: Sequence[TextLine]) -> bool:
    """Whether most of a column's cells begin, end or have their middle at the same place."""
    places = (
        [cell.box.x0 for cell in cells],
        [cell.box.x1 for cell in cells],
        [(cell.box.x0 + cell.box.x1) / 2 for cell in cells],
    )
    slack = _ALIGNED * statistics.median(cell.size for cell in cells) if cells else 0.0
    return any(
        sum(abs(x - statistics.median(xs)) <= slack for x in xs) >= _MOST_ALIGNED * len(xs)
        for xs in places
        if xs
    )


def is_data(row: Row) -> bool:
    """Whether it is a name with numbers, or numbers only."""
    return len(row) >= 2 and all(cell.level for cell in row) and any(is_number(cell.text) for cell in row[1:])


def _end(rows: Sequence[Row], start: int) -> int:
    """Where the run that begins here ends: after its last row of numbers."""
    spans = _numbers(rows[start])
    end, bridged = start + 1, 0
    for n in range(start + 1, len(rows)):
        if _distance(rows[n - 1], rows[n]) > _GAP * _height(rows[n]):
            break
        if is_data(rows[n]):
            numbers = _numbers(rows[n])
            if bridged and not _fits(numbers, spans):
                break
            spans += numbers
            spans = spans[-60:]
            end, bridged = n + 1, 0
        elif bridged >= _MOST_BRIDGED or not _may_be_inside(rows[n], spans) or _is_other(rows, n, spans):
            break
        else:
            bridged += 1
    return end


def _numbers(row: Row) -> list[TextLine]:
    return [cell for cell in row if is_number(cell.text)]


def _fits(numbers: Sequence[TextLine], spans: Sequence[TextLine]) -> bool:
    """Whether most of these stand in columns of numbers that are there already."""
    inside = sum(any(_meet(cell, other) for other in spans) for cell in numbers)
    return inside >= 0.6 * len(numbers)


def _meet(a: TextLine, b: TextLine) -> bool:
    return min(a.box.x1, b.box.x1) - max(a.box.x0, b.box.x0) > 0


def _may_be_inside(row: Row, spans: Sequence[TextLine]) -> bool:
    """A section's name, or headings of the next section; prose would end the table."""
    left = min(cell.box.x0 for cell in spans)
    if len(row) == 1:
        cell = row[0]
        return cell.box.x1 <= left + cell.size or len(cell.text) <= 50
    return all(len(cell.text) <= 60 for cell in row[1:])


def _is_heading(row: Row, above: Row) -> bool:
    """Whether the row is set apart, as a heading is that stands between two tables."""
    apart = _distance(above, row) > _HEADING_APART * _height(row)
    return apart and len(row) == 1 and (row[0].bold or row[0].size > 1.1 * above[0].size)


def _is_other(rows: Sequence[Row], n: int, spans: Sequence[TextLine]) -> bool:
    """Whether the row is the heading of another table, which has headings of its own over the numbers."""
    if not _is_heading(rows[n], rows[n - 1]):
        return False
    left = min(cell.box.x0 for cell in spans)
    for row in rows[n + 1 : n + 1 + _MOST_BRIDGED]:
        if is_data(row):
            return _has_years_only(row)
        if row[-1].box.x1 > left and not is_number(row[-1].text):
            return True
    return True


def _grid(rows: Sequence[Row], start: int, end: int, floor: int) -> Grid | None:
    """None where it is a lone row that has no heading above: prose with a number after a gap."""
    data_rows = [row for row in rows[start:end] if is_data(row)]
    columns = columns_of([row for row in data_rows if not _has_years_only(row)] or data_rows)
    if len(columns) < 2:
        return None
    first = _first(rows, start, floor, columns)
    headed = any(len(row) > 1 for row in rows[first:start])
    if len(data_rows) < 2 and not (headed and len(rows[start]) > 2):
        return None
    body = _body(rows, first, end, columns)
    records, clashes, continued = records_of(rows[body:end], columns)
    sure = (
        len(columns) <= MOST_COLUMNS
        and clashes <= _CLASHES * len(records)
        and continued <= _CONTINUED * len(records)
        and bool(records)
    )
    records = with_whole_names(records)
    lines = [_seen(row) for row in rows[first:body]]
    lines += [
        Line(text=" ".join(filter(None, r.cells)), box=union([p.box for p in r.parts])) for r in records
    ]
    return Grid(
        first=first,
        end=end,
        cells=(header(rows[first:body], columns), *(tuple(record.cells) for record in records)),
        lines=tuple(lines),
        sure=sure,
    )


def _has_years_only(row: Row) -> bool:
    """As headings have, which stand in the middle of their columns."""
    return all(_YEAR.fullmatch(cell.text) for cell in row if is_number(cell.text))


def _seen(row: Row) -> Line:
    return Line(text=" ".join(cell.text for cell in row), box=union([cell.box for cell in row]))


def _first(rows: Sequence[Row], start: int, floor: int, columns: Sequence[Column]) -> int:
    """The first row of headings: those above that stand over the columns of numbers.

    Names of sections may stand between ("Assets", "Current assets"); alone they are no headings.
    """
    first = start
    size = statistics.median(cell.size for cell in rows[start])
    for n in range(start - 1, max(floor, start - _MOST_HEADING_ROWS) - 1, -1):
        row = rows[n]
        if _distance(row, rows[n + 1]) > _HEADING_GAP * _height(row):
            break
        if _is_section(row, columns, size) and first - n <= _MOST_SECTIONS:
            continue
        if not _stands_over(row, columns, size):
            break
        if len(row) == 1 and row[0].bold and not any(cell.bold for cell in rows[n + 1]):
            break  # a title over the table's own headings
        first = n
    return first


def _is_section(row: Row, columns: Sequence[Column], size: float) -> bool:
    name = row[0]
    return (
        len(row) == 1
        and abs(name.box.x0 - columns[0].x0) <= 2 * size
        and name.box.x1 <= columns[1].x0
        and name.size <= 1.1 * size
        and len(name.text) <= _HEADING_CHARACTERS
    )


def _stands_over(row: Row, columns: Sequence[Column], size: float) -> bool:
    left = columns[1].x0
    over = [cell for cell in row if cell.box.x1 > left]
    if not over or any(len(cell.text) > _HEADING_CHARACTERS or cell.size > 1.2 * size for cell in row):
        return False
    if row[0].box.x0 < columns[0].x0 - 2 * size:
        return False
    if len(row) > 1:  # a page's title stands alone
        return all(is_number(cell.text) or len(cell.text) <= _HEADING_CHARACTERS for cell in over)
    middle = (over[0].box.x0 + over[0].box.x1) / 2
    return middle > left and over[0].box.x0 >= max(left - 4 * size, columns[0].x0 + 6 * size)


def _body(rows: Sequence[Row], first: int, end: int, columns: Sequence[Column]) -> int:
    """The first row that is no heading: it has an amount that is no year, or only a name."""
    for n in range(first, end):
        values = [cell for cell in rows[n] if cell.box.x0 >= columns[0].x1 or is_number(cell.text)]
        if not values or any(is_number(cell.text) and not _YEAR.fullmatch(cell.text) for cell in values):
            return n
    return first


def _distance(above: Row, below: Row) -> float:
    return min(cell.box.y0 for cell in below) - max(cell.box.y1 for cell in above)


def _height(row: Row) -> float:
    return max(cell.height for cell in row)
