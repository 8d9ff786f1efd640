"""Pages as reports, notices and papers have them, drawn for tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pymupdf

from database.load.converters.pdf_lines import TextLine
from database.records import Box

PROSE = "The prospects of the company depend on the demand for its products in the countries of its buyers. "

Draw = Callable[[pymupdf.Page], None]

STATEMENT = (
    ("", "2022", "2021"),
    ("Net revenue", "86,392", "79,474"),
    ("Cost of sales", "40,576", "37,075"),
    ("Selling, general and", "", ""),
    ("administrative expenses", "34,459", "31,237"),
    ("Gain (loss)", "(3,321)", "—"),
    ("Operating profit", "11,512", "11,162"),
)


def write_pages(path: Path, *draws: Draw, rotation: int = 0) -> Path:
    """A page of Letter format for each of these."""
    with pymupdf.open() as file:
        for draw in draws:
            page = file.new_page(width=612, height=792)
            draw(page)
            page.set_rotation(rotation)
        file.save(path)
    return path


def prose(page: pymupdf.Page, top: float = 120, left: float = 72, right: float = 540, times: int = 6) -> None:
    page.insert_textbox(pymupdf.Rect(left, top, right, 760), PROSE * times, fontsize=10)


def heading(page: pymupdf.Page, text: str, y: float, size: float = 10, font: str = "hebo") -> None:
    page.insert_text((72, y), text, fontsize=size, fontname=font)


def rows_without_rules(
    page: pymupdf.Page,
    rows: Iterable[Sequence[str]] = STATEMENT,
    top: float = 300,
    right: Sequence[float] = (420, 520),
) -> None:
    """Names on the left, and cells that end at the same places."""
    for n, (name, *cells) in enumerate(rows):
        page.insert_text((72, top + 14 * n), name, fontsize=10)
        for cell, x1 in zip(cells, right, strict=False):
            width = pymupdf.get_text_length(cell, fontsize=10)
            page.insert_text((x1 - width, top + 14 * n), cell, fontsize=10)


def words_side_by_side(page: pymupdf.Page, top: float = 300) -> None:
    """A table whose cells run over several lines: nothing but their places tells what is a row."""
    cells = (
        ("Vaccines", "Innovative vaccines"),
        ("", "across all ages"),
        ("Oncology", "Brands of biologics"),
    )
    for n, (name, text) in enumerate([*cells, *cells]):
        page.insert_text((72, top + 13 * n), name, fontsize=10)
        page.insert_text((220, top + 13 * n), f"{text} and small molecules with", fontsize=10)
        page.insert_text((430, top + 13 * n), "Key products" if n % 2 else "Other", fontsize=10)


def line(text: str, x0: float, y0: float, *, x1: float = 0, size: float = 10, bold: bool = False) -> TextLine:
    """As long as its text is, unless told."""
    box = Box(page=1, x0=x0, y0=y0, x1=x1 or x0 + 0.5 * size * len(text), y1=y0 + 1.2 * size)
    return TextLine(text=text, box=box, size=size, bold=bold)
