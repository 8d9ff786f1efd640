"""Converters by media type. A new one is added here."""

from __future__ import annotations

from database.load.converters.base import Converter
from database.load.converters.delimited import CsvConverter
from database.load.converters.docx import DocxConverter
from database.load.converters.epub import EpubConverter
from database.load.converters.pdf import PdfConverter
from database.load.converters.pptx import PptxConverter
from database.load.converters.text import MarkdownConverter, PlainTextConverter
from database.load.converters.web import WebConverter
from database.load.converters.xlsx import XlsxConverter

CONVERTERS: tuple[Converter, ...] = (
    PdfConverter(),
    MarkdownConverter(),
    PlainTextConverter(),
    WebConverter(),
    DocxConverter(),
    PptxConverter(),
    XlsxConverter(),
    EpubConverter(),
    CsvConverter(),
)


def converter_for(media_type: str) -> Converter | None:
    return next((converter for converter in CONVERTERS if converter.accepts(media_type)), None)
