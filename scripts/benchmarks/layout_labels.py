"""What hand-checked pages must show in Markdown, and how much of it does.

A label is a line of JSON: document (file name), page (from 1), tables (of each, cells that stand in one row,
in cells of their own) and headings. Only letters, digits and brackets are compared: how a currency's sign, a
dash or a note's mark is set says nothing about a table.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_CELL_BREAK = re.compile(r"(?<!\\)\|")
_TAG = re.compile(r"</?\w+\s*/?>")
_HEADING = re.compile(r"\s*#{1,6}\s")
_BOLD = re.compile(r"\s*(?:\*\*|__).*(?:\*\*|__)\s*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """What one page shows."""

    document: str
    page: int
    tables: tuple[tuple[str, ...], ...]
    headings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """How many of the labelled tables and headings are kept, and which are lost."""

    tables: int
    headings: int
    lost: tuple[str, ...]


def read_labels(path: Path) -> list[Label]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [_label(json.loads(line)) for line in lines if line.strip()]


def _label(told: dict[str, object]) -> Label:
    tables, headings = told["tables"], told["headings"]
    assert isinstance(tables, list)
    assert isinstance(headings, list)
    return Label(
        document=str(told["document"]),
        page=int(str(told["page"])),
        tables=tuple(tuple(map(str, cells)) for cells in tables),
        headings=tuple(map(str, headings)),
    )


def score(labels: Iterable[Label], markdown: Mapping[tuple[str, int], str]) -> Score:
    """`markdown` holds the pages' by document and number."""
    tables = headings = 0
    lost = []
    for label in labels:
        text = markdown[label.document, label.page]
        for cells in label.tables:
            kept = has_row(text, cells)
            tables += kept
            if not kept:
                lost.append(f"{label.document} {label.page}: table {' | '.join(cells)}")
        for heading in label.headings:
            kept = has_heading(text, heading)
            headings += kept
            if not kept:
                lost.append(f"{label.document} {label.page}: heading {heading}")
    return Score(tables=tables, headings=headings, lost=tuple(lost))


def has_row(markdown: str, cells: Sequence[str]) -> bool:
    """Whether a row of a table holds these, each in a cell of its own, in their order."""
    wanted = [_letters(cell) for cell in cells]
    return any(
        _in_order(wanted, _row(line)) for line in markdown.splitlines() if line.lstrip().startswith("|")
    )


def has_heading(markdown: str, heading: str) -> bool:
    """Whether a heading, or lines that are bold as a whole, say this."""
    wanted = _letters(heading)
    lines = [line for line in markdown.splitlines() if line.strip()]
    marked = ["".join(_letters(line)) if _is_marked(line) else "\n" for line in lines]
    return wanted in "".join(marked)


def _is_marked(line: str) -> bool:
    return bool(_HEADING.match(line) or _BOLD.fullmatch(_TAG.sub("", line)))


def _row(line: str) -> list[str]:
    return [_letters(cell) for cell in _CELL_BREAK.split(line)]


def _in_order(wanted: Sequence[str], cells: Iterable[str]) -> bool:
    """Whether each is the next of the cells that has it. What is no letter (a dash) is in any cell."""
    rest = iter(cells)
    return all(
        any(part in cell if len(part) > 3 else part == cell for cell in rest) for part in wanted if part
    )


def _letters(text: str) -> str:
    """Without Markdown, and without what may be set apart: signs, spaces, marks of notes."""
    return "".join(c for c in _TAG.sub(" ", text).lower() if c.isalnum() or c in "()")
