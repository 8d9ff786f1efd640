"""Rows of cells as blocks."""

from __future__ import annotations

import pytest

from database.errors import SourceError
from database.load.converters.base import Block
from database.load.converters.grids import MOST_CELLS, Row, bounded, sheet_blocks, table_blocks
from database.load.split import PASSAGE_CHARACTERS


def texts(block: Block) -> list[str]:
    return [line.text for line in block.lines]


def test_every_part_of_a_long_table_has_its_headings() -> None:
    """A part is a passage: its rows can be found by the words above them, and read in their columns."""
    rows: list[Row] = [("Município", "Habitantes"), *((f"Cidade {n}", str(n * 1000)) for n in range(200))]
    found = list(sheet_blocks(rows))
    assert len(found) > 3
    assert all(texts(block)[0] == "Município Habitantes" for block in found)
    assert all(block.markdown.startswith("|Município|Habitantes|\n|---|---|\n|Cidade ") for block in found)
    assert all(len("\n".join(texts(block))) <= PASSAGE_CHARACTERS for block in found)
    assert [text for block in found for text in texts(block)[1:]] == [
        f"Cidade {n} {n * 1000}" for n in range(200)
    ]


def test_a_sheet_is_parted_at_blank_rows() -> None:
    """Titles above a table are text; a table in the same columns goes on with the headings."""
    rows: list[Row] = [
        ("", "Relatório de 2025", ""), (), ("", "Item", "Valor"), ("", "Multa", "2"), ("", "", ""),
        ("", "Juros", "1"), (), ("Só números", "", "", ""), ("1", "2", "3", "4"), ("5", "6", "7", "8"),
    ]  # fmt: skip
    found = list(sheet_blocks(rows))
    assert [(block.kind, block.markdown) for block in found] == [
        ("text", ""),
        ("table", "|Item|Valor|\n|---|---|\n|Multa|2|"),
        ("table", "|Item|Valor|\n|---|---|\n|Juros|1|"),
        ("text", ""),
        ("table", "|||||\n|---|---|---|---|\n|1|2|3|4|\n|5|6|7|8|"),
    ]


def test_years_are_headings() -> None:
    """Other numbers are not."""
    (table,) = sheet_blocks([("Conta", "2024", "2025"), ("Receita", "10,5", "11,2")])
    assert table.markdown.startswith("|Conta|2024|2025|\n|---|---|---|\n")
    (table,) = sheet_blocks([("Receita", "10,5", "R$ 11,20"), ("Custo", "9", "-8")])
    assert table.markdown.startswith("||||\n|---|---|---|\n|Receita|")


def test_headings_too_long_to_repeat_stand_once() -> None:
    """They would leave no room for rows."""
    names = tuple(f"coluna número {n}" for n in range(60))
    first, *others = sheet_blocks([names, *(tuple(f"{n * m}" for m in range(60)) for n in range(1, 30))])
    assert texts(first)[0] == " ".join(names)
    assert others
    assert not any("coluna" in text for block in others for text in texts(block))


def test_one_wide_row_does_not_widen_the_others() -> None:
    """A sheet of many short rows and one long one stays small."""
    rows: list[Row] = [("a", "b"), *[("x", "1")] * 1000, tuple(map(str, range(5000)))]
    assert sum(len(block.markdown) for block in sheet_blocks(rows)) < 200_000


def test_a_table_of_one_column_is_text() -> None:
    """As a frame around a paragraph is."""
    assert [(b.kind, texts(b)) for b in table_blocks([("um\n dois",), ("três", "")])] == [
        ("text", ["um dois"]),
        ("text", ["três"]),
    ]
    assert list(table_blocks([])) == list(table_blocks([("", "")])) == []


def test_more_cells_than_anybody_reads_are_too_many() -> None:
    """Blank ones count: they cost as much."""
    with pytest.raises(SourceError) as caught:
        list(bounded(("",) * 1000 for _ in range(MOST_CELLS // 1000 + 1)))
    assert caught.value.reason == "too_large"
