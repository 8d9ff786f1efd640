"""PDF: lines of plain text with their boxes, grouped and dressed by pymupdf4llm's layout model.

Plain text is what is found better and the layout model's Markdown is what reads better, so a block
carries both: the layout says which lines belong together and what they are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from database.errors import SourceError
from database.load.converters import tables
from database.load.converters.base import Block, Converter, Kind, Line, Outline, Page
from database.records import Box

if TYPE_CHECKING:
    import pymupdf

PDF = "application/pdf"

_KINDS: dict[str, Kind] = {
    "section-header": "heading",
    "title": "heading",
    "table": "table",
    "page-header": "furniture",
    "page-footer": "furniture",
}
_HEADING = re.compile(r"\s*(#{1,6})\s")
_SLACK = 2.0  # points by which a line may stand out of its region


@dataclass(frozen=True, slots=True)
class PlainPdfConverter:
    """The text alone, in the file's own order: 2 ms a page, and it reads what the layout model can't."""

    @property
    def name(self) -> str:
        return f"pdf-text-1/pymupdf-{version('pymupdf')}"

    @property
    def fallback(self) -> Converter | None:
        return None

    def accepts(self, media_type: str) -> bool:
        return media_type == PDF

    def outline(self, path: Path) -> Outline:
        with _open(path) as document:
            if document.page_count == 0:
                raise SourceError("broken", "It has no pages that can be read.")
            metadata: dict[str, str] = document.metadata or {}
            return Outline(pages=document.page_count, title=(metadata.get("title") or "").strip())

    def convert(self, path: Path, pages: range) -> list[Page]:
        with _open(path) as document:
            return [Page(number=n + 1, blocks=tuple(_plain_blocks(_lines(document, n)))) for n in pages]


@dataclass(frozen=True, slots=True)
class PdfConverter(PlainPdfConverter):
    """Text and layout: 320 ms a page."""

    @property
    def name(self) -> str:
        return f"pdf-layout-2/pymupdf-{version('pymupdf')}"

    @property
    def fallback(self) -> Converter | None:
        return PlainPdfConverter()

    def convert(self, path: Path, pages: range) -> list[Page]:
        import pymupdf4llm

        with _open(path) as document:
            layouts = pymupdf4llm.to_markdown(
                document, pages=list(pages), page_chunks=True, use_ocr=False, show_progress=False
            )
            return [
                Page(number=n + 1, blocks=tuple(_laid_out_blocks(_lines(document, n), layout)))
                for n, layout in zip(pages, layouts, strict=True)
            ]


def _open(path: Path) -> pymupdf.Document:
    import pymupdf

    if path.stat().st_size == 0:
        raise SourceError("empty", "The file has no content.")
    try:
        document = pymupdf.open(path, filetype="pdf")
        if document.needs_pass:
            raise SourceError("encrypted", "It asks for a password.")
        document.page_count  # noqa: B018  (reads the page tree, which can be broken)
    except SourceError:
        raise
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  (the parser's errors have no common class)
        raise SourceError("broken", f"It can't be read as PDF: {error}.") from None
    return document


@dataclass(frozen=True, slots=True)
class _TextLine:
    line: Line
    block: int  # the parser's own grouping, used where there is no layout


def _lines(document: pymupdf.Document, number: int) -> list[_TextLine]:
    import pymupdf

    flags = (pymupdf.TEXTFLAGS_DICT & ~pymupdf.TEXT_PRESERVE_IMAGES) & ~pymupdf.TEXT_PRESERVE_LIGATURES
    page = document[number]
    found = []
    for block in page.get_text("dict", flags=flags)["blocks"]:
        for line in block.get("lines", ()):
            text = "".join(span["text"] for span in line["spans"]).replace("\x00", "").strip()
            if text:
                x0, y0, x1, y1 = pymupdf.Rect(line["bbox"]) * page.rotation_matrix
                box = Box(page=number + 1, x0=x0, y0=y0, x1=x1, y1=y1)
                found.append(_TextLine(Line(text=text, box=box), block["number"]))
    return found


def _plain_blocks(lines: Sequence[_TextLine]) -> list[Block]:
    groups: dict[int, list[Line]] = {}
    for line in lines:
        groups.setdefault(line.block, []).append(line.line)
    return [_block("text", 0, group, "") for group in groups.values()]


def _laid_out_blocks(lines: Sequence[_TextLine], layout: dict[str, Any]) -> list[Block]:
    """Lines gathered by the layout's regions, in its reading order; lines outside any stay in place."""
    regions = layout["page_boxes"]
    members: dict[int, list[Line]] = {index: [] for index in range(len(regions))}
    strays: dict[int, list[_TextLine]] = {}
    last = -1
    for line in lines:
        region = _region_of(line.line, regions)
        if region is None:
            strays.setdefault(last, []).append(line)
        else:
            members[region].append(line.line)
            last = region
    blocks = _plain_blocks(strays.get(-1, ()))
    for index, region in enumerate(regions):
        if members[index]:
            start, end = region["pos"]
            markdown = layout["text"][start:end].strip()
            kind = "code" if markdown.startswith("```") else _KINDS.get(region["class"], "text")
            heading = _HEADING.match(markdown)
            level = len(heading.group(1)) if heading else 1
            blocks.append(_block(kind, level if kind == "heading" else 0, members[index], markdown))
        blocks += _plain_blocks(strays.get(index, ()))
    return blocks


def _region_of(line: Line, regions: Sequence[dict[str, Any]]) -> int | None:
    """The smallest region that holds the line's middle."""
    assert line.box is not None
    x, y = (line.box.x0 + line.box.x1) / 2, (line.box.y0 + line.box.y1) / 2
    best, best_area = None, float("inf")
    for index, region in enumerate(regions):
        x0, y0, x1, y1 = region["bbox"]
        if x0 - _SLACK <= x <= x1 + _SLACK and y0 - _SLACK <= y <= y1 + _SLACK:
            area = (x1 - x0) * (y1 - y0)
            if area < best_area:
                best, best_area = index, area
    return best


def _block(kind: Kind, level: int, lines: list[Line], markdown: str) -> Block:
    if kind == "table":
        lines = tables.rows(lines, markdown)
    return Block(kind=kind, level=level, lines=tuple(lines), markdown=markdown)
