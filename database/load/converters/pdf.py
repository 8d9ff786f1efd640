"""PDF: the text at once, and the layout of the pages that need it later.

Plain text is what is found better and Markdown is what reads better, so a block carries both. The places of
its lines make most pages complete; the layout model, which takes a hundred times as long, is for the others:
their Markdown from the lines' places is there meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from database.errors import SourceError
from database.load.converters import ocr, pdf_fonts, pdf_regions
from database.load.converters.base import Block, Converter, Outline, Page, Region
from database.load.converters.ocr import Tesseract
from database.load.converters.pdf_blocks import arranged, blocks
from database.load.converters.pdf_fonts import Fonts
from database.load.converters.pdf_lines import TextLine, furniture, text_lines
from database.load.converters.pdf_routes import route, signals
from database.records import Condition, Route

if TYPE_CHECKING:
    import pymupdf

PDF = "application/pdf"

_SECONDS_A_PAGE = 1.0  # a hundred times what its text takes
_SECONDS_TO_LAY_OUT = 4.0  # ten times
_SECONDS_TO_RECOGNISE = 10.0  # a scanned page takes 2 to 3


@dataclass(frozen=True, slots=True)
class PdfConverter:
    """The text stage takes 7 ms a page, and reads what the layout model can't; a page's layout takes 400.

    `passwords` are tried on files that ask for one. Pages without text are read by the `engine`, if there is
    one: some seconds each. Those are laid out at once, since nothing is left of what was read otherwise.
    """

    passwords: tuple[str, ...] = field(default=(), repr=False)
    engine: Tesseract | None = None

    @property
    def name(self) -> str:
        return self._name("pdf-stages-1")

    @property
    def fallback(self) -> Converter | None:
        return LonePdfConverter(passwords=self.passwords)

    @property
    def seconds_a_page(self) -> float:
        return _SECONDS_A_PAGE + (_SECONDS_TO_RECOGNISE if self.engine else 0.0)

    @property
    def seconds_to_lay_out(self) -> float:
        return _SECONDS_TO_LAY_OUT

    def accepts(self, media_type: str) -> bool:
        return media_type == PDF

    def outline(self, path: Path) -> Outline:
        with _open(path, self.passwords) as document:
            if document.page_count == 0:
                raise SourceError("broken", "It has no pages that can be read.")
            metadata: dict[str, str] = document.metadata or {}
            return Outline(pages=document.page_count, title=(metadata.get("title") or "").strip())

    def convert(self, path: Path, pages: range) -> list[Page]:
        begun = time.perf_counter()
        with _open(path, self.passwords) as document:
            found = self._read(document, pages)
        seconds = (time.perf_counter() - begun) / max(len(found), 1)
        return [replace(page, seconds=seconds) for page in found]

    def regions(self, path: Path, number: int, route: Route) -> tuple[Region, ...]:
        with _open(path, self.passwords) as document:
            return tuple(pdf_regions.regions(document, number, route))

    def _read(self, document: pymupdf.Document, pages: range) -> list[Page]:
        fonts = pdf_fonts.of_document(document)
        near = _with_neighbours(pages, document.page_count)
        known = [_lines_and_height(document, n) if n in pages else _beside(document, n) for n in near]
        lines = [found for found, _ in known]
        edges = furniture(lines, [height for _, height in known])
        return [
            self._page(document[n], n, lines[n - near.start], edges[n - near.start], fonts) for n in pages
        ]

    def _page(
        self, page: pymupdf.Page, number: int, lines: list[TextLine], edges: frozenset[int], fonts: Fonts
    ) -> Page:
        needed = _needs_recognition(page, lines)
        if needed and self.engine and (copy := _recognised(page, self.engine)) is not None:
            with copy:
                return _of_recognised(copy, number, page.rect.width)
        told = arranged(lines, edges, page.rect.width)
        return Page(
            number=number + 1,
            blocks=tuple(blocks(told, fonts)),
            route=route(signals(told)),
            condition=_condition(lines, needed=needed),
        )

    def _name(self, itself: str) -> str:
        engine = f"/{self.engine.name}" if self.engine else ""
        return f"{itself}/pymupdf-{version('pymupdf')}{engine}"


@dataclass(frozen=True, slots=True)
class LonePdfConverter(PdfConverter):
    """Each page by itself, whatever the others are: one that nothing can read costs no other page."""

    @property
    def name(self) -> str:
        return self._name("pdf-lone-1")

    @property
    def fallback(self) -> Converter | None:
        return None

    def _read(self, document: pymupdf.Document, pages: range) -> list[Page]:
        found = []
        for n in pages:
            lines, height = _lines_and_height(document, n)
            (edges,) = furniture([lines], [height])
            found.append(self._page(document[n], n, lines, edges, pdf_fonts.of_pages([lines])))
        return found


def _of_recognised(copy: pymupdf.Document, number: int, width: float) -> Page:
    """A page whose text was read from its picture; its Markdown is that of its lines where nothing is
    seen.
    """
    told = arranged(text_lines(copy[0], number), frozenset(), width)
    found: tuple[Block, ...] = tuple(blocks(told, pdf_fonts.UNKNOWN))
    try:
        seen = tuple(pdf_regions.of_recognised(copy, number))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  (the parser's errors have no common class)
        seen = ()
    return Page(number=number + 1, blocks=found, route="layout", regions=seen, recognised=True)


def _needs_recognition(page: pymupdf.Page, lines: Sequence[TextLine]) -> bool:
    try:
        return ocr.is_needed(page, (line.text for line in lines))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  (the parser's errors have no common class)
        return False


def _recognised(page: pymupdf.Page, engine: Tesseract) -> pymupdf.Document | None:
    """The page alone, with the text of its pictures; None where none can be read."""
    try:
        return ocr.with_text(page, engine)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  (the parser's errors have no common class)
        return None


def _condition(lines: Sequence[TextLine], *, needed: bool) -> Condition:
    if needed:
        return "garbled" if ocr.is_garbled("".join(line.text for line in lines)) else "no_text"
    return "good" if lines else "blank"


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
