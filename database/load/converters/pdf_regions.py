"""The layout model's view of a page: regions with their kind and Markdown, one page at a time.

What a region is and what it reads as comes from the model; a heading's level comes from the fonts of the
whole document, as in the text stage, so it is the same whichever pages are seen, in whatever order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from database.load.converters import pdf_fonts
from database.load.converters.base import Kind, Region
from database.load.converters.pdf_blocks import arranged, table_markdown
from database.load.converters.pdf_fonts import Fonts
from database.load.converters.pdf_grids import Grid
from database.load.converters.pdf_lines import TextLine, text_lines, union
from database.records import Box, Route

if TYPE_CHECKING:
    import pymupdf

KINDS: dict[str, Kind] = {
    "section-header": "heading",
    "title": "heading",
    "table": "table",
    "page-header": "furniture",
    "page-footer": "furniture",
}
_HEADING = re.compile(r"\s*#{1,6}\s+")
_INSIDE = 0.75  # of a table's area
_SLACK = 2.0  # points by which a line may stand out of its region


def regions(document: pymupdf.Document, number: int, route: Route) -> list[Region]:
    """Of the page with this number, counted from 0, in reading order; [] where its text stage is complete."""
    if route == "plain":
        return []
    return _seen(document, number, pdf_fonts.of_document(document))


def of_recognised(copy: pymupdf.Document, number: int) -> list[Region]:
    """Of a page that stands alone in a copy, with the text of its picture; `number` is the original's."""
    return [_on_page(region, number) for region in _seen(copy, 0, pdf_fonts.UNKNOWN)]


def _seen(document: pymupdf.Document, number: int, fonts: Fonts) -> list[Region]:
    import pymupdf4llm

    (layout,) = pymupdf4llm.to_markdown(
        document, pages=[number], page_chunks=True, use_ocr=False, show_progress=False
    )
    page = document[number]
    lines = text_lines(page, number)
    told = arranged(lines, frozenset(), page.rect.width)
    grids = [grid for stream in told.grids for grid in stream if grid.sure]
    found = [_region(box, layout["text"], number, lines, fonts) for box in layout["page_boxes"]]
    return [_with_grids(region, grids) for region in found if region.markdown]


def _with_grids(region: Region, grids: Sequence[Grid]) -> Region:
    """A table of numbers that is told by its places has every cell in its column; the model merges some."""
    if region.kind != "table":
        return region
    boxes = [(union([line.box for line in grid.lines if line.box]), grid) for grid in grids]
    inside = [(box, grid) for box, grid in boxes if _shared(box, region.box) > _INSIDE * _area(box)]
    if sum(_shared(box, region.box) for box, _ in inside) < _INSIDE * _area(region.box):
        return region
    return replace(region, markdown="\n\n".join(table_markdown(grid.cells) for _, grid in inside))


def _shared(a: Box, b: Box) -> float:
    """Square points that both cover."""
    return max(0.0, min(a.x1, b.x1) - max(a.x0, b.x0)) * max(0.0, min(a.y1, b.y1) - max(a.y0, b.y0))


def _area(box: Box) -> float:
    return (box.x1 - box.x0) * (box.y1 - box.y0)


def _region(told: dict[str, Any], text: str, number: int, lines: Sequence[TextLine], fonts: Fonts) -> Region:
    start, end = told["pos"]
    x0, y0, x1, y1 = told["bbox"]
    box = Box(page=number + 1, x0=x0, y0=y0, x1=x1, y1=y1)
    markdown = text[start:end].strip()
    kind = "code" if markdown.startswith("```") else KINDS.get(told["class"], "text")
    if kind != "heading":
        return Region(kind=kind, level=0, box=box, markdown=markdown)
    level = fonts.rank(max((line.size for line in lines if _holds(box, line)), default=0.0))
    bare = _HEADING.sub("", markdown)
    return Region(kind=kind, level=level, box=box, markdown=f"{'#' * min(level, 6)} {bare}" if bare else "")


def _holds(box: Box, line: TextLine) -> bool:
    x = (line.box.x0 + line.box.x1) / 2
    return box.x0 - _SLACK <= x <= box.x1 + _SLACK and box.y0 - _SLACK <= line.middle <= box.y1 + _SLACK


def _on_page(region: Region, number: int) -> Region:
    return replace(region, box=replace(region.box, page=number + 1))
