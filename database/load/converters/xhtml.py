"""Blocks of a page of HTML, all of them in order: for books, whose pages hold nothing but text."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any

from database.load.converters import grids
from database.load.converters.base import Block, Line

_LEFT_OUT = frozenset(["script", "style", "head", "template", "svg", "math", "iframe", "object", "rt", "rp"])
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_MAKES_A_BLOCK = frozenset(
    [
        *_HEADINGS,
        *("p", "div", "section", "article", "aside", "main", "header", "footer", "nav", "body", "html"),
        *("ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre", "figure", "figcaption", "hr", "table"),
        *("address", "details", "summary", "form", "fieldset", "center"),
    ]
)
_DECLARED = re.compile(rb"""(?:\xef\xbb\xbf)?\s*<\?xml[^>]{0,100}encoding=["']([A-Za-z0-9._-]+)""")
_MARKS = {"li": "- ", "blockquote": "> "}
_MOST_DEEP = 200  # elements in one another; libxml2 itself goes to 256


def blocks(page: bytes) -> Iterator[Block]:
    """Headings, paragraphs, list items, tables and listings."""
    body = _tree(page)
    if body is not None:
        yield from _Walk().blocks(body)


def links(page: bytes) -> Iterator[tuple[str, str]]:
    """Where each link leads, and its text."""
    body = _tree(page)
    for link in body.iter("a") if body is not None else ():
        yield link.get("href", ""), " ".join("".join(link.itertext()).split())


def _tree(page: bytes) -> Any | None:
    from lxml import etree, html

    parser = html.HTMLParser(encoding=_encoding(page), no_network=True, remove_comments=True, remove_pis=True)
    try:
        return html.document_fromstring(page, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None  # an empty page


def _encoding(page: bytes) -> str:
    """As XHTML has it: what its declaration names, or else UTF-8."""
    if page[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    declared = _DECLARED.match(page)
    try:
        return codecs.lookup(declared[1].decode("ascii")).name if declared else "utf-8"
    except LookupError:
        return "utf-8"


class _Walk:
    """Gathers text until a block begins or ends."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._mark = ""  # of Markdown, for the next block of text

    def blocks(self, element: Any, depth: int = 0) -> Iterator[Block]:
        """The element's blocks, what comes before its first and after its last included."""
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag in _LEFT_OUT or depth > _MOST_DEEP:
            return
        if tag == "table":
            yield from self.end("")
            yield from _table(element)
            return
        if tag == "pre":
            yield from self.end("")
            yield from _listing(element)
            return
        if tag == "br":
            self._parts.append("\n")
        starts = tag in _MAKES_A_BLOCK
        if starts:
            yield from self.end("")
        if tag in _MARKS:
            self._mark = _MARKS[tag]
        self._parts.append(_flowing(element.text))
        for child in element:
            yield from self.blocks(child, depth + 1)
            self._parts.append(_flowing(child.tail))
        if starts:
            yield from self.end(tag)
            if tag in _MARKS:
                self._mark = ""

    def end(self, tag: str) -> Iterator[Block]:
        """The block that has been gathered, as an element of this name ends; "" where none does."""
        text = "".join(self._parts)
        self._parts = []
        lines = tuple(
            Line(text=" ".join(line.split()), box=None) for line in text.split("\n") if line.strip()
        )
        if not lines:
            return
        plain = "\n".join(line.text for line in lines)
        if tag in _HEADINGS:
            level = _HEADINGS[tag]
            one = " ".join(line.text for line in lines)
            heading = (Line(text=one, box=None),)
            yield Block(kind="heading", level=level, lines=heading, markdown=f"{'#' * level} {one}")
        else:
            markdown = self._mark + plain if self._mark else ""
            self._mark = "" if self._mark == _MARKS["li"] else self._mark
            yield Block(kind="text", level=0, lines=lines, markdown=markdown)


def _table(table: Any) -> Iterator[Block]:
    rows = []
    for row in table.iter("tr"):
        if next(row.iterancestors("table")) is table:
            cells = [cell for cell in row if cell.tag in ("td", "th")]
            rows.append(tuple(map(_flat, cells)))
    caption = table.find("caption")
    if caption is not None and (text := _flat(caption)):
        yield Block(kind="text", level=0, lines=(Line(text=text, box=None),), markdown="")
    yield from grids.table_blocks(rows)


def _listing(element: Any) -> Iterator[Block]:
    text = "".join(element.itertext()).strip("\n")
    lines = tuple(Line(text=line.strip(), box=None) for line in text.splitlines() if line.strip())
    if lines:
        yield Block(kind="code", level=0, lines=lines, markdown=f"```\n{text}\n```")


def _flat(element: Any) -> str:
    """All of its text on one line."""
    walk = _Walk()
    return " ".join(line.text for block in (*walk.blocks(element), *walk.end("")) for line in block.lines)


def _flowing(text: str | None) -> str:
    """Line ends of the source mean no more than spaces."""
    return (text or "").replace("\n", " ").replace("\r", " ")
