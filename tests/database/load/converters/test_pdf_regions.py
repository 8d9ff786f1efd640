"""Regions as the layout model sees them."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest

from database.load.converters.base import Region
from database.load.converters.pdf_regions import regions
from tests.database.load.converters.drawn import (
    heading,
    prose,
    rows_without_rules,
    words_side_by_side,
    write_pages,
)


def report(page: pymupdf.Page) -> None:
    heading(page, "Annual report", 80, size=20)
    prose(page, top=110, times=3)
    words_side_by_side(page)
    rows_without_rules(page, top=420)


def seen(path: Path, number: int = 0) -> list[Region]:
    with pymupdf.open(path) as document:
        return regions(document, number, "layout")


def test_a_page_that_is_complete_has_none(tmp_path: Path) -> None:
    """The model isn't asked."""
    with pymupdf.open(write_pages(tmp_path / "a.pdf", report)) as document:
        assert regions(document, 0, "plain") == []


def test_regions_are_in_reading_order_with_their_places(tmp_path: Path) -> None:
    """From the heading, whose level its font tells, to the table, whose cells stand each in a column."""
    found = seen(write_pages(tmp_path / "a.pdf", report))
    first, last = found[0], found[-1]
    assert (first.kind, first.level, first.markdown) == ("heading", 1, "# **Annual report**")
    assert first.box.y0 < 75 < first.box.y1
    assert last.kind == "table"
    assert "|Operating profit|11,512|11,162|" in last.markdown.splitlines()
    assert [region.box.y0 for region in found] == sorted(region.box.y0 for region in found)


def test_pages_are_seen_one_by_one_in_any_order(tmp_path: Path) -> None:
    """Each is the same whatever was seen before it."""
    path = write_pages(tmp_path / "a.pdf", prose, report)
    with pymupdf.open(path) as document:
        once = [regions(document, n, "layout") for n in (1, 0)]
    assert [seen(path, n) for n in (1, 0)] == once
    assert once[0][0].box.page == 2


@pytest.mark.parametrize("rotation", [90])
def test_boxes_are_those_of_the_page_as_it_is_shown(tmp_path: Path, rotation: int) -> None:
    """Where lines' boxes are, too, so that the two can be matched."""
    path = write_pages(tmp_path / "a.pdf", report, rotation=rotation)
    for region in seen(path):
        assert 0 <= region.box.x0 < region.box.x1 <= 792
        assert 0 <= region.box.y0 < region.box.y1 <= 612
