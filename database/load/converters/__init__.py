"""Converters by media type. A new one is added here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
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

_PASSWORDS: ContextVar[tuple[str, ...]] = ContextVar("passwords", default=())


@contextmanager
def trying(passwords: Sequence[str]) -> Iterator[None]:
    """Try these on encrypted PDFs that are converted meanwhile."""
    before = _PASSWORDS.set(tuple(passwords))
    try:
        yield
    finally:
        _PASSWORDS.reset(before)


def converter_for(media_type: str) -> Converter | None:
    """The one for files of this type; None where there is none."""
    return next((c for c in _converters(_PASSWORDS.get()) if c.accepts(media_type)), None)


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
