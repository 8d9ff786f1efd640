"""Rows of cells, as spreadsheets and tables of office documents hold them, as blocks.

A block holds so many rows that it makes a passage, and the row of headings again: a row of numbers says
nothing without the words above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from database.errors import SourceError
from database.load.converters.base import Block, Line

Row = tuple[str, ...]

MOST_CELLS = 1_000_000  # of a sheet: already more passages than anybody reads

_BLOCK_CHARACTERS = 800  # of plain text, headings included: a little less than a passage holds
_BLOCK_CELLS = 2_000  # blank ones included, which make no text
_MOST_HEADINGS = 400  # characters: longer ones would leave no room for rows, and aren't repeated
_NUMBER = re.compile(r"[-+(]?\W{0,3}\d[\d.,:/\s-]*\W{0,3}")


def bounded(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows as they come. Raises SourceError, too_large, past the most cells, blank ones included."""
    cells = 0
    for row in rows:
        cells += len(row)
        if cells > MOST_CELLS:
            raise SourceError("too_large", f"It has a table of more than {MOST_CELLS} cells.")
        yield row


def table_blocks(rows: Sequence[Row]) -> Iterator[Block]:
    """A table whose first row is its headings."""
    filled = [row for row in map(_tidy, rows) if any(row)]
    if max(map(len, filled), default=0) == 1:
        yield from (_text_block(row[0]) for row in filled)
    elif filled:
        yield from _blocks(filled[0], filled[1:])


def sheet_blocks(rows: Iterable[Row]) -> Iterator[Block]:
    """What a sheet holds: tables with or without headings, set apart by blank rows, and lines of text.

    `rows` are all of the sheet's, in order, blank ones too. A table without headings that stands below
    one that has them, in the same columns, goes on with its headings.
    """
    headings: Row = ()
    for region in _regions(rows):
        start = next((n for n, row in enumerate(region) if _filled(row) > 1), len(region))
        for row in region[:start]:
            yield _text_block(" ".join(filter(None, row)))
        table = region[start:]
        if not table:
            continue
        if len(table) > 1 and _names_columns(table[0]):
            headings, table = table[0], table[1:]
        elif any(cell and n >= len(headings) for row in table for n, cell in enumerate(row)):
            headings = ()
        names, *values = _cropped(headings, table)
        yield from _blocks(names, values)


def _regions(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Rows without a blank one between them."""
    region: list[Row] = []
    for row in map(_tidy, rows):
        if any(row):
            region.append(row)
        elif region:
            yield region
            region = []
    if region:
        yield region


def _cropped(headings: Row, table: Sequence[Row]) -> Iterator[Row]:
    """Headings and rows without the columns before the table."""
    rows = [row for row in (headings, *table) if row]
    first = min(n for row in rows for n, cell in enumerate(row) if cell)
    return (row[first:] for row in (headings, *table))


def _blocks(headings: Row, rows: Iterable[Row]) -> Iterator[Block]:
    repeated = headings if len(_plain(headings)) <= _MOST_HEADINGS else ()
    above, part, size, cells = headings, list[Row](), len(_plain(headings)), 0
    for row in rows:
        length = len(_plain(row)) + 1
        if part and (size + length > _BLOCK_CHARACTERS or cells + len(row) > _BLOCK_CELLS):
            yield _table_block(above, part)
            above, part, size, cells = repeated, [], len(_plain(repeated)), 0
        part.append(row)
        size += length
        cells += len(row)
    if part or above:
        yield _table_block(above, part)


def _table_block(headings: Row, rows: Sequence[Row]) -> Block:
    width = max(map(len, (headings, *rows)))
    markdown = [_markdown(headings, width), "|" + "---|" * width, *(_markdown(row, width) for row in rows)]
    texts = filter(None, map(_plain, (headings, *rows)))
    return Block(
        kind="table",
        level=0,
        lines=tuple(Line(text=text, box=None) for text in texts),
        markdown="\n".join(markdown),
    )


def _text_block(text: str) -> Block:
    return Block(kind="text", level=0, lines=(Line(text=text, box=None),), markdown="")


def _names_columns(row: Row) -> bool:
    """Whether these are headings: words in nearly all of the columns, and no numbers but years."""
    cells = [cell for cell in row if cell]
    numbers = [cell for cell in cells if _NUMBER.fullmatch(cell) and not re.fullmatch(r"\d{4}", cell)]
    years = [cell for cell in cells if re.fullmatch(r"\d{4}", cell)]
    return not numbers and len(years) < len(cells)


def _filled(row: Row) -> int:
    return sum(map(bool, row))


def _tidy(row: Row) -> Row:
    """Each cell on one line, and no empty ones at the end."""
    cells = [" ".join(cell.split()) for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


def _plain(row: Row) -> str:
    return " ".join(filter(None, row))


def _markdown(row: Row, width: int) -> str:
    cells = (cell.replace("\\", "\\\\").replace("|", "\\|") for cell in row)
    return "|" + "|".join([*cells, *[""] * (width - len(row))]) + "|"
