"""PDF: what the layout adds to the plain text, and what can't be read."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest

from database.errors import SourceError
from database.load.converters.pdf import LonePdfConverter, PdfConverter
from tests.database.fakes import write_pdf

_ROWS = [["Item", "2016", "2017"], ["Receita", "94.665", "118.573"], ["Custo", "88.265", "111.934"]]


def write_table(path: Path) -> Path:
    with pymupdf.open() as file:
        page = file.new_page()
        page.insert_text((72, 80), "Demonstração de resultados", fontsize=18, fontname="hebo")
        for r, row in enumerate(_ROWS):
            for c, cell in enumerate(row):
                box = pymupdf.Rect(72 + 120 * c, 110 + 24 * r, 72 + 120 * (c + 1), 110 + 24 * (r + 1))
                page.draw_rect(box)
                page.insert_text((box.x0 + 6, box.y1 - 8), cell, fontsize=10 + (c == 0))
        page.insert_textbox(pymupdf.Rect(72, 220, 523, 400), "Os valores estão em milhões de reais. " * 6)
        file.save(path)
    return path


def test_a_table_keeps_its_rows_in_text_and_its_grid_in_markdown(tmp_path: Path) -> None:
    """A row's name and numbers are one line, left to right, whatever their baselines."""
    page = PdfConverter().convert(write_table(tmp_path / "t.pdf"), range(1))[0]
    (table,) = [block for block in page.blocks if block.kind == "table"]
    assert [line.text for line in table.lines] == [" ".join(row) for row in _ROWS]
    assert "|Receita|94.665|118.573|" in table.markdown.replace(" ", "")


def test_headings_are_told_from_text(tmp_path: Path) -> None:
    """With their level, as the layout sees it."""
    page = PdfConverter().convert(write_table(tmp_path / "t.pdf"), range(1))[0]
    (heading,) = [block for block in page.blocks if block.kind == "heading"]
    assert heading.lines[0].text == "Demonstração de resultados"
    assert heading.level >= 1
    assert heading.markdown.startswith("#")


def test_only_the_pages_asked_for_are_converted(tmp_path: Path) -> None:
    """With their own numbers."""
    path = write_pdf(tmp_path / "a.pdf", "um", "dois", "três")
    for converter in (PdfConverter(), LonePdfConverter()):
        pages = converter.convert(path, range(1, 3))
        assert [page.number for page in pages] == [2, 3]
        assert [page.blocks[0].lines[0].text for page in pages] == ["dois", "três"]


def test_a_page_without_text_has_no_blocks(tmp_path: Path) -> None:
    """As a scanned one has none."""
    path = write_pdf(tmp_path / "a.pdf", "", "dois")
    page = PdfConverter().convert(path, range(2))[0]
    assert (page.blocks, page.condition, page.awaits_layout) == ((), "blank", False)


@pytest.mark.parametrize("content", [b"%PDF-1.7\nrubbish", b"not a pdf at all", b"%PDF-1.4\n%%EOF"])
def test_what_is_no_pdf_is_broken(tmp_path: Path, content: bytes) -> None:
    """Whatever the parser's own error was."""
    path = tmp_path / "b.pdf"
    path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        PdfConverter().outline(path)
    assert caught.value.reason == "broken"


def test_a_password_is_asked_for(tmp_path: Path) -> None:
    """An encrypted document is named as such, in outline and in conversion."""
    path = write_pdf(tmp_path / "e.pdf", "segredo", password="x")
    with pytest.raises(SourceError) as caught:
        PdfConverter().outline(path)
    assert caught.value.reason == "encrypted"
    with pytest.raises(SourceError) as caught:
        PdfConverter().convert(path, range(1))
    assert caught.value.reason == "encrypted"


@pytest.mark.parametrize("converter", [PdfConverter, LonePdfConverter])
def test_passwords_are_tried(tmp_path: Path, converter: type[PdfConverter]) -> None:
    """All that are given; where none fits, the document is still encrypted."""
    path = write_pdf(tmp_path / "e.pdf", "segredo", password="açúcar")
    opening = converter(passwords=("errada", "açúcar"))
    assert opening.outline(path).pages == 1
    assert opening.convert(path, range(1))[0].blocks[0].lines[0].text == "segredo"
    with pytest.raises(SourceError) as caught:
        converter(passwords=("errada",)).outline(path)
    assert caught.value.reason == "encrypted"


def test_passwords_show_nowhere() -> None:
    """Not in the converter's name, which is kept with the document, nor where it is printed."""
    converter = PdfConverter(passwords=("segredo",))
    assert "segredo" not in f"{converter} {converter!r} {converter.name} {converter.fallback!r}"
    assert converter.name == PdfConverter().name
    assert converter.fallback == LonePdfConverter(passwords=("segredo",))


def test_the_title_comes_from_the_metadata(tmp_path: Path) -> None:
    """With the number of pages."""
    path = tmp_path / "a.pdf"
    with pymupdf.open() as file:
        file.new_page().insert_text((72, 72), "x")
        file.set_metadata({"title": "  Edital nº 3 "})
        file.save(path)
    outline = PdfConverter().outline(path)
    assert (outline.pages, outline.title) == (1, "Edital nº 3")


def test_the_last_way_looks_at_no_other_page(tmp_path: Path) -> None:
    """One that nothing can read would else take its neighbours with it; what repeats is then not known."""
    path = tmp_path / "a.pdf"
    with pymupdf.open() as file:
        for n in range(3):
            page = file.new_page()
            page.insert_text((72, 40), "Relatório anual", fontsize=8)
            page.insert_textbox(pymupdf.Rect(72, 120, 523, 400), f"Página {n}. " * 40)
        file.save(path)

    def kinds(converter: PdfConverter) -> list[str]:
        return [block.kind for block in converter.convert(path, range(1, 2))[0].blocks]

    assert kinds(PdfConverter()) == ["furniture", "text"]
    assert kinds(LonePdfConverter()) == ["text", "text"]
    assert LonePdfConverter().fallback is None
