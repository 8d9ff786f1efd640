"""The order in which a page is read: columns of prose one after the other, all else from top to bottom."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from database.load.converters.pdf_lines import TextLine
from database.load.converters.pdf_rows import Row

_PROSE_WORDS = 4  # of a line in a column, at least
_PROSE_WIDTH = 0.17  # of the page's
_COLUMN_ROWS = 5  # that show the same gutter, at least
_SLACK = 1.0  # points by which a line may stand out into a gutter


def is_prose(line: TextLine, width: float) -> bool:
    """Whether the line could be one of a column of text on a page of this width."""
    return (
        line.box.x1 - line.box.x0 >= _PROSE_WIDTH * width
        and len(line.text.split()) >= _PROSE_WORDS
        and sum(map(str.isalpha, line.text)) > 0.6 * len(line.text)
    )


def gutters(rows: Sequence[Row], width: float) -> list[float]:
    """Where on the page (x in points, from left to right) lies white space between columns of prose."""
    gaps: list[tuple[float, float, int]] = []
    for row in rows:
        for left, right in pairwise(row):
            if is_prose(left, width) and is_prose(right, width):
                _add(gaps, left.box.x1, right.box.x0)
    return sorted((x0 + x1) / 2 for x0, x1, seen in gaps if seen >= _COLUMN_ROWS)


def _add(gaps: list[tuple[float, float, int]], x0: float, x1: float) -> None:
    """Narrow the gap that this one goes on, or begin another."""
    for n, (known0, known1, seen) in enumerate(gaps[:20]):
        if min(x1, known1) - max(x0, known0) > 0:
            gaps[n] = (max(x0, known0), min(x1, known1), seen + 1)
            return
    gaps.append((x0, x1, 1))


def in_columns(rows: Sequence[Row], at: Sequence[float]) -> list[list[Row]]:
    """The rows as streams, each read to its end: bands across the page, and columns between them."""
    if not at:
        return [list(rows)] if rows else []
    streams: list[list[Row]] = []
    columns: list[list[Row]] = [[] for _ in range(len(at) + 1)]
    across: list[Row] = []

    def end_columns() -> None:
        streams.extend(column for column in columns if column)
        columns[:] = [[] for _ in columns]

    def end_across() -> None:
        if across:
            streams.append(across.copy())
            across.clear()

    for row in rows:
        if any(_crosses(line, x) for line in row for x in at):
            end_columns()
            across.append(row)
        else:
            end_across()
            for n in range(len(columns)):
                part = tuple(line for line in row if _column(line, at) == n)
                if part:
                    columns[n].append(part)
    end_across()
    end_columns()
    return streams


def _crosses(line: TextLine, x: float) -> bool:
    return line.box.x0 < x - _SLACK and line.box.x1 > x + _SLACK


def _column(line: TextLine, at: Sequence[float]) -> int:
    return sum((line.box.x0 + line.box.x1) / 2 > x for x in at)
