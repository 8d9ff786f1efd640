"""The order in which lines are read."""

from __future__ import annotations

from database.load.converters.pdf_lines import TextLine
from database.load.converters.pdf_order import gutters, in_columns
from database.load.converters.pdf_rows import rows
from tests.database.load.converters.drawn import line


def column(name: str, x0: float, top: float = 100, number: int = 8) -> list[TextLine]:
    return [line(f"{name} {n} of words in a column", x0, top + 12 * n, x1=x0 + 210) for n in range(number)]


def test_columns_are_read_one_after_the_other() -> None:
    """And not line by line across; what stands across both ends them."""
    title = line("A title that stands across all of the page, over both", 72, 80, x1=540)
    foot = line("A line across all of the page again, under both of them", 72, 220, x1=540)
    page = rows([title, *column("left", 72), *column("right", 320), foot])
    at = gutters(page, 612)
    assert len(at) == 1
    assert 282 < at[0] < 320
    texts = [row[0].text.split(" of ")[0] for stream in in_columns(page, at) for row in stream]
    assert texts[0] == "A title that stands across all"
    assert texts[1:9] == [f"left {n}" for n in range(8)]
    assert texts[9:17] == [f"right {n}" for n in range(8)]


def test_three_columns_have_two_gutters() -> None:
    """As newspapers have."""
    page = rows(
        [
            one
            for k in range(3)
            for one in (
                line(f"c{k} four words here now", 40 + 190 * k, 100 + 12 * n, x1=200 + 190 * k)
                for n in range(8)
            )
        ]
    )
    assert len(gutters(page, 612)) == 2


def test_a_table_is_no_columns() -> None:
    """Numbers, and names of a word or two, aren't prose."""
    page = rows(
        [
            c
            for n in range(9)
            for c in (line("Net sales of it", 72, 100 + 12 * n), line("1,250", 400, 100 + 12 * n))
        ]
    )
    assert gutters(page, 612) == []
