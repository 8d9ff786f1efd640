"""Bars and columns."""

from __future__ import annotations

import re

import pytest

from database.report.charts import Bar, Column, Part, bars, columns, patterns, stacked
from database.report.markup import text


def numbers(attribute: str, svg: str) -> list[float]:
    return [float(number) for number in re.findall(rf' {attribute}="([\d.]+)%?"', svg)]


def test_a_whole_is_filled_by_its_parts() -> None:
    """Each begins where the one before ends; what isn't there isn't drawn."""
    drawn = stacked(
        [
            Part(kind="good", value=3, title="good: 3"),
            Part(kind="blank", value=0, title="blank: 0"),
            Part(kind="no_text", value=1, title="no text: 1"),
        ],
        "pages",
    )
    assert numbers("x", drawn) == [0.0, 75.0]
    assert numbers("width", drawn) == [75.0, 25.0]
    assert "blank" not in drawn
    assert "<title>no text: 1</title>" in drawn


def test_the_longest_bar_fills_the_row() -> None:
    """The others are shorter in proportion, and the little that there is can be seen."""
    drawn = bars([Bar(label=text(str(n)), value=n, said="") for n in (200, 50, 0.001, 0)])
    assert numbers("width", drawn) == [100.0, 25.0, 0.4, 0.0]


def test_a_bar_of_a_known_whole_is_its_share() -> None:
    """Three quarters done are three quarters, though nothing else is longer."""
    assert numbers("width", bars([Bar(label=text("a"), value=75, said="")], longest=100)) == [75.0]


def test_columns_stand_on_the_axis() -> None:
    """Twice as many pages are twice as high."""
    drawn = columns(
        [
            Column(begins="0", value=2, said="2", title="a"),
            Column(begins="1", value=1, said="1", title="b"),
            Column(begins="2", value=0, said="0", title="c"),
        ],
        "characters",
    )
    heights = numbers("height", drawn)[:3]
    assert heights == [74.0, 37.0, 0.0]
    tops = numbers("y", drawn)
    assert tops[0] + heights[0] == pytest.approx(86.0)


@pytest.mark.parametrize("kind", ["no_text", "garbled", "unreadable"])
def test_troubles_are_told_by_a_pattern_too(kind: str) -> None:
    """For those who don't see the colour, and on paper."""
    assert f'<pattern id="{kind}"' in patterns()


def test_nothing_is_drawn_of_nothing() -> None:
    """An empty collection divides by no zero."""
    assert "<rect" not in stacked([Part(kind="good", value=0, title="")], "")
    assert bars([]) == '<table class="bars"></table>'
