"""The converters keep the contract."""

from __future__ import annotations

from pathlib import Path

import pymupdf

from database.load.converters import ocr
from database.load.converters.base import Converter
from database.load.converters.delimited import CSV, CsvConverter
from database.load.converters.docx import DOCX, DocxConverter
from database.load.converters.epub import EPUB, EpubConverter
from database.load.converters.pdf import PDF, LonePdfConverter, PdfConverter
from database.load.converters.pptx import PPTX, PptxConverter
from database.load.converters.text import MARKDOWN, PLAIN, MarkdownConverter, PlainTextConverter
from database.load.converters.web import HTML, WebConverter
from database.load.converters.xlsx import XLSX, XlsxConverter
from tests.contracts.converter_contract import ConverterContract
from tests.database.load.converters.packages import (
    cells,
    paragraph,
    shape,
    table,
    write_docx,
    write_epub,
    write_pptx,
    write_xlsx,
)

_FILLER = "Este parágrafo explica o regulamento com mais palavras, como fazem os documentos de verdade. " * 3


class TestPdfConverter(ConverterContract):
    converter: Converter = PdfConverter(engine=ocr.installed())
    media_type = PDF
    has_pages = True
    has_boxes = True

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


class TestLonePdfConverter(TestPdfConverter):
    """The fallback of the other, which the registry doesn't name."""

    converter = LonePdfConverter()

    def test_it_is_the_one_that_is_chosen_for_its_type(self) -> None:
        """It is what the PDF converter falls back to, and asks nothing more of a page that failed."""
        assert PdfConverter(engine=ocr.installed()).fallback == self.converter


class TestMarkdownConverter(ConverterContract):
    converter = MarkdownConverter()
    media_type = MARKDOWN
    has_pages = False
    has_boxes = False

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
    has_boxes = False

    def write(self, folder: Path) -> Path:
        path = folder / "document.txt"
        text = "Prazos\n\nO prazo de entrega é de trinta dias.\n\nMultas\n\nA multa é de dois por cento.\n"
        path.write_text(text, encoding="utf-8")
        return path


class TestWebConverter(ConverterContract):
    converter = WebConverter()
    media_type = HTML
    has_pages = False
    has_boxes = False

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


class TestDocxConverter(ConverterContract):
    converter = DocxConverter()
    media_type = DOCX
    has_pages = False
    has_boxes = False

    def write(self, folder: Path) -> Path:
        return write_docx(
            folder / "document.docx",
            paragraph("Regulamento", "Ttulo"),
            paragraph("Prazos", "Ttulo1"),
            paragraph("O prazo de entrega é de trinta dias."),
            paragraph("Multas", "Ttulo1"),
            table(("Regra", "Valor"), ("A multa é de dois por cento.", "2%")),
        )


class TestPptxConverter(ConverterContract):
    converter = PptxConverter()
    media_type = PPTX
    has_pages = True
    has_boxes = False

    def write(self, folder: Path) -> Path:
        return write_pptx(
            folder / "document.pptx",
            shape("O prazo de entrega é de trinta dias.", placeholder="")
            + shape("Prazos", placeholder="title"),
            shape("Multas", placeholder="title") + shape("A multa é de dois por cento."),
            title="Regulamento",
        )


class TestXlsxConverter(ConverterContract):
    converter = XlsxConverter()
    media_type = XLSX
    has_pages = True
    has_boxes = False

    def write(self, folder: Path) -> Path:
        return write_xlsx(
            folder / "document.xlsx",
            {
                "Prazos": cells(("Regra", "Dias"), ("O prazo de entrega é de trinta dias.", 30)),
                "Multas": cells(("A multa é de dois por cento.",)),
            },
            title="Regulamento",
        )


class TestEpubConverter(ConverterContract):
    converter = EpubConverter()
    media_type = EPUB
    has_pages = False
    has_boxes = False

    def write(self, folder: Path) -> Path:
        return write_epub(
            folder / "document.epub",
            {
                "Um": "<h1>Prazos</h1><p>O prazo de entrega é\n de <b>trinta dias</b>.</p>",
                "Dois": "<h1>Multas</h1><ul><li>A multa é de dois por cento.</li></ul>",
            },
            title="Regulamento",
        )


class TestCsvConverter(ConverterContract):
    converter = CsvConverter()
    media_type = CSV
    has_pages = False
    has_boxes = False

    def write(self, folder: Path) -> Path:
        path = folder / "document.csv"
        path.write_text(
            "Assunto;Regra\nPrazos;O prazo de entrega é de trinta dias.\n"
            "Multas;A multa é de dois por cento.\n"
        )
        return path
