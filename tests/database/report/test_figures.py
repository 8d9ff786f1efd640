"""The numbers of the report."""

from __future__ import annotations

from dataclasses import replace

from database.report.figures import COLUMNS, CollectionFigures, Run, figures_of, runs
from tests.database.fakes import document, page_state
from tests.database.report.records import failed, figures, pages


def test_pages_in_the_same_condition_are_one_run() -> None:
    """By their own numbers, in order."""
    assert runs(pages("good", "no_text", "no_text", "good")) == [
        Run(first=1, last=1, condition="good"),
        Run(first=2, last=3, condition="no_text"),
        Run(first=4, last=4, condition="good"),
    ]


def test_blank_pages_are_no_trouble() -> None:
    """They are as they were printed; the others are worth a look."""
    one = figures("a", "blank", "garbled", "good", "unreadable", "no_text")
    assert [run.condition for run in one.troubles] == ["garbled", "unreadable", "no_text"]
    assert one.troubled == 3
    assert one.conditions == {"blank": 1, "garbled": 1, "good": 1, "unreadable": 1, "no_text": 1}


def test_what_needs_somebody_comes_first() -> None:
    """Failures, then the most bad pages, then what is still worked on, then the rest."""
    broken = figures_of(failed("failed", "broken"), [])
    worse, bad = figures("worse", "no_text", "no_text"), figures("bad", "no_text")
    well = figures("well", "good")
    waiting = replace(well, document=replace(well.document, embedded=1))
    ordered = sorted([well, waiting, bad, worse, broken], key=lambda one: one.rank)
    assert ordered == [broken, worse, bad, waiting, well]


def test_a_collection_is_the_sum_of_its_pages() -> None:
    """Seconds and pages by route, characters by column."""
    states = [
        replace(page_state(1, tables=2), route="plain", seconds=1.0, characters=0, recognised=True),
        replace(page_state(2), route="layout", seconds=3.0, characters=99, laid_out=True),
        replace(page_state(3), route="layout", seconds=1.0, characters=4_000),
    ]
    sums = CollectionFigures()
    sums.add(figures_of(document("a"), states), states)
    assert (sums.pages, sums.tables, sums.recognised, sums.seconds) == (3, 2, 1, 5.0)
    layout = sums.routes["layout"]
    assert (layout.pages, layout.laid_out, layout.seconds_a_page) == (2, 1, 2.0)
    assert dict(zip(COLUMNS, sums.columns, strict=True)) == {
        0: 1, 1: 1, 100: 0, 500: 0, 1_000: 0, 2_000: 0, 4_000: 1,
    }  # fmt: skip


def test_a_document_without_pages_has_no_characters_a_page() -> None:
    """It is one page of any length, which would say something wrong of the others."""
    states = pages("good")
    sums = CollectionFigures()
    sums.add(figures_of(replace(document("a"), pages=None), states), states)
    assert sum(sums.columns) == 0
    assert sums.pages == 1
