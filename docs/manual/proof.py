"""Compares a manual's PDF with its sources, without a browser."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pymupdf
from source import Manual, page_of

# The running title and the page number stand outside this margin, in PDF points (see @page in manual.css).
MARGIN = 60

# What the browser adds by itself: bullets, the numbers of lists, the page numbers of the contents.
MARKS = r"[•◦\d.]*"

BLOCKS = frozenset(
    ["h1", "h2", "h3", "p", "a", "li", "td", "th", "pre", "figcaption", "text", "blockquote"],
)

# The key, in the PDF's information, of the digest of its sources.
DIGEST_KEY = "AcervoSources"


class ProofError(Exception):
    """A PDF is not what its sources say."""


def digest_of(manual: Manual) -> str | None:
    """The digest of the sources that the PDF was made of, or None where there is no PDF or no digest."""
    if not manual.pdf.exists():
        return None
    with pymupdf.open(manual.pdf) as document:  # type: ignore[no-untyped-call]
        kind, information = document.xref_get_key(-1, "Info")
        if kind != "xref":
            return None
        kind, value = document.xref_get_key(int(information.split()[0]), DIGEST_KEY)
        return str(value) if kind == "string" else None


def is_current(manual: Manual) -> bool:
    return digest_of(manual) == manual.digest


def check(manual: Manual) -> None:
    """Raises ProofError where the PDF was made of other sources, lacks a text of theirs, or has one more."""
    if not is_current(manual):
        raise ProofError(f"{manual.pdf.name} was not made of what docs/manual holds now: run scripts/manual.")
    source = _Pieces()
    source.feed(page_of(manual, {}).partition("<body>")[2])
    printed = _printed_text(manual)
    # The head of a table stands again on each page that the table reaches.
    between = re.compile("|".join([MARKS, *map(re.escape, source.heads)]))
    position = 0
    for piece in filter(None, source.pieces):
        found = printed.find(piece, position)
        if found < 0:
            before = printed[max(0, position - 40) : position]
            raise ProofError(f"{manual.pdf.name} lacks this text after “{before}”: {piece}")
        if not between.fullmatch(printed, position, found):
            raise ProofError(f"{manual.pdf.name} has a text of its own: {printed[position:found]}")
        position = found + len(piece)
    if position < len(printed):
        raise ProofError(f"{manual.pdf.name} has a text of its own: {printed[position:]}")


def _printed_text(manual: Manual) -> str:
    with pymupdf.open(manual.pdf) as document:  # type: ignore[no-untyped-call]
        pages = []
        for page in document:
            inner = (0, MARGIN, page.rect.width, page.rect.height - MARGIN)
            pages.append("".join(page.get_text(clip=inner).split()))
        return "".join(pages)


class _Pieces(HTMLParser):
    """Collects the text of each block, without white space, in reading order, and the heads of tables."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces = [""]
        self.heads: set[str] = set()
        self._head: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS:
            self.pieces.append("")
        if tag == "thead":
            self._head = ""

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self.pieces.append("")
        if tag == "thead" and self._head is not None:
            self.heads.add(self._head)
            self._head = None

    def handle_data(self, data: str) -> None:
        text = "".join(data.split())
        self.pieces[-1] += text
        if self._head is not None:
            self._head += text
