"""The lines of a PDF page with their boxes, as they are shown, and which of them are furniture.

Everything that is searched comes from here: 2 to 5 ms a page, and no model.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING, Any

from database.load.converters.base import Line
from database.records import Box

if TYPE_CHECKING:
    import pymupdf

MOST_LINES = 20_000  # of a page: ten times what the densest page of a newspaper has

_BOLD = 16  # the parser's flag
_ITALIC = 2
_ITALIC_NAME = re.compile(r"italic|oblique", re.IGNORECASE)
_BOLD_NAME = re.compile(r"bold|black|heavy|semibold|demi", re.IGNORECASE)
_VECTOR = 3  # the parser's number for what is drawn
_RULE_HEIGHT = 2.5  # points, with the width of its pen on either side
_RULE_SLACK = 5.0  # points by which an underline may be longer or shorter than its text
_MOST_RULES = 40  # at one height
_BASELINE = 0.7  # of a line's height, from its top
_GAP = 1.0  # of the font's size, between two runs of text that are no longer one
_WORD_GAP = 0.5
_LETTER_GAP = 0.12
_NEARLY_ALL = 0.9  # of a line's letters
_CURRENCY = re.compile(r"(?:US|R|C|A)?[$€£¥]")
_PARTS = re.compile(r"\S+(?:\s{1,2}\S+)*")  # more space than that is a column's
_LAST_CURRENCY = re.compile(r"(?<=[\d%)])\s+(?=(?:US|R|C|A)?[$€£¥]$)")
_LEVEL = 0.98  # cosine of the angle up to which a line counts as level

_MARGIN = 0.075  # of the page's height, above and below
_NEIGHBOURS = 2  # pages before and after: left and right pages may differ
_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"\W*(?:(?:page|p[áa]gina|p[áa]g\.?|p\.)\s*)?\d{1,4}(?:\s*(?:/|of|de)\s*\d{1,4})?\W*", re.I
)
_LONGEST_FURNITURE = 200
_LAST_LINES = 3  # of a page: its number and what is on either side
_MOST_AT_EDGES = 60  # lines: more are no furniture
_BY = 2.0  # times its height, from the page number
_TIMES = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class TextLine:
    """Text on one baseline without wide gaps: a line of prose, or a table's cell.

    `box` is where it is shown, after the page's rotation. `size` is that of its largest letters.
    """

    text: str
    box: Box
    size: float
    bold: bool
    italic: bool = False
    underlined: bool = False
    level: bool = True
    """Whether it runs from left to right; a note along the edge doesn't."""

    block: int = 0
    """The parser's own grouping."""

    @property
    def line(self) -> Line:
        return Line(text=self.text, box=self.box)

    @property
    def marked(self) -> tuple[bool, bool, bool]:
        """How its letters stand out, besides by their size."""
        return self.bold, self.italic, self.underlined

    @property
    def middle(self) -> float:
        return (self.box.y0 + self.box.y1) / 2

    @property
    def height(self) -> float:
        return max(self.box.y1 - self.box.y0, 0.1)


def text_lines(page: pymupdf.Page, number: int) -> list[TextLine]:
    """The lines of a page in the file's order; `number` is the one that it has in the original, from 0."""
    import pymupdf

    left_out = pymupdf.TEXT_PRESERVE_IMAGES | pymupdf.TEXT_PRESERVE_LIGATURES
    flags = (pymupdf.TEXTFLAGS_DICT & ~left_out) | pymupdf.TEXT_COLLECT_VECTORS
    blocks = page.get_text("dict", flags=flags)["blocks"]
    rules = _rules(blocks)
    turn = page.rotation_matrix if page.rotation else None
    found: list[TextLine] = []
    for block in blocks:
        for line in block.get("lines", ()):
            dx, dy = line["dir"]
            level = dx * turn.a + dy * turn.c if turn else dx
            for text, bounds, spans in _runs(line["spans"]):
                box = tuple(pymupdf.Rect(bounds) * turn) if turn else bounds
                found.append(
                    TextLine(
                        text=text,
                        box=Box(page=number + 1, x0=box[0], y0=box[1], x1=box[2], y1=box[3]),
                        size=max(span["size"] for span in spans),
                        bold=all(map(_is_bold, spans)),
                        italic=all(map(_is_italic, spans)),
                        underlined=_is_underlined(bounds, rules),
                        level=level >= _LEVEL,
                        block=block["number"],
                    )
                )
                if len(found) >= MOST_LINES:
                    return mended(found)
    return mended(found)


