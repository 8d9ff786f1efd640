"""Where a text is a table of contents, a list of figures or an index: it names pages and states nothing.

What such a line says, a row of a table may say, too: words, then a number. It is several of them that give
themselves away. The pages of a table of contents never go back, none is beyond the document's last, and they
begin about where the table itself stands; the entries of an index are in alphabetical order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from database.terms import fold

# Fewer may be in order by chance; dots that lead to the number leave less doubt.
_LEAST_ENTRIES = 4
_LEAST_LED = 2

_FRONT_MATTER = 20  # pages before the one that is numbered 1, at most
_LAST_PAGE = 999  # of a document without pages

# What may stand between two entries: the name of a part, the beginning of a long title, but no statement.
_MOST_BETWEEN = 200  # characters
_STATEMENT_ENDS = (".", "!", "?", ";", ":")
_STATEMENT_WORDS = 4

_LEADERS = re.compile(
    r"(?<![.·_…])(?<![.·_…][ \t])(?:[.·_…][ \t]?){4,}+\s*(\d{1,3}|[ivxlc]{1,7})(?![\w%]|[.,]\d)"
)
_NUMBERED = re.compile(r"^(?=.*[^\W\d_])\S.*[\w.)\]\"'”’»?!](?:[ \t]+|\n)(\d{1,3})[ \t]*$", re.MULTILINE)
_INDEXED = re.compile(
    r"^(?=.*[^\W\d_])(\S.*?\w),[ \t]+\d{1,3}(?:[ \t]?[,–-][ \t]?\d{1,3})*[ \t]*$", re.MULTILINE
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    """The characters [start, end), and its place in the order: the page that it names, or its words."""

    start: int
    end: int
    place: tuple[int, str]


def contents(text: str, page: int | None, pages: int | None) -> list[tuple[int, int]]:
    """Spans [start, end) of such lines, each from the first of some that stand together to the last.

    `page` is the text's own, from 1, in a document of so many `pages`; None where there are none.
    """
    last = pages or _LAST_PAGE
    runs = [
        *(run for run in _runs(text, _led(text, last)) if _is_table(run, page, _LEAST_LED)),
        *(run for run in _runs(text, _numbered(text, last)) if _is_table(run, page, _LEAST_ENTRIES)),
        *(run for run in _runs(text, _indexed(text)) if len(run) >= _LEAST_ENTRIES),
    ]
    return [(run[0].start, run[-1].end) for run in runs]


def _led(text: str, last: int) -> Iterator[_Entry]:
    """Dots lead to the page, whose number is Roman before the first chapter. Lines may have been joined."""
    start = 0
    for match in _LEADERS.finditer(text):
        start = max(start, text.rfind("\n", start, match.start()) + 1)
        place = int(match[1]) if match[1].isdigit() else 0
        if place <= last:
            yield _Entry(start=start, end=match.end(), place=(place, ""))
        start = match.end()


def _numbered(text: str, last: int) -> Iterator[_Entry]:
    """The page ends the line, or is the next one."""
    for match in _NUMBERED.finditer(text):
        if int(match[1]) <= last:
            yield _Entry(start=match.start(), end=match.end(), place=(int(match[1]), ""))


def _indexed(text: str) -> Iterator[_Entry]:
    for match in _INDEXED.finditer(text):
        yield _Entry(start=match.start(), end=match.end(), place=(0, fold(match[1])))


def _runs(text: str, entries: Iterator[_Entry]) -> Iterator[Sequence[_Entry]]:
    """Those that stand together and in order."""
    run: list[_Entry] = []
    for entry in entries:
        if run and (entry.place < run[-1].place or _parts(text[run[-1].end : entry.start])):
            yield run
            run = []
        run.append(entry)
    yield run


def _parts(between: str) -> bool:
    """Whether what stands between two entries belongs to neither: a statement, or a cell without a letter."""
    lines = [line.strip() for line in between.splitlines() if line.strip()]
    return len(between) > _MOST_BETWEEN or any(
        not any(map(str.isalpha, line))
        or (line.endswith(_STATEMENT_ENDS) and len(line.split()) >= _STATEMENT_WORDS)
        for line in lines
    )


def _is_table(run: Sequence[_Entry], page: int | None, least: int) -> bool:
    return len(run) >= least and run[0].place[0] >= (page or 0) - _FRONT_MATTER
