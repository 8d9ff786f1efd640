"""What every converter promises, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from database.records import Box, Condition, Route

Kind = Literal["text", "heading", "table", "code", "furniture"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A line of plain text, and where it stands (None where the format has no pages)."""

    text: str
    box: Box | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A paragraph, list item, heading, table or listing of code.

    `lines` are its plain text; `markdown` is the same with its layout, "" where that isn't known.
    `level` is a heading's, from 1, and 0 for other kinds. Furniture is what repeats at a page's
    edge: running heads, page numbers.
    """

    kind: Kind
    level: int
    lines: tuple[Line, ...]
    markdown: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Region:
    """What a page's layout sees as one piece: where it stands, and its Markdown."""

    kind: Kind
    level: int
    box: Box
    markdown: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """Blocks in reading order. `number` counts from 1; None where the format has no pages.

    `route` says how the Markdown is made, `regions` is what the layout sees: None until it has looked. Until
    then, the Markdown of the blocks will do.
    `seconds` is how long this took, in the process that did it.
    """

    number: int | None
    blocks: tuple[Block, ...]
    route: Route | None = None
    regions: tuple[Region, ...] | None = None
    condition: Condition = "good"
    recognised: bool = False
    seconds: float = 0.0

    @property
    def awaits_layout(self) -> bool:
        return self.route == "layout" and self.regions is None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outline:
    """What can be told before converting. `pages` is None where the format has none."""

    pages: int | None
    title: str


class Converter(Protocol):
    """Turns a file into pages of blocks. Stateless and picklable: its methods run in other processes."""

    @property
    def name(self) -> str:
        """Names the converter and the version of all that shapes its result."""

    @property
    def fallback(self) -> Converter | None:
        """Converts pages on which this one fails or takes too long; None where there is no other way."""

    @property
    def seconds_a_page(self) -> float:
        """After so long a page counts as stuck; of a format without pages, the document."""

    def accepts(self, media_type: str) -> bool:
        """Whether it converts files of this type."""

    def outline(self, path: Path) -> Outline:
        """Open the file. Raises SourceError: encrypted, broken or empty."""

    def convert(self, path: Path, pages: range) -> list[Page]:
        """Convert these pages, counted from 0, each as it would be alone; a format without pages gives one,
        whatever is asked.

        Raises SourceError where nothing can be read at all.
        """


@runtime_checkable
class LayoutConverter(Converter, Protocol):
    """One whose pages are read at once and laid out later, each by its route."""

    @property
    def seconds_to_lay_out(self) -> float:
        """After so long a page's layout counts as stuck."""

    def regions(self, path: Path, number: int, route: Route) -> tuple[Region, ...]:
        """What the layout sees on this page, counted from 0, in reading order. The same whenever it is
        asked.
        """
