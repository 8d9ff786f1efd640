"""Markdown and plain text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from database.errors import SourceError
from database.load.converters.base import Block, Converter, Kind, Line, Outline, Page

MARKDOWN = "text/markdown"
PLAIN = "text/plain"

_PARAGRAPHS = re.compile(r"\n[ \t]*\n+")
_MAKES_A_BLOCK = frozenset(
    [
        "heading_open",
        "paragraph_open",
        "list_item_open",
        "table_open",
        "fence",
        "code_block",
        "blockquote_open",
    ]
)

_KINDS: dict[str, Kind] = {
    "heading_open": "heading",
    "table_open": "table",
    "fence": "code",
    "code_block": "code",
}


@dataclass(frozen=True, slots=True)
class PlainTextConverter:
    """Plain text, by paragraphs."""

    @property
    def name(self) -> str:
        return "text-1"

    @property
    def fallback(self) -> Converter | None:
        return None

    @property
    def seconds_a_page(self) -> float:
        return 45.0

    def accepts(self, media_type: str) -> bool:
        return media_type == PLAIN

    def outline(self, path: Path) -> Outline:
        read(path)
        return Outline(pages=None, title="")

    def convert(self, path: Path, pages: range) -> list[Page]:
        return [Page(number=None, blocks=tuple(plain_blocks(read(path))))]


@dataclass(frozen=True, slots=True)
class MarkdownConverter:
    """Markdown, by its own blocks."""

    @property
    def name(self) -> str:
        return f"markdown-1/markdown-it-{version('markdown-it-py')}"

    @property
    def fallback(self) -> Converter | None:
        return None

    @property
    def seconds_a_page(self) -> float:
        return 45.0

    def accepts(self, media_type: str) -> bool:
        return media_type == MARKDOWN

    def outline(self, path: Path) -> Outline:
        headings = (block.lines[0].text for block in markdown_blocks(read(path)) if block.kind == "heading")
        return Outline(pages=None, title=next(headings, ""))

    def convert(self, path: Path, pages: range) -> list[Page]:
        return [Page(number=None, blocks=tuple(markdown_blocks(read(path))))]


def markdown_blocks(source: str) -> list[Block]:
    """The blocks of a Markdown text: plain text of each beside its source."""
    lines = source.splitlines()
    blocks: list[Block] = []
    tokens = MarkdownIt("commonmark").enable("table").parse(source)
    covered = 0
    for index, token in enumerate(tokens):
        if token.type not in _MAKES_A_BLOCK or token.map is None or token.map[0] < covered:
            continue
        start, end = token.map
        inner = _inside(tokens, index)
        if token.type == "list_item_open" and any(t.type == "list_item_open" for t in inner):
            continue  # an item with items of its own: its parts are blocks
        covered = end
        plain = _plain_lines(token, inner)
        if plain:
            kind = _KINDS.get(token.type, "text")
            level = int(token.tag[1]) if kind == "heading" else 0
            blocks.append(
                Block(kind=kind, level=level, lines=plain, markdown="\n".join(lines[start:end]).strip())
            )
    return blocks


def plain_blocks(text: str) -> list[Block]:
    """Paragraphs, kept as they are."""
    paragraphs = (paragraph.strip("\n") for paragraph in _PARAGRAPHS.split(text))
    return [
        Block(kind="text", level=0, lines=_as_lines(paragraph.splitlines()), markdown="")
        for paragraph in paragraphs
        if paragraph.strip()
    ]


def _plain_lines(token: Token, inner: Sequence[Token]) -> tuple[Line, ...]:
    if token.type in ("fence", "code_block"):
        return _as_lines(token.content.splitlines())
    if token.type == "table_open":
        rows: list[list[str]] = []
        for part in inner:
            if part.type == "tr_open":
                rows.append([])
            elif part.type == "inline":
                rows[-1].append(_plain(part))
        return _as_lines([" ".join(row) for row in rows])
    return _as_lines([_plain(part) for part in inner if part.type == "inline"])


def _plain(inline: Token) -> str:
    parts = []
    for child in inline.children or ():
        if child.type in ("text", "code_inline", "image"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
    return "".join(parts)


def _inside(tokens: Sequence[Token], index: int) -> Sequence[Token]:
    opening = tokens[index]
    if opening.nesting != 1:
        return ()
    depth = 0
    for end in range(index, len(tokens)):
        depth += tokens[end].nesting
        if depth == 0:
            return tokens[index + 1 : end]
    return tokens[index + 1 :]


def _as_lines(lines: Sequence[str]) -> tuple[Line, ...]:
    return tuple(Line(text=line.strip(), box=None) for line in lines if line.strip())


def read(path: Path) -> str:
    """The text of a file in whichever encoding it is. Raises SourceError: empty or unsupported."""
    data = path.read_bytes()
    if not data.strip():
        raise SourceError("empty", "The file has no content.")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    if b"\x00" in data[:8192]:
        raise SourceError("unsupported", "It isn't text.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")  # what older Windows programs write
