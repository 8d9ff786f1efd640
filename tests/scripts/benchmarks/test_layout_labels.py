"""Tables and headings that hand-checked pages keep."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.benchmarks.layout_labels import Label, has_heading, has_row, read_labels, score

PAGE = (
    "# **<u>Market</u> risk**\n\nProse of risk\n\n"
    "|Net sales|$ 86,392|—|**1.5**%|\n|---|---|---|---|\n\n**FORM 10\\-K**\n"
)


@pytest.mark.parametrize(
    "cells", [("Net sales", "86,392"), ("Net sales", "86,392", "—", "1.5%"), ("$86,392", "1.5")]
)
def test_a_row_is_kept_where_its_cells_are_apart(cells: tuple[str, ...]) -> None:
    """However signs are set."""
    assert has_row(PAGE, cells)


@pytest.mark.parametrize(
    "cells", [("Net sales", "392"), ("86,392", "Net sales"), ("Net", "sales 86,392"), ("sales", "sales")]
)
def test_a_row_is_lost_where_they_are_not(cells: tuple[str, ...]) -> None:
    """In one cell, in another order, or cut."""
    assert not has_row(PAGE, cells)


def test_headings_are_marked_or_bold() -> None:
    """Prose that says the same isn't one."""
    assert has_heading(PAGE, "Market risk")
    assert has_heading(PAGE, "Form 10-K")
    assert not has_heading(PAGE, "Prose of risk")


def test_what_is_lost_is_named(tmp_path: Path) -> None:
    """With its page."""
    path = tmp_path / "labels.jsonl"
    path.write_text(
        '{"document": "a.pdf", "page": 3, "tables": [["Net sales", "7"]], "headings": ["Market risk"]}\n'
    )
    labels = read_labels(path)
    assert labels == [
        Label(document="a.pdf", page=3, tables=(("Net sales", "7"),), headings=("Market risk",))
    ]
    kept = score(labels, {("a.pdf", 3): PAGE})
    assert (kept.tables, kept.headings) == (0, 1)
    assert kept.lost == ("a.pdf 3: table Net sales | 7",)
