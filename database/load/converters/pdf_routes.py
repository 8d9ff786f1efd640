"""Which pages are complete from the places of their lines, and which the layout model must see.

The model takes a hundred times as long as telling lines apart. It earns that where lines stand side by side
and aren't plainly columns of prose or a table. pymupdf4llm's classic mode would be between the two, and never
wins: on reports it takes 289 ms a page where the model takes 409, and kept none of 60 tables without rules,
and 66 of 87 headings, where lines told by their places kept 56 and 87 (`scripts/bench layout`).
"""

from __future__ import annotations

from dataclasses import dataclass

from database.load.converters.pdf_blocks import Arrangement
from database.records import Route

_LOOSE_ROWS = (
    2  # of cells side by side that belong to no table: one is a name with a date, two may be a table
)
_ASIDE_LINES = (
    12  # that don't run from left to right: more are a drawing's, or a page's that lies on its side
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Signals:
    """What is known of a page after its text stage."""

    lines: int
    columns: int
    tables: int
    unsure_tables: int
    loose_rows: int
    """Rows of several cells outside of any table, which aren't columns of prose."""

    aside_lines: int


def signals(page: Arrangement) -> Signals:
    """Of a page that is told apart."""
    tables = [grid for stream in page.grids for grid in stream]
    return Signals(
        lines=sum(len(row) for stream in page.streams for row in stream),
        columns=len(page.gutters) + 1,
        tables=len(tables),
        unsure_tables=sum(not grid.sure for grid in tables),
        loose_rows=page.loose,
        aside_lines=len(page.aside),
    )


def route(told: Signals) -> Route:
    """Whether the text stage's Markdown is complete."""
    if told.unsure_tables or told.loose_rows >= _LOOSE_ROWS or told.aside_lines >= _ASIDE_LINES:
        return "layout"
    if told.columns > 1 and told.tables:
        return "layout"
    return "plain"
