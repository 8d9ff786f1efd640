"""A document as a strip."""

from __future__ import annotations

import re
from dataclasses import replace

from database.records import CONDITIONS
from database.report.strip import MOST_CELLS, WORST_FIRST, cells, pages_a_cell, strip
from database.report.words import Words
from tests.database.report.records import good, pages

WORDS = Words("en")


def drawn_cells(html: str) -> list[tuple[str, str]]:
    """Their classes and what they say."""
    return re.findall(r'<i class="([^"]*)" title="([^"]*)">', html)


def test_a_cell_a_page_in_its_condition() -> None:
    """With what the pointer is told."""
    drawn = drawn_cells(strip(pages("good", "no_text"), WORDS, "label"))
    assert drawn == [
        ("cell good", "p. 1 · good · 100 characters · 0.25 s"),
        ("cell no_text", "p. 2 · no text · 200 characters · 0.25 s"),
    ]


def test_tables_and_ocr_are_marked() -> None:
    """Both at once, too."""
    (page,) = pages("good")
    (drawn,) = drawn_cells(strip([replace(page, tables=2, recognised=True)], WORDS, ""))
    assert drawn[0] == "cell good tables recognised"
    assert drawn[1].endswith("tables: 2 · read by OCR")


def test_a_long_document_stays_readable() -> None:
    """Some pages share a cell, which shows the worst of them."""
    number = 2 * MOST_CELLS + 1
    states = pages(*good(number))
    states[4] = replace(states[4], condition="unreadable")
    assert pages_a_cell(number) == 3
    drawn = drawn_cells(strip(states, WORDS, ""))
    assert len(drawn) == cells(number) <= MOST_CELLS
    assert drawn[0][1].startswith("p. 1–3 · good · 600 characters")
    assert drawn[1][0] == "cell unreadable"


def test_six_hundred_pages_are_six_hundred_cells() -> None:
    """In tens, so that they can be counted."""
    html = strip(pages(*good(600)), WORDS, "")
    assert len(drawn_cells(html)) == 600
    assert html.count("<span>") == 60


def test_every_condition_is_worse_or_better_than_the_others() -> None:
    """None is forgotten when another one is added."""
    assert set(WORST_FIRST) == set(CONDITIONS)
