"""A table's plain text, row by row."""

from __future__ import annotations

from database.load.converters.base import Line
from database.load.converters.tables import rows
from database.records import Box


def cell(text: str, x: float, y: float) -> Line:
    return Line(text=text, box=Box(page=1, x0=x, y0=y, x1=x + 50, y1=y + 10))


def texts(lines: list[Line]) -> list[str]:
    return [line.text for line in lines]


def test_a_cell_of_several_lines_stays_in_its_row() -> None:
    """The row is read whole, and its place covers all of its lines."""
    cells = [
        cell("Motivo", 0, 0), cell("O que fazer", 60, 0),
        cell("encrypted", 0, 20), cell("Abra o PDF e salve", 60, 20), cell("uma cópia sem senha.", 60, 32),
        cell("no_text", 0, 50), cell("Passe um OCR.", 60, 50),
    ]  # fmt: skip
    markdown = (
        "|**Motivo**|**O que fazer**|\n|---|:--|\n"
        "|`encrypted`|Abra o PDF e salve<br>uma cópia sem senha.|\n|`no_text`|Passe um OCR.|\n"
    )
    found = rows(cells, markdown)
    assert texts(found) == [
        "Motivo O que fazer",
        "encrypted Abra o PDF e salve uma cópia sem senha.",
        "no_text Passe um OCR.",
    ]
    assert found[1].box == Box(page=1, x0=0, y0=20, x1=110, y1=42)


def test_cells_that_stand_a_little_apart_are_one_row() -> None:
    """Fonts differ in their baselines; the order is from left to right."""
    cells = [cell("8000", 60, 19), cell("PORT", 0, 21), cell("HOST", 0, 40), cell("127.0.0.1", 60, 38)]
    assert texts(rows(cells, "")) == ["PORT 8000", "HOST 127.0.0.1"]


def test_a_markdown_that_does_not_fit_is_not_believed() -> None:
    """Where the layout model lost or changed a cell, the rows are as they are seen."""
    cells = [cell("a1", 0, 0), cell("b1", 60, 0), cell("a2", 0, 20), cell("b2", 60, 20)]
    for markdown in ("|a1|b1|\n|---|---|\n|a2|XX|", "|a1|b1|\n|---|---|\n|a2|b2|\n|a3|b3|", "no table"):
        assert texts(rows(cells, markdown)) == ["a1 b1", "a2 b2"]


def test_equal_rows_are_all_kept() -> None:
    """A table may say the same thing twice."""
    cells = [cell("x", 0, 0), cell("1", 60, 0), cell("x", 0, 20), cell("1", 60, 20)]
    found = rows(cells, "|x|1|\n|---|---|\n|x|1|")
    assert texts(found) == ["x 1", "x 1"]
    assert [line.box.y0 for line in found if line.box] == [0, 20]
