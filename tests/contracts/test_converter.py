"""The converters keep the contract."""

from __future__ import annotations

from pathlib import Path

import pymupdf

from database.load.converters.base import Converter
from database.load.converters.pdf import PDF, PdfConverter, PlainPdfConverter
from database.load.converters.text import MARKDOWN, PLAIN, MarkdownConverter, PlainTextConverter
from database.load.converters.web import HTML, WebConverter
from tests.contracts.converter_contract import ConverterContract

_FILLER = "Este parágrafo explica o regulamento com mais palavras, como fazem os documentos de verdade. " * 3


class TestPdfConverter(ConverterContract):
    converter: Converter = PdfConverter()
    media_type = PDF
    has_pages = True

    def write(self, folder: Path) -> Path:
        path = folder / "document.pdf"
        with pymupdf.open() as file:
            for heading, body in (
                ("Prazos", "O prazo de entrega é de trinta dias."),
                ("Multas", "A multa é de dois por cento."),
            ):
                page = file.new_page()
                page.insert_text((72, 90), heading, fontsize=20, fontname="hebo")
                page.insert_textbox(pymupdf.Rect(72, 120, 523, 400), f"{body}\n\n{_FILLER}", fontsize=11)
            file.set_metadata({"title": "Regulamento"})
            file.save(path)
        return path


class TestPlainPdfConverter(TestPdfConverter):
    """The fallback of the other, which the registry doesn't name."""

    converter = PlainPdfConverter()

    def test_it_is_the_one_that_is_chosen_for_its_type(self) -> None:
        """It is what the PDF converter falls back to."""
        assert PdfConverter().fallback == self.converter


class TestMarkdownConverter(ConverterContract):
    converter = MarkdownConverter()
    media_type = MARKDOWN
    has_pages = False

    def write(self, folder: Path) -> Path:
        path = folder / "document.md"
        path.write_text(
            "# Regulamento\n\n## Prazos\n\nO prazo de entrega é\nde **trinta dias**.\n\n"
            "## Multas\n\n- A multa é de dois por cento.\n",
            encoding="utf-8",
        )
        return path


class TestPlainTextConverter(ConverterContract):
    converter = PlainTextConverter()
    media_type = PLAIN
    has_pages = False

    def write(self, folder: Path) -> Path:
        path = folder / "document.txt"
        text = "Prazos\n\nO prazo de entrega é de trinta dias.\n\nMultas\n\nA multa é de dois por cento.\n"
        path.write_text(text, encoding="utf-8")
        return path


class TestWebConverter(ConverterContract):
    converter = WebConverter()
    media_type = HTML
    has_pages = False

    def write(self, folder: Path) -> Path:
        path = folder / "document.html"
        path.write_text(
            "<html><head><title>Regulamento</title></head><body><nav>Início Contato</nav><article>"
            f"<h2>Prazos</h2><p>O prazo de entrega é de trinta dias.</p><p>{_FILLER}</p>"
            f"<h2>Multas</h2><p>A multa é de dois por cento.</p><p>{_FILLER}</p>"
            "</article><script>alert('x')</script></body></html>",
            encoding="utf-8",
        )
        return path
