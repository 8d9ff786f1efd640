"""The files that are sent to be found."""

from __future__ import annotations

from pathlib import Path

import pymupdf

from database.load.converters.pdf import PdfConverter
from scripts.benchmarks.word_pdf import write


def test_the_word_stands_on_the_last_page_alone(tmp_path: Path) -> None:
    """Whoever finds it has read all pages."""
    with pymupdf.open(write(tmp_path / "a.pdf", pages=12, word="acervoqz1")) as file:
        found = [number for number in range(12) if "acervoqz1" in file[number].get_text()]

    assert found == [11]


def test_some_pages_need_the_layout_model(tmp_path: Path) -> None:
    """Without them, there would be nothing to measure of that stage."""
    path = write(tmp_path / "a.pdf", pages=20, word="acervoqz1")

    routes = [page.route for page in PdfConverter().convert(path, range(20))]
    assert routes.count("layout") == 2


def test_another_word_is_another_file(tmp_path: Path) -> None:
    """The same bytes would be loaded once."""
    one, other = (write(tmp_path / f"{word}.pdf", pages=2, word=word) for word in ("qz1", "qz2"))

    with pymupdf.open(one) as a, pymupdf.open(other) as b:
        assert a[0].get_text() != b[0].get_text()
