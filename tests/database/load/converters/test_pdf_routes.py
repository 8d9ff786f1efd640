"""Which pages the layout model must see."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pymupdf
import pytest

from database.load.converters.base import Page
from database.load.converters.pdf import PdfConverter
from database.load.converters.pdf_routes import Signals, route
from tests.database.load.converters.drawn import (
    Draw,
    prose,
    rows_without_rules,
    words_side_by_side,
    write_pages,
)


def reading(path: Path) -> Page:
    return PdfConverter().convert(path, range(1))[0]


@pytest.mark.parametrize(
    ("draw", "wanted"), [(prose, "plain"), (rows_without_rules, "plain"), (words_side_by_side, "layout")]
)
def test_a_page_goes_where_its_lines_are_understood(tmp_path: Path, draw: Draw, wanted: str) -> None:
    """Prose and tables of numbers are complete at once; cells that run over several lines are not."""
    assert reading(write_pages(tmp_path / "a.pdf", draw)).route == wanted


def test_a_page_without_text_has_nothing_to_lay_out(tmp_path: Path) -> None:
    """A blank one, or a picture that nothing reads."""
    assert reading(write_pages(tmp_path / "a.pdf", lambda page: None)).route == "plain"


@pytest.mark.parametrize(
    "told",
    [
        {"unsure_tables": 1},
        {"loose_rows": 2},
        {"aside_lines": 20},
        {"columns": 2, "tables": 1},
    ],
)
def test_each_doubt_alone_is_enough(told: dict[str, int]) -> None:
    """The model is slow, and a table that is lost is lost for good."""
    nothing = {"lines": 40, "columns": 1, "tables": 0, "unsure_tables": 0, "loose_rows": 0, "aside_lines": 0}
    assert route(Signals(**nothing)) == "plain"
    assert route(Signals(**(nothing | told))) == "layout"


def test_the_route_of_a_page_depends_on_no_other(tmp_path: Path) -> None:
    """Nor on which are read together."""
    path = write_pages(tmp_path / "a.pdf", prose, words_side_by_side, rows_without_rules)
    together = PdfConverter().convert(path, range(3))
    alone = [PdfConverter().convert(path, range(n, n + 1))[0] for n in range(3)]
    assert [replace(page, seconds=0) for page in together] == [replace(page, seconds=0) for page in alone]


def test_a_page_of_many_drawings_is_read_in_time(tmp_path: Path) -> None:
    """As maps are: what is drawn is looked at line by line, never each against each."""

    def draw(page: pymupdf.Page) -> None:
        shape = page.new_shape()
        for n in range(20_000):
            shape.draw_line((n % 600, n % 700), (n % 600 + 5, n % 700))
        shape.finish(width=0.5)
        shape.commit()
        for n in range(600):
            page.insert_text((20 + 57 * (n % 10), 20 + 12 * (n // 10)), f"Road {n}", fontsize=6)

    page = reading(write_pages(tmp_path / "a.pdf", draw))
    assert sum(len(block.lines) for block in page.blocks) >= 60
