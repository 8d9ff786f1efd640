"""CSV, as the programs of several countries write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from database.errors import SourceError
from database.load.converters.base import Block
from database.load.converters.delimited import CsvConverter

_ROWS = [
    ["Município", "Área (km²)", "Observação"],
    ["Salvador", "693,4", "capital; “cidade da Bahia”"],
    ["Feira", "1304", ""],
]


def blocks(path: Path) -> tuple[Block, ...]:
    (page,) = CsvConverter().convert(path, range(1))
    return page.blocks


def written(delimiter: str) -> str:
    return (
        "\r\n".join(delimiter.join(f'"{c}"' if delimiter in c else c for c in row) for row in _ROWS) + "\r\n"
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_delimiters_and_encodings_are_found_out(tmp_path: Path, delimiter: str, encoding: str) -> None:
    """Nobody says which it is."""
    path = tmp_path / "a.csv"
    path.write_bytes(written(delimiter).encode(encoding))
    (table,) = blocks(path)
    assert table.markdown == (
        "|Município|Área (km²)|Observação|\n|---|---|---|\n"
        "|Salvador|693,4|capital; “cidade da Bahia”|\n|Feira|1304||"
    )
    assert table.lines[0].text == "Município Área (km²) Observação"


def test_excels_own_first_line_names_the_delimiter(tmp_path: Path) -> None:
    """It is no row."""
    path = tmp_path / "a.csv"
    path.write_text("sep=|\na,b|c\nd|e\n")
    (table,) = blocks(path)
    assert table.markdown.startswith("|a,b|c|")


def test_a_cell_may_have_lines(tmp_path: Path) -> None:
    """In quotes; the row stays one."""
    path = tmp_path / "a.csv"
    path.write_text('nome,nota\nAna,"linha um\nlinha ""dois"""\nBia,x\n')
    (table,) = blocks(path)
    assert [line.text for line in table.lines] == ["nome nota", 'Ana linha um linha "dois"', "Bia x"]


def test_a_quote_that_never_ends_costs_no_rows(tmp_path: Path) -> None:
    """Past a size that no cell has, quotes are taken for what they are."""
    path = tmp_path / "a.csv"
    path.write_text('nome;nota\nAna;15" polegadas\n' + '"Bia;x\n' + "Caio;10\n" * 300_000)
    found = blocks(path)
    assert any("Caio 10" in line.text for block in found for line in block.lines)


@pytest.mark.parametrize(
    ("data", "reason"), [(b"", "empty"), (b" \n", "empty"), (b"a,b\n\0\1\2", "unsupported")]
)
def test_what_is_no_text_says_so(tmp_path: Path, data: bytes, reason: str) -> None:
    """As for other texts."""
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    with pytest.raises(SourceError) as caught:
        CsvConverter().outline(path)
    assert caught.value.reason == reason


def test_a_file_of_hours_of_work_is_too_large(tmp_path: Path) -> None:
    """It is refused by its size, before it is read."""
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.truncate(65 * 2**20)
    with pytest.raises(SourceError) as caught:
        CsvConverter().outline(path)
    assert caught.value.reason == "too_large"
