"""Rows of lines that stand side by side."""

from __future__ import annotations

import pytest

from database.load.converters.pdf_rows import is_marker, is_number, rows, with_whole_amounts
from tests.database.load.converters.drawn import line


@pytest.mark.parametrize(
    "text",
    [
        "86,392",
        "$ 1,077",
        "(3,321)",
        "—",
        "$ -",
        "10.6%",
        "(0.1%)",
        "1.234,56",
        "R$ 94.665",
        "2022",
        "n/a",
        "5-35",
        "1.9% – 2.8%",
        "7/16/2013",
        ".075%",
        "(2.6)%",
        "2016 (1)",
        "112 bps",
    ],
)
def test_amounts_are_numbers(text: str) -> None:
    """As reports write them, in their languages."""
    assert is_number(text)


@pytest.mark.parametrize("text", ["Total", "Note 3", "10-K filed", "Up 19%", "3 de maio", "$", "(a)"])
def test_words_are_no_numbers(text: str) -> None:
    """Though there are digits in them."""
    assert not is_number(text)


@pytest.mark.parametrize(
    "text", ["•", "(a)", "1.", "iv)", "2.12", "8.1.33.1", "Section 2.03", "Item 1A.", "C.4"]
)
def test_markers_are_told_from_text(text: str) -> None:
    """Of lists, and of sections by their numbers."""
    assert is_marker(text)
    assert not is_marker(f"{text} and then some")


def test_lines_at_the_same_height_are_a_row() -> None:
    """From left to right, in whatever order they come, though their baselines differ a little."""
    found = rows(
        [line("2021", 500, 101), line("Cost", 72, 115), line("Revenue", 72, 100), line("7", 500, 116)]
    )
    assert [[cell.text for cell in row] for row in found] == [["Revenue", "2021"], ["Cost", "7"]]


def test_a_marker_belongs_to_its_text() -> None:
    """As "By:" does to who signs; a name and its number stay apart."""
    found = rows(
        [
            *(line("2.12", 72, 100), line("Sistema de pagamentos", 110, 100)),
            *(line("By:", 72, 130), line("Ana Souza", 110, 130)),
            *(line("1.", 72, 160), line("1,250", 400, 160)),
        ]
    )
    assert [[cell.text for cell in row] for row in found] == [
        ["2.12 Sistema de pagamentos"],
        ["By: Ana Souza"],
        ["1.", "1,250"],
    ]


def test_words_set_wide_apart_are_a_line() -> None:
    """As justified text has them; the cells of a table are not as even."""
    spread = [
        line(word, 72 + 60 * n, 100, x1=72 + 60 * n + 30)
        for n, word in enumerate(("do", "Estado", "de", "Sergipe"))
    ]
    assert [cell.text for cell in rows(spread)[0]] == ["do Estado de Sergipe"]
    cells = [
        line("Best Buy", 72, 100, x1=110),
        line("Stores", 180, 100, x1=210),
        line("Mobile", 400, 100, x1=430),
    ]
    assert len(rows(cells)[0]) == 3


def test_a_sign_is_part_of_its_amount() -> None:
    """Before it or after, however far the column is wide."""
    (row,) = rows([line("$", 300, 100), line("(1,250", 380, 100, x1=412), line(")%", 420, 100)])
    assert [cell.text for cell in with_whole_amounts(row)] == ["$ (1,250)%"]
