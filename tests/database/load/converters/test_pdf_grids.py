"""Tables that are told by the places of their cells."""

from __future__ import annotations

from collections.abc import Sequence

from database.load.converters.pdf_grids import Grid, grids, text_grids
from database.load.converters.pdf_lines import TextLine
from database.load.converters.pdf_rows import rows
from tests.database.load.converters.drawn import STATEMENT, line


def cells(
    table: Sequence[Sequence[str]], top: float = 100, ends: Sequence[float] = (420, 520)
) -> list[TextLine]:
    """The first cell of each row at the left, the others so that they end at these places."""
    found = []
    for n, (name, *rest) in enumerate(table):
        y = top + 14 * n
        found += [line(name, 72, y)] if name else []
        found += [line(c, x - 5 * len(c), y) for c, x in zip(rest, ends, strict=False) if c]
    return found


def only(found: Sequence[Grid]) -> Grid:
    (grid,) = found
    return grid


def test_a_table_without_rules_is_found_with_its_headings() -> None:
    """A name over two lines is one cell, and one row of text."""
    grid = only(grids(rows(cells(STATEMENT))))
    assert grid.sure
    assert grid.cells == (
        ("", "2022", "2021"),
        ("Net revenue", "86,392", "79,474"),
        ("Cost of sales", "40,576", "37,075"),
        ("Selling, general and administrative expenses", "34,459", "31,237"),
        ("Gain (loss)", "(3,321)", "—"),
        ("Operating profit", "11,512", "11,162"),
    )
    assert grid.lines[3].text == "Selling, general and administrative expenses 34,459 31,237"


def test_a_heading_over_several_columns_is_that_of_each() -> None:
    """So that every number can be read by its column's head alone."""
    over = line("Year ended December 31,", 395, 84)
    grid = only(grids(rows([over, *cells(STATEMENT)])))
    assert grid.cells[0] == ("", "Year ended December 31, 2022", "Year ended December 31, 2021")


def test_names_without_numbers_stay_in_the_table() -> None:
    """As sections of it have; a heading that is set apart ends it where other columns' headings follow."""
    table = [("Net sales:", "", ""), ("Stores", "5", "6"), ("Services:", "", ""), ("Online", "7", "8")]
    grid = only(grids(rows(cells(table[1:]))))
    assert grid.cells[-2:] == (("Services:", "", ""), ("Online", "7", "8"))
    heading = line("Operating margin", 72, 170, bold=True)
    assert len(grids(rows([*cells(table[1:]), heading, *cells(table[1:], top=200)]))) == 1
    other = [("", "2022", "2021"), *table[1:]]
    assert len(grids(rows([*cells(table[1:]), heading, *cells(other, top=200)]))) == 2


def test_sections_may_come_before_the_first_number() -> None:
    """As on balance sheets: the dates above them are still the columns' headings."""
    table = [
        ("", "May 1, 2022", "May 1, 2021"),
        ("Assets", "", ""),
        ("Current assets", "", ""),
        *STATEMENT[1:3],
    ]
    grid = only(grids(rows(cells(table, ends=(420, 520)))))
    assert grid.cells[:3] == (
        ("", "May 1, 2022", "May 1, 2021"),
        ("Assets", "", ""),
        ("Current assets", "", ""),
    )


def test_a_lone_number_after_a_gap_is_no_table() -> None:
    """As a page number beside a title is."""
    assert grids(rows([line("Financial statements", 72, 100), line("31", 500, 100)])) == []


def test_a_number_between_two_columns_makes_a_table_unsure() -> None:
    """Nothing tells then which column it is of: the model may see more."""
    table = cells([("A", "100", "200"), ("B", "300", "400"), ("C", "500", "600")], ends=(420, 450))
    assert only(grids(rows(table))).sure
    between = [line("D", 72, 142), line("123,456", 408, 142, x1=447)]
    assert not only(grids(rows([*table, *between]))).sure


def test_words_in_columns_are_a_table_where_they_are_aligned() -> None:
    """With one line a cell; ragged ones aren't told."""
    names = [("Agency", "Rating"), ("Standard", "BBB"), ("Moody", "Baa1"), ("Fitch", "BBB")]
    aligned = [
        line(t, x, 100 + 14 * n) for n, row in enumerate(names) for t, x in zip(row, (72, 400), strict=True)
    ]
    assert only(text_grids(rows(aligned))).cells == tuple(names)
    ragged = [
        line(t, x + 40 * n * (x > 72), 100 + 14 * n, x1=x + 40 * n * (x > 72) + 20 + 7 * n)
        for n, row in enumerate(names)
        for t, x in zip(row, (72, 400), strict=True)
    ]
    assert text_grids(rows(ragged)) == []
