"""How far documents are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from database.stages import NOTHING, Stage, stages_of, stages_of_all
from tests.database.fakes import document


@pytest.mark.parametrize(
    ("done", "of", "percent"),
    [(0, 0, None), (0, 7, 0), (1, 1_000, 1), (999, 1_000, 99), (1_000, 1_000, 100)],
)
def test_nothing_and_all_are_said_of_nothing_and_of_all_alone(
    done: int, of: int, percent: int | None
) -> None:
    """One passage that waits is not 100%, and one that is there is not 0%."""
    assert Stage(done=done, of=of).percent == percent


def test_a_document_that_is_being_worked_on() -> None:
    """Found by words as a whole, by vectors and with its layout in part."""
    half = replace(document("a"), passages=10, embedded=5, laid_out=1)
    stages = stages_of(half)
    assert (stages.text.percent, stages.vectors.percent, stages.layout.percent) == (100, 50, 33)


def test_a_document_that_nothing_is_found_of_has_nothing_to_embed() -> None:
    """Its pages don't wait for a layout that never comes."""
    stages = stages_of(replace(document("a", version=0), status="failed", error="broken"))
    assert stages.text == Stage(done=0, of=1)
    assert (stages.vectors, stages.layout) == (NOTHING, NOTHING)


def test_a_format_without_pages_has_one() -> None:
    """As the records count it."""
    stages = stages_of(replace(document("a"), pages=None, passages=2, embedded=2, laid_out=1))
    assert stages.layout == Stage(done=1, of=1)


def test_all_together_are_the_sums() -> None:
    """A long document weighs more than a short one."""
    short = replace(document("a"), passages=1, embedded=1, laid_out=3)
    long = replace(document("b"), passages=99, embedded=0, laid_out=0)
    stages = stages_of_all([short, long])
    assert stages.text == Stage(done=2, of=2)
    assert stages.vectors == Stage(done=1, of=100)
    assert stages.layout == Stage(done=3, of=6)
