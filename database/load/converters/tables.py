"""A table's plain text, row by row.

In the file a table is cells at places. Rows as they are seen (cells of the same height) break a cell that
runs over several lines; rows as the layout model sees them (its Markdown) have no places. Both are used:
the Markdown says what a row is, the cells say where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce

from database.load.converters.base import Line
from database.records import Box

_SAME_ROW = 0.6  # share of its height by which a cell overlaps its neighbour's
_RULE = re.compile(r"[\s|:-]+")
_CELL_BREAK = re.compile(r"(?<!\\)\|")
_MARKUP = re.compile(r"<br\s*/?>|\*\*|__|`|</?u>|\\(?=\|)")


def rows(cells: Sequence[Line], markdown: str) -> list[Line]:
    """One line a row, its cells from left to right; as seen where the Markdown doesn't fit the cells."""
    seen = _rows_as_seen(cells)
    told = _rows_of_markdown(markdown)
    return _joined(seen, told) or [_line(row) for row in seen]


def _rows_of_markdown(markdown: str) -> list[str]:
    """The text of each row, without the rule under the heading."""
    found = []
    for line in markdown.splitlines():
        if "|" in line and not _RULE.fullmatch(line):
            parts = (" ".join(_MARKUP.sub(" ", part).split()) for part in _CELL_BREAK.split(line))
            if text := " ".join(part for part in parts if part):
                found.append(text)
    return found


def _joined(seen: Sequence[Sequence[Line]], told: Sequence[str]) -> list[Line]:
    """Each row's text as told, with the place of the seen rows that make it up; [] where they don't match."""
    wanted = [_letters(text) for text in told]
    places: list[list[Line]] = [[] for _ in told]
    current = 0
    for row in seen:
        parts = [_letters(cell.text) for cell in row]
        here = next((n for n in range(current, len(told)) if all(part in wanted[n] for part in parts)), None)
        if here is None:
            return []
        current = here
        places[here] += row
    if not all(places):
        return []
    return [Line(text=text, box=_line(cells).box) for text, cells in zip(told, places, strict=True)]


def _rows_as_seen(cells: Sequence[Line]) -> list[list[Line]]:
    found: list[list[Line]] = []
    for cell in sorted(cells, key=_top):
        if found and cell.box and (first := found[-1][0].box) and _same_row(first, cell.box):
            found[-1].append(cell)
        else:
            found.append([cell])
    return [sorted(row, key=_left) for row in found]


def _line(cells: Sequence[Line]) -> Line:
    boxes = [cell.box for cell in cells if cell.box]
    return Line(text=" ".join(cell.text for cell in cells), box=reduce(_union, boxes) if boxes else None)


def _letters(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


def _top(line: Line) -> float:
    return line.box.y0 if line.box else 0


def _left(line: Line) -> float:
    return line.box.x0 if line.box else 0


def _same_row(row: Box, cell: Box) -> bool:
    overlap = min(row.y1, cell.y1) - max(row.y0, cell.y0)
    return overlap > _SAME_ROW * min(row.y1 - row.y0, cell.y1 - cell.y0)


def _union(a: Box, b: Box) -> Box:
    return Box(page=a.page, x0=min(a.x0, b.x0), y0=min(a.y0, b.y0), x1=max(a.x1, b.x1), y1=max(a.y1, b.y1))
