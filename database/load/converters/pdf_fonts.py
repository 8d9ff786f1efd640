"""Which letters of a PDF are its body's, and which its headings', by their sizes over the whole document.

A page alone can't tell: a cover is all large letters, and a page of notes all small. The same few pages,
spread evenly, are looked at whichever page is asked about, so a heading's level never depends on what is
converted together.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from database.load.converters.pdf_lines import TextLine, text_lines

if TYPE_CHECKING:
    import pymupdf

_SAMPLE = 10  # pages
_LARGER = 1.12  # times the body's size: a heading's at least
_LEVELS_BY_SIZE = 4  # so that bold letters of the body's size still have a level of their own below
_MOST_LINES = 4  # of a heading
_MOST_CHARACTERS = 300
_NUMBERED_CHARACTERS = 120
_MARKED_CHARACTERS = 110  # in italics or underlined
_NUMBERED = re.compile(
    r"(?:part|item|section|article|chapter|schedule|exhibit|annex|appendix|artigo|parte|cap[íi]tulo|"
    r"se[cç][cç]?[ãa]o|secci[óo]n|t[íi]tulo|anexo|ap[êe]ndice)\s+(?:[IVXLC]+\b|[A-Z]\b|\d)",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[^\W\d_]")
_ABBREVIATED = re.compile(r"(?:\b(?:inc|corp|ltd|co|s\.a|ltda|no|nº|etc)\.|\b[A-Z]\.)$", re.IGNORECASE)
_TELLS_APART = 1.08  # times a size
_MOST_KNOWN = 64  # files, of which one process converts a few at a time


@dataclass(frozen=True, kw_only=True, slots=True)
class Fonts:
    """Sizes in points, rounded to halves. `larger` are those of headings, largest first."""

    body: float
    larger: tuple[float, ...]

    def level(self, lines: Sequence[TextLine]) -> int:
        """From 1; 0 where these lines, which stand together, are no heading."""
        text = " ".join(line.text for line in lines)
        if not lines or len(lines) > _MOST_LINES or len(text) > _MOST_CHARACTERS or not _LETTER.search(text):
            return 0
        size = _half(max(line.size for line in lines))
        larger = size >= _LARGER * self.body
        bold, italic, underlined = (
            all(marks) for marks in zip(*(line.marked for line in lines), strict=True)
        )
        numbered = bool(_NUMBERED.match(text)) and len(text) <= _NUMBERED_CHARACTERS
        if not (larger or bold or italic or underlined or numbered or _is_shouted(text)):
            return 0
        if not (larger or bold or numbered) and len(text) > _MARKED_CHARACTERS:
            return 0  # a link, or a sentence that is stressed
        if text[0].islower() or text.endswith((";", ",")):
            return 0
        if text.endswith(".") and not (bold or underlined or numbered or _ABBREVIATED.search(text)):
            return 0
        return self.rank(size) + (not larger and not bold and not numbered)

    def rank(self, size: float) -> int:
        """The level of a heading of this size, from 1."""
        sizes = self.larger
        return next((n for n, at_least in enumerate(sizes, start=1) if size >= at_least), len(sizes) + 1)


UNKNOWN = Fonts(body=1000.0, larger=())
"""Where sizes say nothing, as those of letters that are read from a picture."""

_known: dict[tuple[str, int, int], Fonts] = {}


def _is_shouted(text: str) -> bool:
    """Whether it is all capitals, in words."""
    letters = "".join(c for c in text if c.isalpha())
    return len(letters) >= 6 and letters.isupper() and len(text) <= 120


def of_pages(pages: Iterable[Sequence[TextLine]]) -> Fonts:
    """Told by the number of letters in each size; headings' sizes are those of whole short lines."""
    letters, lines = Counter[float](), Counter[float]()
    for page in pages:
        for line in page:
            letters[_half(line.size)] += len(line.text)
            if 3 <= len(line.text) <= _MOST_CHARACTERS and _LETTER.search(line.text):
                lines[_half(line.size)] += 1
    if not letters:
        return Fonts(body=10.0, larger=())
    body = max(letters, key=lambda size: (letters[size], -size))
    larger = sorted((size for size in lines if size >= _LARGER * body), reverse=True)
    return Fonts(body=body, larger=tuple(_merged(larger)[:_LEVELS_BY_SIZE]))


def of_document(document: pymupdf.Document) -> Fonts:
    """Of a sample of its pages; remembered for the file, whose pages are asked for in turn."""
    try:
        status = Path(document.name or "").stat()
    except OSError:
        return _sampled(document)
    key = (document.name, status.st_size, status.st_mtime_ns)
    if key not in _known:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known[key] = _sampled(document)
    return _known[key]


def _sampled(document: pymupdf.Document) -> Fonts:
    count = document.page_count
    numbers = sorted({(2 * n + 1) * count // (2 * _SAMPLE) for n in range(_SAMPLE)} & set(range(count)))
    return of_pages(list(_readable(document, numbers)))


def _readable(document: pymupdf.Document, numbers: Sequence[int]) -> Iterator[list[TextLine]]:
    """Pages of the sample that can't be read say nothing about the others."""
    for number in numbers:
        try:
            yield text_lines(document[number], number)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001, S112  (the parser's errors have no common class)
            continue


def _merged(sizes: Sequence[float]) -> list[float]:
    """Without sizes that nobody tells from the one above: they are one level."""
    found: list[float] = []
    for size in sizes:
        if not found or size < found[-1] / _TELLS_APART:
            found.append(size)
    return found


def _half(size: float) -> float:
    return round(size * 2) / 2
