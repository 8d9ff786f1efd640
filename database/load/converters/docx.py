"""Word documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from database.errors import SourceError
from database.load.converters import grids, packages
from database.load.converters.base import Block, Converter, Line, Outline, Page
from database.load.converters.numbering import BULLET, Numbering
from database.load.converters.packages import Package

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
DOCX_WITH_MACROS = "application/vnd.ms-word.document.macroEnabled.12"

_HEADING_NAME = re.compile(r"heading ([1-9])")
_DEEPEST_HEADING = 6  # of Markdown
_MOST_STYLES_DEEP = 20  # a style may be based on itself

_LEFT_OUT = frozenset(["del", "moveFrom", "instrText", "delText", "pPr", "rPr", "footnoteRef", "endnoteRef"])
_CONTAINERS = frozenset(["sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"])
_SIGNS = {"tab": "\t", "cr": "\n", "noBreakHyphen": "-", "br": "\n"}


@dataclass(frozen=True, slots=True)
class DocxConverter:
    """Headings, numbered paragraphs, tables, text boxes and notes. Macros are never looked at."""

    @property
    def name(self) -> str:
        return "docx-1"

    @property
    def fallback(self) -> Converter | None:
        return None

    @property
    def seconds_a_page(self) -> float:
        return 45.0

    def accepts(self, media_type: str) -> bool:
        return media_type in (DOCX, DOCX_WITH_MACROS)

    def outline(self, path: Path) -> Outline:
        with packages.open_package(path) as package:
            document = _Document(package)
            return Outline(pages=None, title=document.own_title() or packages.title(package))

    def convert(self, path: Path, pages: range) -> list[Page]:
        with packages.open_package(path) as package:
            return [Page(number=None, blocks=tuple(_Document(package).blocks()))]


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    based_on: str
    heading: int  # from 1; 0 for other paragraphs
    list_id: str
    list_level: int


class _Document:
    def __init__(self, package: Package) -> None:
        part = package.related("", "officeDocument")
        if part is None:
            raise SourceError("broken", "It holds no document.")
        body = package.xml(part).find("body")
        if body is None:
            raise SourceError("broken", "Its document has no body.")
        self._body = body
        self._styles = _styles(_related(package, part, "styles"))
        self._numbering = Numbering(_related(package, part, "numbering"))
        self._notes = {
            kind: _notes(_related(package, part, f"{kind}s"), kind) for kind in ("footnote", "endnote")
        }

    def own_title(self) -> str:
        """The paragraph that is styled as the title, which people see, unlike the file's properties."""
        for paragraph in self._body.iterchildren("p"):
            if self._style(paragraph).name == "title" and (text := _text(paragraph)):
                return text
        return ""

    def blocks(self) -> Iterator[Block]:
        yield from self._blocks_in(self._body)

    def _blocks_in(self, parent: Any) -> Iterator[Block]:
        for child in parent:
            if child.tag == "p":
                yield from self._paragraph(child)
            elif child.tag == "tbl":
                yield from self._table(child)
            elif child.tag in _CONTAINERS:
                yield from self._blocks_in(child)

    def _paragraph(self, paragraph: Any) -> Iterator[Block]:
        text = _text(paragraph)
        if text:
            yield self._text_block(paragraph, text)
        for box in paragraph.iter("txbxContent"):
            if next(box.iterancestors("txbxContent"), None) is None:
                yield from self._blocks_in(box)
        for kind, notes in self._notes.items():
            for reference in paragraph.iter(f"{kind}Reference"):
                if note := notes.pop(reference.get("id", ""), ""):
                    yield _block(note, "")

    def _text_block(self, paragraph: Any, text: str) -> Block:
        style = self._style(paragraph)
        label = self._label(paragraph, style)
        if label not in ("", BULLET):
            text = f"{label} {text}"
        if style.heading:
            level = min(style.heading, _DEEPEST_HEADING)
            line = " ".join(text.split())
            return Block(
                kind="heading",
                level=level,
                lines=(Line(text=line, box=None),),
                markdown=f"{'#' * level} {line}",
            )
        return _block(text, f"- {text}" if label == BULLET else "")

    def _label(self, paragraph: Any, style: _Style) -> str:
        own = paragraph.find("pPr/numPr")
        list_id, level = style.list_id, style.list_level
        if own is not None:
            list_id = _value(own, "numId") or list_id
            level = _digit(_value(own, "ilvl")) if own.find("ilvl") is not None else level
        return self._numbering.label(list_id, level) if list_id not in ("", "0") else ""

    def _style(self, paragraph: Any) -> _Style:
        style = self._styles.get(_value(paragraph, "pPr/pStyle"), self._styles[""])
        own = _value(paragraph, "pPr/outlineLvl")
        if own:
            heading = _digit(own) + 1 if own in "012345678" else 0
            return _Style(style.name, style.based_on, heading, style.list_id, style.list_level)
        return style

    def _table(self, table: Any) -> Iterator[Block]:
        rows = []
        for row in _inside(table, "tr"):
            cells: list[str] = []
            for cell in _inside(row, "tc"):
                merged = cell.find("tcPr/vMerge")
                goes_on = merged is not None and merged.get("val", "continue") == "continue"
                span = _digit(_value(cell, "tcPr/gridSpan")) or 1
                cells += ["" if goes_on else self._cell_text(cell), *[""] * (span - 1)]
            rows.append(tuple(cells))
        if max(map(len, rows), default=0) > 1:
            yield from grids.table_blocks(rows)
            return
        for row in _inside(table, "tr"):  # one cell in a row: a frame around paragraphs
            for cell in _inside(row, "tc"):
                yield from self._blocks_in(cell)

    def _cell_text(self, cell: Any) -> str:
        parts = []
        for paragraph in cell.iter("p"):
            if text := _text(paragraph):
                label = self._label(paragraph, self._style(paragraph))
                parts.append(f"{label} {text}".strip())
        return " ".join(parts)


