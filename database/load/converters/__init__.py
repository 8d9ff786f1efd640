"""Converters by media type. A new one is added here."""

from __future__ import annotations

from database.load.converters.base import Converter
from database.load.converters.pdf import PdfConverter
from database.load.converters.text import MarkdownConverter, PlainTextConverter
from database.load.converters.web import WebConverter

CONVERTERS: tuple[Converter, ...] = (
    PdfConverter(),
    MarkdownConverter(),
    PlainTextConverter(),
    WebConverter(),
)


def converter_for(media_type: str) -> Converter | None:
    return next((converter for converter in CONVERTERS if converter.accepts(media_type)), None)
