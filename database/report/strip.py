"""A document as a strip: a cell a page, in the colour and the pattern of its condition."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from database.records import Condition, PageState
from database.report.markup import Html, element, join
from database.report.words import Words

MOST_CELLS = 1_000  # of one document; of a longer one a cell is several pages
_TEN = 10  # cells stand together, so that pages can be counted

# The first of them that one of a cell's pages is in is what the cell shows.
WORST_FIRST: tuple[Condition, ...] = ("unreadable", "garbled", "no_text", "good", "blank")


def cells(pages: int) -> int:
    """How many cells so many pages take."""
    return ceil(pages / pages_a_cell(pages)) if pages else 0


def pages_a_cell(pages: int) -> int:
    return max(1, ceil(pages / MOST_CELLS))


def strip(states: Sequence[PageState], words: Words, label: str) -> Html:
    a_cell = pages_a_cell(len(states))
    drawn = [_cell(states[n : n + a_cell], words) for n in range(0, len(states), a_cell)]
    tens = join(element("span", *drawn[n : n + _TEN]) for n in range(0, len(drawn), _TEN))
    return element("div", tens, class_="strip", role="img", aria_label=label)


def _cell(states: Sequence[PageState], words: Words) -> Html:
    here = {state.condition for state in states}
    condition = next(one for one in WORST_FIRST if one in here)
    tables = sum(state.tables for state in states)
    recognised = any(state.recognised for state in states)
    first, last = states[0].number, states[-1].number
    said = [
        words(
            "cell",
            page=first if first == last else f"{first}–{last}",
            condition=words(f"condition_{condition}"),
            characters=words.number(sum(state.characters for state in states)),
            seconds=words.duration(sum(state.seconds for state in states)),
        )
    ]
    if tables:
        said.append(words("cell_tables", tables=tables))
    if recognised:
        said.append(words("mark_recognised"))
    kinds = ["cell", condition, *(["tables"] if tables else []), *(["recognised"] if recognised else [])]
    return element("i", class_=" ".join(kinds), title=" · ".join(said))