def _text(paragraph: Any) -> str:
    """The paragraph's own text: what is shown, not what was deleted or stands in boxes beside it."""
    parts: list[str] = []

    def gather(element: Any) -> None:
        for child in element:
            if child.tag == "t":
                parts.append(child.text or "")
            elif child.tag in _SIGNS:
                parts.append(_SIGNS[child.tag])
            elif child.tag not in _LEFT_OUT and child.tag != "txbxContent":
                gather(child)

    gather(paragraph)
    return "".join(parts).strip()


def _block(text: str, markdown: str) -> Block:
    lines = tuple(Line(text=" ".join(line.split()), box=None) for line in text.splitlines() if line.strip())
    return Block(kind="text", level=0, lines=lines, markdown=markdown)


def _inside(parent: Any, tag: str) -> Iterator[Any]:
    """A table's rows or a row's cells, not those of tables in them."""
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag in _CONTAINERS:
            yield from _inside(child, tag)


def _styles(root: Any | None) -> dict[str, _Style]:
    """By their ids; the one of paragraphs that name none is ""."""
    found = {"": _Style("", "", 0, "", 0)}
    for style in root.iterchildren("style") if root is not None else ():
        name = _value(style, "name").lower()
        outline = _value(style, "pPr/outlineLvl")
        heading = _HEADING_NAME.fullmatch(name)
        if name == "title":
            level = 1
        elif heading:
            level = int(heading[1])
        else:
            level = _digit(outline) + 1 if outline and outline in "012345678" else 0
        found[style.get("styleId", "")] = _Style(
            name,
            _value(style, "basedOn"),
            level,
            _value(style, "pPr/numPr/numId"),
            _digit(_value(style, "pPr/numPr/ilvl")),
        )
    return {id_: _inherited(style, found) for id_, style in found.items()}


def _inherited(style: _Style, styles: dict[str, _Style]) -> _Style:
    """With what it doesn't say itself from the styles that it is based on."""
    heading, list_id, level, base = style.heading, style.list_id, style.list_level, style.based_on
    for _ in range(_MOST_STYLES_DEEP):
        if base not in styles or not base:
            break
        if styles[base].name != "title":  # as a subtitle may be based on it
            heading = heading or styles[base].heading
        if not list_id:
            list_id, level = styles[base].list_id, level or styles[base].list_level
        base = styles[base].based_on
    return _Style(style.name, style.based_on, heading, list_id, level)


def _notes(root: Any | None, kind: str) -> dict[str, str]:
    """Footnotes or endnotes by their ids, without the lines that set them apart."""
    if root is None:
        return {}
    return {
        note.get("id", ""): "\n".join(filter(None, (_text(p) for p in note.iter("p"))))
        for note in root.iterchildren(kind)
        if note.get("type", "normal") == "normal"
    }


def _related(package: Package, part: str, kind: str) -> Any | None:
    related = package.related(part, kind)
    return None if related is None else package.xml(related)


def _value(element: Any, path: str) -> str:
    found = element.find(path)
    return "" if found is None else str(found.get("val", ""))


def _digit(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,2}", text) else 0
