"""Converters by media type. A new one is added here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from database.load.converters import ocr
from database.load.converters.base import Converter
from database.load.converters.delimited import CsvConverter
from database.load.converters.docx import DocxConverter
from database.load.converters.epub import EpubConverter
from database.load.converters.pdf import PdfConverter
from database.load.converters.pptx import PptxConverter
from database.load.converters.text import MarkdownConverter, PlainTextConverter
from database.load.converters.web import WebConverter
from database.load.converters.xlsx import XlsxConverter


def converter_for(media_type: str, passwords: Sequence[str] = ()) -> Converter | None:
    """The one for files of this type; None where there is none. `passwords` are tried on encrypted PDFs."""
    return next((c for c in _converters(tuple(passwords)) if c.accepts(media_type)), None)


@cache
def _converters(passwords: tuple[str, ...]) -> tuple[Converter, ...]:
    return (
        PdfConverter(passwords=passwords, engine=ocr.installed()),
        MarkdownConverter(),
        PlainTextConverter(),
        WebConverter(),
        DocxConverter(),
        PptxConverter(),
        XlsxConverter(),
        EpubConverter(),
        CsvConverter(),
    )
