"""Rows: the lines of a page that stand side by side, from left to right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from database.load.converters.base import Line
from database.load.converters.pdf_lines import TextLine, joined, mended, union

Row = tuple[TextLine, ...]

_SAME_ROW = 0.5  # of the lower one's height, by which two lines overlap that stand side by side
_MARKER = re.compile(
    r"[•●▪■◦○‣∙·*–—-]|[☐☒☑x¨oþ\uf0a7\uf0b7\u25a1]"
    r"|[\[(]{0,2}(?:\d{1,2}|[a-zA-Z]|[ivxIVX]{1,5})[.)](?:\s?\(?\w{1,4}[.)])*"
    r"|[A-Z]\.\d{1,3}[.:]?|(?:[A-Z]\.?)?\d{1,3}(?:\.\d{1,3}){1,4}\.?[A-Za-z]?[*†+]{0,2}"
)
_NAMED_MARKER = re.compile(
    r"(?:part|item|section|article|chapter|schedule|exhibit|annex|appendix|note|artigo|art\.|parte|cap[íi]tulo|"
    r"se[cç][cç]?[ãa]o|secci[óo]n|t[íi]tulo|anexo|nota|cl[áa]usula)\s*[\dIVXLC]{1,5}[A-Z]?(?:\.\d{1,3})*[.:)–—-]?"
    r"|(?:exhibit|annex|appendix|schedule|anexo)\s*[A-Z][.:]?",
    re.IGNORECASE,
)
_LABEL = re.compile(r"[^:]{1,28}:")
_MARKER_GAP = 8.0  # times the size of its letters, at most, from a marker to its text
_SPREAD_WORDS = 4
_EVEN_GAPS = 1.25  # times the smallest
_CURRENCY = re.compile(r"(?:US|R|C|A)?[$€£¥]")
_HANGS_ON = re.compile(r"[%)]{1,2}|\(?[a-z\d]{1,2}\)|pp|p\.p\.")
_HANGING_GAP = 1.6  # times the size
_SIGN_GAP = 14.0  # times the size, from a currency's sign to its number: the column's width

_AMOUNT = (
    r"(?:US|R|C|A)?[$€£¥]?\s*[-–—+(]?\s*(?:US|R|C|A)?[$€£¥]?\s*[.,]?\d[\d.,]*\s*[%)]{0,2}\s*(?:%|pp|x|¢|bps)?"
)
_NUMBER = re.compile(
    rf"{_AMOUNT}(?:\s?\(\w{{1,2}}\)|[*†‡]){{0,2}}"
    rf"|{_AMOUNT}\s*(?:[-–—/]|to|a)\s*{_AMOUNT}"
    r"|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"
    r"|(?:US|R|C|A)?[$€£¥]?\s*[-–—]+\s*%?|n/?[am]|\(?\*\)?|nm",
    re.IGNORECASE,
)


def is_number(text: str) -> bool:
    """An amount, percentage or year, or what stands for none: a dash, n/a."""
    return bool(_NUMBER.fullmatch(text.strip()))


def is_marker(text: str) -> bool:
    """Of a list's item, or a section's number."""
    return bool(_MARKER.fullmatch(text) or _NAMED_MARKER.fullmatch(text))


def rows(lines: Sequence[TextLine]) -> list[Row]:
    """Lines by their heights on the page. Each row is told by its neighbour above alone: linear."""
    found: list[list[TextLine]] = []
    top = bottom = 0.0
    for line in sorted(lines, key=lambda line: (line.middle, line.box.x0)):
        overlap = min(bottom, line.box.y1) - max(top, line.box.y0)
        if (
            found
            and overlap > _SAME_ROW * min(line.height, max(bottom - top, 0.1))
            and _is_free(found[-1], line)
        ):
            found[-1].append(line)
            if line.height >= bottom - top:
                top, bottom = line.box.y0, line.box.y1
        else:
            found.append([line])
            top, bottom = line.box.y0, line.box.y1
    return [_put_together(mended(sorted(row, key=lambda line: line.box.x0))) for row in found]


def _is_free(row: Sequence[TextLine], line: TextLine) -> bool:
    """Whether nothing of the row stands where the line does; only its last ones are asked, row by row."""
    return not any(
        min(other.box.x1, line.box.x1) - max(other.box.x0, line.box.x0)
        > 0.5 * min(other.box.x1 - other.box.x0, line.box.x1 - line.box.x0)
        for other in row[-8:]
    )


def _put_together(row: list[TextLine]) -> Row:
    """What is one line though there are gaps in it: a list's marker and its text, words set wide apart."""
    if len(row) > 1 and is_marker(row[0].text):
        gap = row[1].box.x0 - row[0].box.x1
        if gap < _MARKER_GAP * row[0].size and not is_number(row[1].text):
            return (_as_marked(row[1], joined(row[:2])), *row[2:])
    if len(row) == 2 and _LABEL.fullmatch(row[0].text) and not is_number(row[1].text):
        return (joined(row),)
    if len(row) >= _SPREAD_WORDS and _is_spread(row):
        return (joined(row),)
    return tuple(row)


def _as_marked(text: TextLine, whole: TextLine) -> TextLine:
    return replace(whole, bold=text.bold, italic=text.italic, underlined=text.underlined)


def _is_spread(row: Sequence[TextLine]) -> bool:
    """Whether these are words of a justified line: as far from each other, everywhere."""
    gaps = [b.box.x0 - a.box.x1 for a, b in pairwise(row)]
    return max(gaps) < _EVEN_GAPS * max(min(gaps), 1) and not any(is_number(line.text) for line in row[1:])


def with_whole_amounts(row: Row) -> Row:
    """Currency signs are part of the number after them, and brackets and percent signs of the one before."""
    found: list[TextLine] = []
    for line in row:
        before = found[-1] if found else None
        gap = line.box.x0 - before.box.x1 if before else 0.0
        if (
            before
            and _CURRENCY.fullmatch(before.text)
            and is_number(line.text)
            and gap < _SIGN_GAP * line.size
        ):
            found[-1] = joined((before, line))
        elif before and _HANGS_ON.fullmatch(line.text) and gap < _HANGING_GAP * line.size:
            found[-1] = joined((before, line), glue="" if line.text[0] in ")%" else " ")
        else:
            found.append(line)
    return tuple(found)


def as_line(row: Row) -> Line:
    """A row's cells as one line: rows that are read as rows are found better."""
    return Line(text=" ".join(cell.text for cell in row), box=union([cell.box for cell in row]))
