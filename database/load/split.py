"""Cuts pages into passages: small enough to be found, whole enough to be read.

A passage never crosses a page, so the page it names is right. It ends where a block ends, or a
sentence where the block is longer than a passage; a heading begins a new one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from database.load.converters.base import Block, Line, Page
from database.records import Box
from database.sentences import sentences

SPLITTER = "blocks-4"

PASSAGE_CHARACTERS = 900
_LEAST_CHARACTERS = 100  # a passage shorter than this goes on past the next heading: it says too little alone
_WHOLE_TABLE_CHARACTERS = 6_000  # a table up to this long is shown whole by each passage that holds a part

_LONGEST_CAPTION = 200  # characters; what is longer says something by itself

_KEEP_LINES = ("table", "code")
_HEADING_MARKS = re.compile(r"^#{1,6}\s+|[*_`]{1,3}")
_HYPHENATED = re.compile(r"[^\W\d_]-$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A block, or a cut of one, with the lines that it touches."""

    block: Block
    text: str
    markdown: str
    lines: tuple[Line, ...]

    @property
    def boxes(self) -> tuple[Box, ...]:
        """One rectangle around the lines."""
        boxes = [line.box for line in self.lines if line.box]
        if not boxes:
            return ()
        return (
            Box(
                page=boxes[0].page,
                x0=min(b.x0 for b in boxes),
                y0=min(b.y0 for b in boxes),
                x1=max(b.x1 for b in boxes),
                y1=max(b.y1 for b in boxes),
            ),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """A piece of one page, as a chunk will hold it."""

    page: int | None
    section: tuple[str, ...]
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        return "\n".join(part.text for part in self.parts)

    @property
    def markdown(self) -> str:
        return "\n\n".join(part.markdown for part in self.parts)

    @property
    def boxes(self) -> tuple[Box, ...]:
        return tuple(box for part in self.parts for box in part.boxes)


@dataclass(slots=True)
class _Outline:
    """The path of headings at the point that splitting has reached."""

    levels: list[tuple[int, str]] = field(default_factory=list)

    def enter(self, heading: Block, text: str) -> None:
        while self.levels and self.levels[-1][0] >= heading.level:
            self.levels.pop()
        self.levels.append((heading.level, _HEADING_MARKS.sub("", text).strip()))

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(text for _, text in self.levels)


class Splitter:
    """Cuts one document's pages, which are given in order, some at a time."""

    def __init__(self, characters: int = PASSAGE_CHARACTERS) -> None:
        self._characters = characters
        self._outline = _Outline()

    def split(self, pages: Sequence[Page]) -> list[Passage]:
        """Passages of at most about `characters` of plain text each, in reading order."""
        return [passage for page in pages for passage in _split_page(page, self._outline, self._characters)]


def split(pages: Sequence[Page], characters: int = PASSAGE_CHARACTERS) -> list[Passage]:
    """A whole document's passages."""
    return Splitter(characters).split(pages)


def _split_page(page: Page, outline: _Outline, characters: int) -> Iterator[Passage]:
    group: list[Part] = []
    section = outline.path
    size = 0
    # A page that is nothing but running heads (a cover, a slide) is worth finding by them.
    for block in [block for block in page.blocks if block.kind != "furniture"] or page.blocks:
        if (
            block.kind == "heading"
            and size >= _LEAST_CHARACTERS
            and (kept := _without_beginning(group, block))
        ):
            yield _passage(page, section, group[:kept])
            group = group[kept:]
            size = sum(len(p.text) for p in group)
        for part in _parts(block, characters):
            too_long = size + len(part.text) > characters
            if group and too_long and (kept := _without_beginning(group, block)):
                yield _passage(page, section, group[:kept])
                group = group[kept:]
                size = sum(len(p.text) for p in group)
                section = outline.path
            if block.kind == "heading":
                outline.enter(block, part.text)
            if not group or all(p.block.kind == "heading" for p in group):
                section = outline.path
            group.append(part)
            size += len(part.text)
    if group:
        yield _passage(page, section, group)


def _without_beginning(group: Sequence[Part], following: Block) -> int:
    """How many of the parts end here; those after them belong to what follows: its headings, and a table's
    caption.
    """
    kept = len(group)
    if following.kind == "table" and following is not group[-1].block:
        last = group[-1]
        kept -= last.block.kind not in (*_KEEP_LINES, "heading") and len(last.text) <= _LONGEST_CAPTION
    while kept and group[kept - 1].block.kind == "heading":
        kept -= 1
    return kept


def _passage(page: Page, section: tuple[str, ...], parts: Sequence[Part]) -> Passage:
    return Passage(page=page.number, section=section, parts=tuple(parts))


def _parts(block: Block, characters: int) -> Iterator[Part]:
    """The block whole, or cut between lines (tables, code) or sentences (the rest)."""
    text, starts = _joined(block)
    if not text:
        return
    if len(text) <= characters:
        yield Part(block=block, text=text, markdown=block.markdown or text, lines=block.lines)
        return
    for start, end in _cuts(block, text, starts, characters):
        cut = text[start:end].strip()
        whole_table = block.kind == "table" and 0 < len(block.markdown) <= _WHOLE_TABLE_CHARACTERS
        yield Part(
            block=block,
            text=cut,
            markdown=block.markdown if whole_table else cut,
            lines=_touched(block, starts, start, end),
        )


def _joined(block: Block) -> tuple[str, list[int]]:
    """The lines as one text, and where each begins in it. Tables and code keep theirs; prose flows."""
    text, starts = "", []
    for line in block.lines:
        if not text:
            pass
        elif block.kind in _KEEP_LINES:
            text += "\n"
        elif _HYPHENATED.search(text) and line.text[:1].islower():
            text = text[:-1]
        else:
            text += " "
        starts.append(len(text))
        text += line.text
    return text, starts


def _cuts(block: Block, text: str, starts: Sequence[int], characters: int) -> Iterator[tuple[int, int]]:
    """Spans of at most `characters` that cover the text, ending at sentences where they can."""
    lines = block.kind in _KEEP_LINES
    ends = [*starts[1:], len(text)] if lines else [end for _, end in sentences(text)]
    start = last = 0
    for end in ends:
        if end - start > characters and last > start:
            yield start, last
            start = last
        while end - start > characters:  # one sentence or row that is too long by itself
            space = text.rfind(" ", start + 1, start + characters)
            middle = space if space > start else start + characters
            yield start, middle
            start = middle
        last = end
    if start < len(text):
        yield start, len(text)


def _touched(block: Block, starts: Sequence[int], start: int, end: int) -> tuple[Line, ...]:
    """The lines that the span [start, end) touches."""
    return tuple(
        line
        for line, begins in zip(block.lines, starts, strict=True)
        if begins < end and begins + len(line.text) > start
    )
