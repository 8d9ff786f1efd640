"""Excel workbooks: a page is a sheet, as its tab can be seen."""

from __future__ import annotations

import functools
import re
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from database.errors import SourceError
from database.load.converters import grids, number_formats, packages
from database.load.converters.base import Block, Converter, Line, Outline, Page
from database.load.converters.number_formats import NumberFormat
from database.load.converters.packages import Package

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSX_WITH_MACROS = "application/vnd.ms-excel.sheet.macroEnabled.12"

_MOST_SHEET_BYTES = 512 * 2**20  # unpacked; it is read row by row
_MOST_COLUMNS = 16_384  # that Excel has
_MOST_ROWS_BETWEEN = 2  # blank rows that are kept: more say no more

_LETTERS = re.compile(r"[A-Z]{1,3}")


@dataclass(frozen=True, slots=True)
class XlsxConverter:
    """The cells as they are shown; formulas give the value last computed. Macros are never looked at."""

    @property
    def name(self) -> str:
        return "xlsx-1"

    @property
    def fallback(self) -> Converter | None:
        return None

    @property
    def seconds_a_page(self) -> float:
        return 20.0

    def accepts(self, media_type: str) -> bool:
        return media_type in (XLSX, XLSX_WITH_MACROS)

    def outline(self, path: Path) -> Outline:
        with packages.open_package(path) as package:
            return Outline(pages=len(_Workbook(package).sheets), title=packages.title(package))

    def convert(self, path: Path, pages: range) -> list[Page]:
        with packages.open_package(path) as package:
            workbook = _Workbook(package)
            workbook.read_strings()
            return [Page(number=n + 1, blocks=tuple(workbook.blocks(n))) for n in pages]


class _Workbook:
    """Its visible sheets: (name, part)."""

    def __init__(self, package: Package) -> None:
        part = package.related("", "officeDocument")
        if part is None:
            raise SourceError("broken", "It holds no workbook.")
        root = package.xml(part)
        properties = root.find("workbookPr")
        relations = package.relations(part)
        self._package = package
        self._part = part
        self._from_1904 = properties is not None and properties.get("date1904") in ("1", "true")
        self._strings: list[str] = []
        self._formats: list[NumberFormat] = []
        self.sheets: list[tuple[str, str]] = []
        for sheet in root.iterfind("sheets/sheet"):
            relation = relations.get(sheet.get("rel-id", ""))
            if relation and relation.kind == "worksheet" and sheet.get("state", "visible") == "visible":
                self.sheets.append((sheet.get("name", ""), relation.part))
        if not self.sheets:
            raise SourceError("empty", "It has no sheets.")

    def read_strings(self) -> None:
        """What cells refer to: texts that are kept once, and formats."""
        strings = self._package.related(self._part, "sharedStrings")
        if strings is not None:
            self._strings = [_text(item) for _, item in self._elements(strings, "si")]
        styles = self._package.related(self._part, "styles")
        if styles is not None:
            self._formats = _formats(self._package.xml(styles))

    def blocks(self, sheet: int) -> Iterator[Block]:
        name, part = self.sheets[sheet]
        with closing(self._rows(part)) as rows:
            found = list(grids.sheet_blocks(grids.bounded(rows)))
        if found and name:
            lines = (Line(text=name, box=None),)
            yield Block(kind="heading", level=1, lines=lines, markdown=f"# {name}")
        yield from found

    def _rows(self, part: str) -> Generator[grids.Row, None, None]:
        with closing(self._elements(part, "row")) as elements:
            yield from self._spaced(elements)

    def _spaced(self, rows: Iterable[tuple[int, Any]]) -> Iterator[grids.Row]:
        """The rows with blank ones between, where the file leaves them out."""
        last = 0
        for position, row in rows:
            number = int(row.get("r")) if (row.get("r") or "").isdecimal() else position
            yield from [()] * min(number - last - 1, _MOST_ROWS_BETWEEN)
            last = number
            values = self._values(row)
            yield tuple(values.get(n, "") for n in range(max(values, default=-1) + 1))

    def _values(self, row: Any) -> dict[int, str]:
        """The text of each cell that has some, by its column from 0."""
        found: dict[int, str] = {}
        column = -1
        for cell in row:
            place = cell.get("r")
            column = _column(place.rstrip("0123456789")) if place else column + 1
            if column < _MOST_COLUMNS and (text := self._value(cell).strip()):
                found[column] = text
        return found

    def _value(self, cell: Any) -> str:
        value = next((child.text or "" for child in cell if child.tag.endswith("}v")), "")
        match cell.get("t", "n"):
            case "n":
                return self._number(value, cell.get("s") or "") if value else ""
            case "s":
                index = int(value) if value.isdecimal() else -1
                return self._strings[index] if 0 <= index < len(self._strings) else ""
            case "inlineStr":
                return _text(cell)
            case "b":
                return {"0": "FALSE", "1": "TRUE"}.get(value, "")
            case "e":
                return ""
            case _:
                return value

    def _number(self, value: str, style: str) -> str:
        try:
            number = float(value)
        except ValueError:
            return value
        index = int(style) if style.isdecimal() else 0
        as_ = self._formats[index] if index < len(self._formats) else number_formats.PLAIN
        return number_formats.shown(number, as_, from_1904=self._from_1904)

    def _elements(self, part: str, name: str) -> Generator[tuple[int, Any], None, None]:
        """Elements of this name, counted from 1, each forgotten when the next is read."""
        from lxml import etree

        with self._package.stream(part, _MOST_SHEET_BYTES) as file:
            try:
                reading = etree.iterparse(
                    file,
                    events=("end",),
                    tag=f"{{*}}{name}",
                    resolve_entities=False,
                    no_network=True,
                    load_dtd=False,
                    huge_tree=False,
                    remove_comments=True,
                    remove_pis=True,
                )
                for position, (_, element) in enumerate(reading, 1):
                    yield position, element
                    element.clear()
                    while element.getprevious() is not None:
                        del element.getparent()[0]
            except etree.XMLSyntaxError as error:
                raise SourceError("broken", f"Its XML can't be read: {error}.") from None


def _text(item: Any) -> str:
    """The text of a string, plain or in runs, without the hints on how it is pronounced."""
    return "".join(
        text.text or "" for text in item.iter("{*}t") if next(text.iterancestors("{*}rPh"), None) is None
    )


def _formats(styles: Any) -> list[NumberFormat]:
    """By the number that a cell's `s` gives."""
    own = {
        int(code.get("numFmtId")): code.get("formatCode", "")
        for code in styles.iterfind("numFmts/numFmt")
        if (code.get("numFmtId") or "").isdecimal()
    }
    ids = [style.get("numFmtId") or "" for style in styles.iterfind("cellXfs/xf")]
    return [number_formats.of_id(int(id_) if id_.isdecimal() else 0, own) for id_ in ids]


@functools.cache
def _column(letters: str) -> int:
    """A is 0; what is no column is past the last."""
    if not _LETTERS.fullmatch(letters):
        return _MOST_COLUMNS
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
