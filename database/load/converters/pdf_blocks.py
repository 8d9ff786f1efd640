"""A page's blocks without a model: paragraphs, headings, lists and tables of numbers, with their Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from database.load.converters.base import Block, Line
from database.load.converters.pdf_fonts import Fonts
from database.load.converters.pdf_grids import Grid, grids, text_grids
from database.load.converters.pdf_lines import TextLine, joined
from database.load.converters.pdf_order import gutters, in_columns
from database.load.converters.pdf_rows import Row, as_line, is_marker, rows

_PARAGRAPH_GAP = 0.45  # of a line's height, white above a line that begins a paragraph
_LEADING_VARIES = 1.25  # times what is usual on a page that is set wide
_INDENT = 1.0  # times the size, by which a paragraph's first line stands in
_SHORT = 0.85  # of the width: a line that ends before it ends its paragraph
_SAME_SIZE = 0.6  # points
_LIST_ROWS = 10
_LIST_ITEMS = 3
_BULLET = re.compile(r"[•●▪■◦○‣∙·*–—\uf0a7\uf0b7-]\s+")
_NUMBERED = re.compile(r"\(?(?:\d{1,2}|[a-zA-Z]|[ivxIVX]{1,5})[.)]\s+")
_MARKUP = re.compile(r"([\\`*_\[\]<>#|~])")


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrangement:
    """A page told apart, as its route is told by, too. `streams` hold the rows in reading order."""

    streams: tuple[tuple[Row, ...], ...]
    grids: tuple[tuple[Grid, ...], ...]
    """Of each stream."""

    gutters: tuple[float, ...]
    furniture: tuple[TextLine, ...]
    aside: tuple[TextLine, ...]
    """Lines that don't run from left to right."""

    @property
    def loose(self) -> int:
        """Rows of several cells outside of the tables; one that heads a list counts twice, as for a table."""
        found = 0
        for stream, tables in zip(self.streams, self.grids, strict=True):
            inside = {n for grid in tables for n in range(grid.first, grid.end)}
            for n, row in enumerate(stream):
                if len(row) > 1 and n not in inside:
                    items = sum(_is_hanging(below) for below in stream[n + 1 : n + 1 + _LIST_ROWS])
                    found += 2 if items >= _LIST_ITEMS else 1
        return found


def _is_hanging(row: Row) -> bool:
    """Whether the row is one text after a number that stands apart."""
    first = row[0].text.split(" ", 1)
    return len(row) == 1 and len(first) > 1 and first[0][-1].isdigit() and is_marker(first[0])


def arranged(lines: Sequence[TextLine], furniture: frozenset[int], width: float) -> Arrangement:
    """Tell columns and tables apart on a page of this width, in points."""
    rest = [line for n, line in enumerate(lines) if n not in furniture]
    level = rows([line for line in rest if line.level])
    at = gutters(level, width)
    streams = [tuple(stream) for stream in in_columns(level, at)]
    return Arrangement(
        streams=tuple(streams),
        grids=tuple(tuple(_tables(stream)) for stream in streams),
        gutters=tuple(at),
        furniture=tuple(line for n, line in enumerate(lines) if n in furniture),
        aside=tuple(line for line in rest if not line.level),
    )


def _tables(stream: Sequence[Row]) -> list[Grid]:
    """Those of numbers, and those of words between them."""
    found = grids(stream)
    start, between = 0, list[Grid]()
    for end, after in [*((grid.first, grid.end) for grid in found), (len(stream), 0)]:
        between += (
            replace(grid, first=grid.first + start, end=grid.end + start)
            for grid in text_grids(stream[start:end])
        )
        start = after
    return sorted([*found, *between], key=lambda grid: grid.first)


def blocks(page: Arrangement, fonts: Fonts) -> list[Block]:
    """In reading order, furniture where it stands: above what is read, or below."""
    found: list[Block] = []
    for stream, tables in zip(page.streams, page.grids, strict=True):
        start = 0
        for grid in tables:
            found += _prose(stream[start : grid.first], fonts)
            found.append(Block(kind="table", level=0, lines=grid.lines, markdown=table_markdown(grid.cells)))
            start = grid.end
        found += _prose(stream[start:], fonts)
    found += [_text([line]) for line in page.aside]
    top = min((b.lines[0].box.y0 for b in found if b.lines[0].box), default=0.0)
    above = [line for line in page.furniture if line.box.y0 < top]
    below = [line for line in page.furniture if line.box.y0 >= top]
    return [*_furniture(above), *found, *_furniture(below)]