def mended(lines: Sequence[TextLine]) -> list[TextLine]:
    """Without the cuts that links, underlines and changes of font leave in a line. They come in order."""
    found: list[TextLine] = []
    for line in lines:
        if found and line.level and _goes_on(found[-1], line):
            gap = line.box.x0 - found[-1].box.x1
            found[-1] = joined((found[-1], line), glue=" " if gap > _LETTER_GAP * line.size else "")
        else:
            found.append(line)
    return found


def _goes_on(before: TextLine, line: TextLine) -> bool:
    gap = line.box.x0 - before.box.x1
    return (
        -_LETTER_GAP * line.size < gap < _WORD_GAP * line.size
        and abs(line.middle - before.middle) < 0.5 * min(line.height, before.height)
        and not _CURRENCY.fullmatch(line.text)
    )


def joined(parts: Sequence[TextLine], *, glue: str = " ") -> TextLine:
    """One line of these, from left to right. It stands out where nearly all of its letters do."""
    letters = sum(len(part.text) for part in parts)

    def stands_out(marks: Iterable[bool]) -> bool:
        marked = (len(part.text) for part, mark in zip(parts, marks, strict=True) if mark)
        return sum(marked) >= _NEARLY_ALL * letters

    return replace(
        parts[0],
        text=glue.join(part.text for part in parts),
        box=union([part.box for part in parts]),
        size=max(part.size for part in parts),
        bold=stands_out(part.bold for part in parts),
        italic=stands_out(part.italic for part in parts),
        underlined=stands_out(part.underlined for part in parts),
    )


Bounds = tuple[float, float, float, float]


def _rules(blocks: Sequence[dict[str, Any]]) -> dict[int, list[Bounds]]:
    """Thin level lines that are drawn on the page, by the point they begin in: what underlines is drawn.

    The parser tells of them while it reads the text, at no cost; asked for underlined letters, it takes ten
    times as long.
    """
    found: dict[int, list[Bounds]] = {}
    for block in blocks[:MOST_LINES]:
        if block["type"] == _VECTOR:
            x0, y0, x1, y1 = block["bbox"]
            if y1 - y0 <= _RULE_HEIGHT and x1 - x0 > _RULE_HEIGHT:
                near = found.setdefault(int(y0), [])
                if len(near) < _MOST_RULES:
                    near.append((x0, y0, x1, y1))
    return found


def _is_underlined(line: Bounds, rules: dict[int, list[Bounds]]) -> bool:
    x0, y0, x1, y1 = line
    baseline = y0 + _BASELINE * (y1 - y0)
    near = (rule for y in range(int(baseline), int(y1 + 1) + 1) for rule in rules.get(y, ()))
    return any(
        baseline <= rule[1] <= y1 + 1
        and abs(rule[0] - x0) <= _RULE_SLACK
        and abs(rule[2] - x1) <= _RULE_SLACK
        for rule in near
    )


def _is_bold(span: dict[str, Any]) -> bool:
    return bool(span["flags"] & _BOLD) or bool(_BOLD_NAME.search(span["font"]))


def _is_italic(span: dict[str, Any]) -> bool:
    return bool(span["flags"] & _ITALIC) or bool(_ITALIC_NAME.search(span["font"]))


Run = tuple[str, Bounds, list[dict[str, Any]]]


def _runs(spans: Sequence[dict[str, Any]]) -> Iterator[Run]:
    """The line's text, cut where there is a gap that no word space fills, or a currency's sign begins."""
    text, bounds, members = "", (0.0, 0.0, 0.0, 0.0), list[dict[str, Any]]()
    for part, box, span in _parts(spans):
        if members:
            gap = box[0] - bounds[2]
            begins = _CURRENCY.fullmatch(part.strip()) and gap > 0.2 * span["size"]
            if gap > _GAP * span["size"] or begins:
                yield text.strip(), bounds, members
                text, members = "", []
        if not part.strip():
            text += " " if text else ""
            continue
        bounds = _joined(bounds, box) if members else box
        text += part
        members.append(span)
    if members:
        yield text.strip(), bounds, members


