"""Headings by the sizes of their letters."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest

from database.load.converters import pdf_fonts
from database.load.converters.pdf_fonts import Fonts
from tests.database.load.converters.drawn import Draw, heading, line, prose, write_pages

FONTS = Fonts(body=10, larger=(18, 14))


@pytest.mark.parametrize(
    ("text", "size", "bold", "level"),
    [
        ("Annual report", 20, False, 1),
        ("Notes", 14, False, 2),
        ("Market risk", 10, True, 3),
        ("We rely on few vendors, and may lose them.", 10, True, 3),
        ("CERTIFICATIONS", 10, False, 4),
        ("Item 7. Discussion of results", 10, False, 3),
        ("Cláusula e prazo de entrega", 10, False, 0),
        ("and so it went on", 14, False, 0),
        ("86,392", 18, True, 0),
        ("A sentence in large letters ends with its full stop.", 14, False, 0),
    ],
)
def test_a_heading_is_larger_or_stands_out(text: str, size: float, bold: bool, level: int) -> None:
    """Its level is that of its size; a sentence or a number is none."""
    assert FONTS.level([line(text, 72, 100, size=size, bold=bold)]) == level


def test_a_paragraph_is_no_heading() -> None:
    """However bold."""
    assert FONTS.level([line("All of it is bold", 72, 100 + 12 * n, bold=True) for n in range(5)]) == 0


def chapter(n: int) -> Draw:
    def draw(page: pymupdf.Page) -> None:
        heading(page, f"Chapter {n}", 80, size=20 if n % 10 == 0 else 14)
        prose(page)

    return draw


def test_sizes_are_those_of_the_whole_document(tmp_path: Path) -> None:
    """So a level doesn't depend on which page is asked about, nor on what was asked before."""
    path = write_pages(tmp_path / "a.pdf", *map(chapter, range(6)))
    with pymupdf.open(path) as document:
        found = pdf_fonts.of_document(document)
        assert found.body == 10
        assert found.larger == (20, 14)
        assert pdf_fonts.of_document(document) is found
    with pymupdf.open(path) as document:
        assert pdf_fonts.of_document(document) is found


def test_a_file_that_changed_is_looked_at_again(tmp_path: Path) -> None:
    """Under the same name."""
    with pymupdf.open(write_pages(tmp_path / "a.pdf", chapter(0))) as document:
        assert pdf_fonts.of_document(document).larger == (20,)
    with pymupdf.open(write_pages(tmp_path / "a.pdf", chapter(1), chapter(2))) as document:
        assert pdf_fonts.of_document(document).larger == (14,)
