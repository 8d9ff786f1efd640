"""Workbooks: a sheet is a page, and its cells say what Excel shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from database.errors import SourceError
from database.load.converters.xlsx import XlsxConverter
from tests.database.load.converters.packages import cells, write_xlsx

_STYLES = (
    '<numFmts><numFmt numFmtId="164" formatCode="&quot;R$&quot;\\ #,##0.00"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="9"/></cellXfs>'
)


def texts(path: Path, sheet: int = 0) -> list[str]:
    (page,) = XlsxConverter().convert(path, range(sheet, sheet + 1))
    return [line.text for block in page.blocks for line in block.lines]


def test_a_sheet_begins_with_its_name_and_rows_with_their_headings(tmp_path: Path) -> None:
    """The name is the section under which its passages stand."""
    path = write_xlsx(tmp_path / "a.xlsx", {"Prazos": cells(("Item", "Dias"), ("Entrega", 30))})
    (page,) = XlsxConverter().convert(path, range(1))
    assert [(b.kind, b.markdown) for b in page.blocks] == [
        ("heading", "# Prazos"),
        ("table", "|Item|Dias|\n|---|---|\n|Entrega|30|"),
    ]


def test_numbers_are_written_as_they_are_shown(tmp_path: Path) -> None:
    """The file holds 46082 where people read a date."""
    row = (
        '<row r="1"><c r="A1" s="1"><v>46082</v></c><c r="B1" s="2"><v>1234.5</v></c>'
        '<c r="C1" s="3"><v>0.12</v></c><c r="D1"><v>0.30000000000000004</v></c>'
        '<c r="E1" t="b"><v>1</v></c><c r="F1" t="e"><v>#REF!</v></c>'
        '<c r="G1" t="str"><f>A1</f><v>fórmula</v></c><c r="H1" s="99"><v>7</v></c></row>'
    )
    path = write_xlsx(tmp_path / "a.xlsx", {"x": row}, styles=_STYLES)
    assert texts(path) == ["x", "2026-03-01 R$ 1234.50 12% 0.3 TRUE fórmula 7"]


def test_texts_that_are_kept_once_are_found(tmp_path: Path) -> None:
    """In one piece or in several, without the hints on how they are pronounced."""
    strings = "<si><t>um</t></si><si><r><t>do</t></r><r><t>is</t></r><rPh><t>x</t></rPh></si>"
    row = '<row r="1"><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="s"><v>9</v></c></row>'
    assert texts(write_xlsx(tmp_path / "a.xlsx", {"x": row}, strings=strings)) == ["x", "um dois"]


def test_hidden_sheets_are_not_read(tmp_path: Path) -> None:
    """Pages are counted as tabs are seen."""
    sheets = {"um": cells(("a",)), "lista": cells(("segredo",)), "dois": cells(("b",))}
    path = write_xlsx(tmp_path / "a.xlsx", sheets, hidden="lista")
    assert XlsxConverter().outline(path).pages == 2
    assert texts(path, 1) == ["dois", "b"]


def test_cells_far_away_cost_nothing(tmp_path: Path) -> None:
    """A sheet's size is what is in it, not how far it reaches."""
    far = '<row r="1048576"><c r="XFD1048576" t="str"><v>longe</v></c></row>'
    path = write_xlsx(tmp_path / "a.xlsx", {"x": cells(("perto",)) + far})
    assert texts(path) == ["x", "perto", "longe"]


def test_a_sheet_that_nobody_reads_is_too_large(tmp_path: Path) -> None:
    """It ends before it fills the memory."""
    row = '<row><c r="XFD1"><v>1</v></c></row>'
    path = write_xlsx(tmp_path / "a.xlsx", {"x": row * 100})
    with pytest.raises(SourceError) as caught:
        XlsxConverter().convert(path, range(1))
    assert caught.value.reason == "too_large"


def test_places_that_are_none_are_passed_over(tmp_path: Path) -> None:
    """As are numbers that are none."""
    row = '<row r="x"><c r="?!"><v>1</v></c><c r="A1"><v>abc</v></c><c/></row>'
    assert texts(write_xlsx(tmp_path / "a.xlsx", {"x": row})) == ["x", "abc"]
