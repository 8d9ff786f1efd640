"""PDF: lines of plain text with their boxes, grouped and dressed by their places or by a layout model.

Plain text is what is found better and Markdown is what reads better, so a block carries both. The places of
its lines make most pages complete; the layout model, which takes a hundred times as long, is for the others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from database.errors import SourceError
from database.load.converters import ocr, pdf_fonts, tables
from database.load.converters.base import Block, Converter, Kind, Line, Outline, Page
from database.load.converters.ocr import Tesseract
from database.load.converters.pdf_blocks import arranged, blocks
from database.load.converters.pdf_fonts import Fonts
from database.load.converters.pdf_lines import TextLine, furniture, text_lines
from database.load.converters.pdf_routes import Route, route, signals

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
_SECONDS_PLAIN = 1.0  # a hundred times what a page takes
_SECONDS_LAID_OUT = 4.0  # ten times
_SECONDS_TO_RECOGNISE = 10.0  # a scanned page takes 2 to 3
_SLACK = 2.0  # points by which a line may stand out of its region


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What the text stage makes of a page. Where its route is "plain", nothing is left to do."""

    page: Page
    route: Route


@dataclass(frozen=True, slots=True)
class PlainPdfConverter:
    """The text stage: 5 ms a page, and it reads what the layout model can't.

    `passwords` are tried on files that ask for one. Pages without text are read by the `engine`, if there is
    one: some seconds each.
    """

    passwords: tuple[str, ...] = field(default=(), repr=False)
    engine: Tesseract | None = None

    @property
    def name(self) -> str:
        return self._name("pdf-text-2")

    @property
    def fallback(self) -> Converter | None:
        return LonePdfConverter(passwords=self.passwords)

    @property
    def seconds_a_page(self) -> float:
        return _SECONDS_PLAIN + (_SECONDS_TO_RECOGNISE if self.engine else 0.0)

    def accepts(self, media_type: str) -> bool:
        return media_type == PDF

    def outline(self, path: Path) -> Outline:
        with _open(path, self.passwords) as document:
            if document.page_count == 0:
                raise SourceError("broken", "It has no pages that can be read.")
            metadata: dict[str, str] = document.metadata or {}
            return Outline(pages=document.page_count, title=(metadata.get("title") or "").strip())

    def convert(self, path: Path, pages: range) -> list[Page]:
        return [reading.page for reading in self.read(path, pages)]

    def read(self, path: Path, pages: range) -> list[Reading]:
        """These pages, counted from 0, and which of them the layout model should see. Raises SourceError."""
        with _open(path, self.passwords) as document:
            fonts = pdf_fonts.of_document(document)
            near = _with_neighbours(pages, document.page_count)
            known = [_lines_and_height(document, n) if n in pages else _beside(document, n) for n in near]
            lines = [found for found, _ in known]
            edges = furniture(lines, [height for _, height in known])
            return [
                self._reading(document[n], n, lines[n - near.start], edges[n - near.start], fonts)
                for n in pages
            ]

    def _reading(
        self, page: pymupdf.Page, number: int, lines: list[TextLine], edges: frozenset[int], fonts: Fonts
    ) -> Reading:
        width = page.rect.width
        if (copy := self._with_text(page, lines)) is not None:
            with copy:
                told = arranged(text_lines(copy[0], number), frozenset(), width)
            return Reading(page=_page(number, blocks(told, pdf_fonts.UNKNOWN)), route="layout")
        told = arranged(lines, edges, width)
        return Reading(page=_page(number, blocks(told, fonts)), route=route(signals(told)))

    def _with_text(self, page: pymupdf.Page, lines: Sequence[TextLine]) -> pymupdf.Document | None:
        """The page alone, with the text of its pictures; None where it needs none, or none can be read."""
        if self.engine is None:
            return None
        try:
            needed = ocr.is_needed(page, (line.text for line in lines))
            return ocr.with_text(page, self.engine) if needed else None
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001  (the parser's errors have no common class)
            return None

    def _name(self, itself: str) -> str:
        engine = f"/{self.engine.name}" if self.engine else ""
        return f"{itself}/pymupdf-{version('pymupdf')}{engine}"


@dataclass(frozen=True, slots=True)
class LonePdfConverter(PlainPdfConverter):
    """Each page by itself, whatever the others are: one that nothing can read costs no other page."""

    @property
    def name(self) -> str:
        return self._name("pdf-lone-1")

    @property
    def fallback(self) -> Converter | None:
        return None

    def read(self, path: Path, pages: range) -> list[Reading]:
        found = []
        with _open(path, self.passwords) as document:
            for n in pages:
                lines, height = _lines_and_height(document, n)
                (edges,) = furniture([lines], [height])
                fonts = pdf_fonts.of_pages([lines])
                found.append(self._reading(document[n], n, lines, edges, fonts))
        return found


@dataclass(frozen=True, slots=True)
class PdfConverter(PlainPdfConverter):
    """Text and layout: 320 ms a page."""

    @property
    def name(self) -> str:
        return self._name("pdf-layout-3")

    @property
    def fallback(self) -> Converter | None:
        return PlainPdfConverter(passwords=self.passwords)

    @property
    def seconds_a_page(self) -> float:
        return _SECONDS_LAID_OUT + (_SECONDS_TO_RECOGNISE if self.engine else 0.0)

    def convert(self, path: Path, pages: range) -> list[Page]:
        with _open(path, self.passwords) as document:
            found: dict[int, Page] = {}
            for n in pages:
                page = document[n]
                if self.engine and (copy := self._with_text(page, text_lines(page, n))) is not None:
                    with copy:
                        found |= _laid_out(copy, {0: n})
            found |= _laid_out(document, {n: n for n in pages if n not in found})
            return [found[n] for n in pages]


def _laid_out(document: pymupdf.Document, numbers: dict[int, int]) -> dict[int, Page]:
    """Pages of the document by the numbers that they have in the original, counted from 0."""
    import pymupdf4llm

    if not numbers:
        return {}
    layouts = pymupdf4llm.to_markdown(
        document, pages=list(numbers), page_chunks=True, use_ocr=False, show_progress=False
    )
    return {
        number: Page(
            number=number + 1, blocks=tuple(_laid_out_blocks(text_lines(document[n], number), layout))
        )
        for (n, number), layout in zip(numbers.items(), layouts, strict=True)
    }


def _with_neighbours(pages: range, count: int) -> range:
    """So many that what repeats on a page alone, or on the first of a range, is known to."""
    return range(max(0, pages.start - 1), min(count, pages.stop + 1))


def _lines_and_height(document: pymupdf.Document, number: int) -> tuple[list[TextLine], float]:
    page = document[number]
    return text_lines(page, number), page.rect.height


def _beside(document: pymupdf.Document, number: int) -> tuple[list[TextLine], float]:
    """Of a page that isn't asked for; nothing where it can't be read: that is its own trouble."""
    try:
        return _lines_and_height(document, number)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  (the parser's errors have no common class)
        return [], 0.0


def _page(number: int, found: Sequence[Block]) -> Page:
    return Page(number=number + 1, blocks=tuple(found))


def _open(path: Path, passwords: Sequence[str]) -> pymupdf.Document:
    import pymupdf

    if path.stat().st_size == 0:
        raise SourceError("empty", "The file has no content.")
    try:
        document = pymupdf.open(path, filetype="pdf")
        if document.needs_pass and not any(document.authenticate(password) for password in passwords):
            raise SourceError("encrypted", "It asks for a password.")
        document.page_count  # noqa: B018  (reads the page tree, which can be broken)
    except SourceError:
        raise
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  (the parser's errors have no common class)
        raise SourceError("broken", f"It can't be read as PDF: {error}.") from None
    return document


def _plain_blocks(lines: Sequence[TextLine]) -> list[Block]:
    groups: dict[int, list[Line]] = {}
    for line in lines:
        groups.setdefault(line.block, []).append(line.line)
    return [_block("text", 0, group, "") for group in groups.values()]


def _laid_out_blocks(lines: Sequence[TextLine], layout: dict[str, Any]) -> list[Block]:
    """Lines gathered by the layout's regions, in its reading order; lines outside any stay in place."""
    regions = layout["page_boxes"]
    members: dict[int, list[Line]] = {index: [] for index in range(len(regions))}
    strays: dict[int, list[TextLine]] = {}
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