def _parts(
    spans: Sequence[dict[str, Any]],
) -> Iterator[tuple[str, Bounds, dict[str, Any]]]:
    """The spans, cut at columns that are set with spaces; a part's place is told by its letters' number."""
    for span in spans:
        text = span["text"].replace("\x00", "").replace("\xa0", " ")
        x0, y0, x1, y1 = span["bbox"]
        parts = [match.span() for match in _PARTS.finditer(text)]
        if len(parts) == 1 and (last := _LAST_CURRENCY.search(text.rstrip())):
            parts = [(parts[0][0], last.start()), (last.end(), parts[0][1])]
        if len(parts) < 2 and text.strip() == text:
            yield text, (x0, y0, x1, y1), span
            continue
        letter = (x1 - x0) / max(len(text), 1)
        if not parts:
            yield " ", (x0, y0, x1, y1), span
        elif len(parts) == 1:
            start, end = parts[0]
            box = (
                x0 + letter * start * 0.6,
                y0,
                x1 - letter * (len(text) - end) * 0.6,
                y1,
            )  # spaces are slim
            yield text, box, span
        else:
            for start, end in parts:
                yield text[start:end] + " ", (x0 + letter * start, y0, x0 + letter * end, y1), span


def _joined(a: Bounds, b: Bounds) -> Bounds:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def union(boxes: Sequence[Box]) -> Box:
    """The rectangle around them all; there must be one."""
    return reduce(
        lambda a, b: Box(
            page=a.page, x0=min(a.x0, b.x0), y0=min(a.y0, b.y0), x1=max(a.x1, b.x1), y1=max(a.y1, b.y1)
        ),
        boxes,
    )


def furniture(pages: Sequence[Sequence[TextLine]], heights: Sequence[float]) -> list[frozenset[int]]:
    """Of each page, which of its lines (by position) repeat at its neighbours' edges or number the page.

    Numbers in them may differ. Only neighbours a few pages away are looked at, so that the result for a
    page depends little on which pages are converted together. A line must be on two of them: the title of
    a table that goes on over the page is on one.
    """
    edges = [_edge_lines(lines, height) for lines, height in zip(pages, heights, strict=True)]
    keys = [{(edge, _key(pages[n][i].text)) for i, edge in edges[n].items()} for n in range(len(pages))]
    found = []
    for n, lines in enumerate(pages):
        near = [
            keys[m] for m in range(max(0, n - _NEIGHBOURS), min(len(keys), n + _NEIGHBOURS + 1)) if m != n
        ]
        seen = Counter(key for there in near for key in there)
        enough = min(_TIMES, max(1, len(near)))
        found.append(
            frozenset(
                i
                for i, edge in edges[n].items()
                if seen[edge, _key(lines[i].text)] >= enough or _is_page_number(lines, i, edge, edges[n])
            )
        )
    return found


def _edge_lines(lines: Sequence[TextLine], height: float) -> dict[int, str]:
    """Lines in the margins; and the page number, with what stands by it, of a page that ends early."""
    found = {}
    lowest = sorted(range(len(lines)), key=lambda i: lines[i].middle)[-_LAST_LINES:]
    numbers = [lines[i] for i in lowest if _PAGE_NUMBER.fullmatch(lines[i].text)]
    for i, line in enumerate(lines):
        if len(line.text) <= _LONGEST_FURNITURE:
            if line.box.y1 <= _MARGIN * height:
                found[i] = "top"
            elif line.box.y0 >= (1 - _MARGIN) * height or (i in lowest and _is_by(line, numbers)):
                found[i] = "bottom"
    return found


def _is_by(line: TextLine, numbers: Sequence[TextLine]) -> bool:
    return any(abs(line.middle - number.middle) < _BY * number.height for number in numbers)


def _is_page_number(lines: Sequence[TextLine], i: int, edge: str, edges: dict[int, str]) -> bool:
    """A number alone on its row beyond all else: in a table that goes to the page's end it has company."""
    own = lines[i]
    if len(edges) > _MOST_AT_EDGES or not _PAGE_NUMBER.fullmatch(own.text):
        return False
    for n, other in enumerate(lines):
        if n != i:
            beside = other.box.y0 < own.middle < other.box.y1
            beyond = other.middle < own.middle if edge == "top" else other.middle > own.middle
            if beside or (beyond and n not in edges):
                return False
    return True


def _key(text: str) -> str:
    return _DIGITS.sub("0", " ".join(text.lower().split()))
