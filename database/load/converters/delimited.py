"""CSV: values between commas, semicolons, tabs or bars."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from database.errors import SourceError
from database.load.converters import grids, text
from database.load.converters.base import Converter, Outline, Page

CSV = "text/csv"
TABS = "text/tab-separated-values"

_MOST_BYTES = 64 * 2**20  # some 100,000 passages: hours of embedding
_MOST_CELL = 2**20  # characters: more is a quote that was never closed
_DELIMITERS = ",;\t|"
_SAMPLE = 64 * 2**10  # characters


@dataclass(frozen=True, slots=True)
class CsvConverter:
    """A table whose first row is its headings, where that row is words."""

    @property
    def name(self) -> str:
        return "csv-1"

    @property
    def fallback(self) -> Converter | None:
        return None

    @property
    def seconds_a_page(self) -> float:
        return 45.0

    def accepts(self, media_type: str) -> bool:
        return media_type in (CSV, TABS)

    def outline(self, path: Path) -> Outline:
        _read(path)
        return Outline(pages=None, title="")

    def convert(self, path: Path, pages: range) -> list[Page]:
        return [Page(number=None, blocks=tuple(grids.sheet_blocks(_rows(_read(path)))))]


def _read(path: Path) -> str:
    size = path.stat().st_size
    if size > _MOST_BYTES:
        raise SourceError("too_large", f"It has {size / 2**20:.0f} MiB; {_MOST_BYTES // 2**20} are the most.")
    return text.read(path)


def _rows(source: str) -> list[grids.Row]:
    lines, delimiter = _named_delimiter(source)
    delimiter = delimiter or _delimiter(lines[:_SAMPLE])
    csv.field_size_limit(_MOST_CELL)
    try:
        rows = map(tuple, csv.reader(io.StringIO(lines, newline=""), delimiter=delimiter))
        return list(grids.bounded(rows))
    except csv.Error:
        return list(grids.bounded(tuple(line.split(delimiter)) for line in lines.splitlines()))


def _named_delimiter(source: str) -> tuple[str, str]:
    """The rows, and the delimiter that Excel's own first line names, if it is there."""
    first, _, rest = source.partition("\n")
    name = first.strip().strip('"')
    return (rest, name[4]) if name[:4].lower() == "sep=" and len(name) == 5 else (source, "")


def _delimiter(sample: str) -> str:
    """The one that cuts most rows into the same number of cells, and then into most cells."""

    def fit(delimiter: str) -> tuple[float, int]:
        try:
            rows = list(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter))
        except csv.Error:
            return (0.0, 0)
        widths = [len(row) for row in rows[: len(rows) - 1 or 1] if row]  # the last may be cut
        if not widths:
            return (0.0, 0)
        usual = max(set(widths), key=widths.count)
        return (widths.count(usual) / len(widths), usual) if usual > 1 else (0.0, 0)

    return max(_DELIMITERS, key=fit)