def table_markdown(cells: Sequence[Sequence[str]]) -> str:
    """A table whose first row is its headings; without empty columns."""
    used = [n for n in range(len(cells[0])) if any(row[n] for row in cells)]
    told = ["|" + "|".join(_escaped_cell(row[n]) for n in used) + "|" for row in cells]
    return "\n".join([told[0], "|" + "---|" * len(used), *told[1:]])


def heading_markdown(text: str, level: int) -> str:
    return f"{'#' * min(level, 6)} {escaped(text)}"


def escaped(text: str) -> str:
    """So that what stands in the file is shown, and never taken for Markdown or HTML."""
    return _MARKUP.sub(r"\\\1", text)


def _escaped_cell(text: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def _furniture(lines: Iterable[TextLine]) -> list[Block]:
    return [
        Block(kind="furniture", level=0, lines=(as_line(row),), markdown=_paragraph([joined(row)]))
        for row in rows(list(lines))
    ]


def _prose(stream: Sequence[Row], fonts: Fonts) -> Iterator[Block]:
    lines = [joined(row) if len(row) > 1 else row[0] for row in stream]
    right = max((line.box.x1 for line in lines), default=0.0)
    leading = _leading(lines)
    group: list[TextLine] = []
    for line in lines:
        if group and _begins(group[-1], line, right, leading):
            yield _block(group, fonts)
            group = []
        group.append(line)
    if group:
        yield _block(group, fonts)


def _leading(lines: Sequence[TextLine]) -> float:
    """The white between a paragraph's lines, in points: what is small among all there is."""
    gaps = sorted(b.box.y0 - a.box.y1 for a, b in pairwise(lines) if b.middle > a.middle)
    return gaps[len(gaps) // 4] if gaps else 0.0


def _begins(last: TextLine, line: TextLine, right: float, leading: float) -> bool:
    """Whether the line begins a block of its own after the last one."""
    gap = line.box.y0 - last.box.y1
    short = last.box.x1 < last.box.x0 + _SHORT * (right - last.box.x0)
    if gap > _PARAGRAPH_GAP * line.height and (short or gap > _LEADING_VARIES * leading):
        return True
    if line.box.y1 < last.box.y0 or abs(line.size - last.size) > _SAME_SIZE or line.marked != last.marked:
        return True
    if _is_item(line.text) or (any(line.marked) and short and line.text[:1].isupper()):
        return True
    indented = line.box.x0 > last.box.x0 + _INDENT * line.size
    return short and (indented or last.text.endswith((".", ":", ";")))


def _is_item(text: str) -> bool:
    return bool(_BULLET.match(text)) or bool(_NUMBERED.match(text)) or is_marker(text)


def _block(group: Sequence[TextLine], fonts: Fonts) -> Block:
    if level := fonts.level(group):
        text = " ".join(line.text for line in group)
        return Block(kind="heading", level=level, lines=_lines(group), markdown=heading_markdown(text, level))
    return _text(group)


def _text(group: Sequence[TextLine]) -> Block:
    return Block(kind="text", level=0, lines=_lines(group), markdown=_paragraph(group))


def _paragraph(group: Sequence[TextLine]) -> str:
    text = group[0].text
    for line in group[1:]:
        hyphenated = text[-1:] == "-" and text[-2:-1].isalpha() and line.text[:1].islower()
        text = text[:-1] + line.text if hyphenated else f"{text} {line.text}"
    if bullet := _BULLET.match(text):
        return f"- {escaped(text[bullet.end() :])}"
    if all(line.bold for line in group):
        return f"**{escaped(text)}**"
    return escaped(text)


def _lines(group: Sequence[TextLine]) -> tuple[Line, ...]:
    return tuple(line.line for line in group)
