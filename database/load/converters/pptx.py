"""PowerPoint presentations: a page is a slide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from database.errors import SourceError
from database.load.converters import grids, packages
from database.load.converters.base import Block, Converter, Line, Outline, Page
from database.load.converters.packages import Package

PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
PPTX_SHOW = "application/vnd.openxmlformats-officedocument.presentationml.slideshow"
PPTX_WITH_MACROS = "application/vnd.ms-powerpoint.presentation.macroEnabled.12"

_TITLES = ("title", "ctrTitle")
_FURNITURE = frozenset(["sldNum", "dt", "ftr", "hdr", "sldImg"])
_BULLETED = frozenset(["body", "obj", ""])  # placeholders whose paragraphs are a list
_OWN_NAME = "powerpoint"  # a title that the program gave, in whatever language


@dataclass(frozen=True, slots=True)
class PptxConverter:
    """Titles, texts, tables, the numbers of charts, and the speaker's notes."""

    @property
    def name(self) -> str:
        return "pptx-1"

    @property
    def fallback(self) -> Converter | None:
        return None

    @property
    def seconds_a_page(self) -> float:
        return 20.0

    def accepts(self, media_type: str) -> bool:
        return media_type in (PPTX, PPTX_SHOW, PPTX_WITH_MACROS)

    def outline(self, path: Path) -> Outline:
        with packages.open_package(path) as package:
            slides = _slides(package)
            given = packages.title(package)
            if not given or _OWN_NAME in given.lower():
                blocks = _blocks(package, slides[0])
                given = next((b.lines[0].text for b in blocks if b.kind == "heading"), "")
            return Outline(pages=len(slides), title=given)

    def convert(self, path: Path, pages: range) -> list[Page]:
        with packages.open_package(path) as package:
            slides = _slides(package)
            return [Page(number=n + 1, blocks=tuple(_blocks(package, slides[n]))) for n in pages]


def _slides(package: Package) -> list[str]:
    """The slides' parts, in the order in which they are shown."""
    part = package.related("", "officeDocument")
    if part is None:
        raise SourceError("broken", "It holds no presentation.")
    relations = package.relations(part)
    ids = [slide.get("rel-id", "") for slide in package.xml(part).iterfind("sldIdLst/sldId")]
    slides = [relations[id_].part for id_ in ids if id_ in relations and relations[id_].part in package]
    if not slides:
        raise SourceError("empty", "It has no slides.")
    return slides


def _blocks(package: Package, slide: str) -> Iterator[Block]:
    shapes = package.xml(slide).find("cSld/spTree")
    if shapes is not None:
        all_shapes = list(_leaves(shapes))
        # Titles may stand anywhere in the file; on the slide they stand first.
        for shape in sorted(all_shapes, key=lambda shape: _placeholder(shape) not in _TITLES):
            yield from _shape_blocks(package, slide, shape)
    notes = package.related(slide, "notesSlide")
    if notes is not None:
        for shape in package.xml(notes).iter("sp"):
            if _placeholder(shape) == "body":
                yield from (_text_block(text, f"> {text}") for text, _ in _paragraphs(shape))


def _leaves(shapes: Any) -> Iterator[Any]:
    """The shapes, those in groups, too."""
    for shape in shapes:
        if shape.tag in ("grpSp", "AlternateContent", "Choice"):
            yield from _leaves(shape)
        elif shape.tag in ("sp", "graphicFrame"):
            yield shape


def _shape_blocks(package: Package, slide: str, shape: Any) -> Iterator[Block]:
    placeholder = _placeholder(shape)
    if placeholder in _FURNITURE:
        return
    if shape.tag == "graphicFrame":
        yield from _graphic_blocks(package, slide, shape)
        return
    if placeholder in _TITLES:
        text = " ".join(" ".join(text.split()) for text, _ in _paragraphs(shape))
        if text:
            lines = (Line(text=text, box=None),)
            yield Block(kind="heading", level=1, lines=lines, markdown=f"# {text}")
        return
    for text, bulleted in _paragraphs(shape):
        listed = bulleted if bulleted is not None else placeholder in _BULLETED
        yield _text_block(text, f"- {text}" if listed else "")


def _graphic_blocks(package: Package, slide: str, frame: Any) -> Iterator[Block]:
    for table in frame.iter("tbl"):
        rows = [
            tuple(_cell_text(cell) for cell in row.iterchildren("tc")) for row in table.iterchildren("tr")
        ]
        yield from grids.table_blocks(rows)
    relations = package.relations(slide)
    for chart in frame.iter("chart"):
        relation = relations.get(chart.get("rel-id", ""))
        if relation is not None and relation.part in package:
            yield from grids.table_blocks(_chart_rows(package.xml(relation.part)))
    for diagram in frame.iter("relIds"):
        relation = relations.get(diagram.get("rel-dm", ""))
        if relation is not None and relation.part in package:
            for point in package.xml(relation.part).iter("pt"):
                yield from (_text_block(text, f"- {text}") for text, _ in _paragraphs(point))


def _chart_rows(chart: Any) -> list[grids.Row]:
    """The numbers that the chart draws: a row a category, a column a series."""
    series = []
    categories: dict[int, str] = {}
    for drawn in chart.iter("ser"):
        name = drawn.find("tx")
        values = next((v for tag in ("val", "yVal") if (v := drawn.find(tag)) is not None), None)
        labels = next((v for tag in ("cat", "xVal") if (v := drawn.find(tag)) is not None), None)
        categories |= _points(labels)
        series.append((" ".join(_points(name).values()), _points(values)))
    heads = ("", *(name for name, _ in series))
    indices = sorted(set(categories).union(*(points for _, points in series)))
    rows = [
        (categories.get(index, ""), *(points.get(index, "") for _, points in series)) for index in indices
    ]
    return [heads, *rows] if rows else []


def _points(values: Any | None) -> dict[int, str]:
    if values is None:
        return {}
    return {
        int(point.get("idx")): (point.findtext("v") or "").strip()
        for point in values.iter("pt")
        if (point.get("idx") or "").isdecimal()
    }


def _paragraphs(shape: Any) -> Iterator[tuple[str, bool | None]]:
    """Each paragraph's text, and whether it has a bullet; None where it doesn't say."""
    for paragraph in shape.iter("p"):
        text = _text(paragraph)
        if text:
            properties = paragraph.find("pPr")
            marks = [] if properties is None else [child.tag for child in properties]
            own = True if "buChar" in marks or "buAutoNum" in marks else None
            yield text, False if "buNone" in marks else own


def _text(paragraph: Any) -> str:
    return "".join("\n" if e.tag == "br" else e.text or "" for e in paragraph.iter("t", "br")).strip()


def _cell_text(cell: Any) -> str:
    return " ".join(text for text, _ in _paragraphs(cell))


def _placeholder(shape: Any) -> str | None:
    """The kind of placeholder that the shape fills; None where it fills none."""
    found = shape.find("nvSpPr/nvPr/ph") if shape.tag == "sp" else shape.find("nvGraphicFramePr/nvPr/ph")
    return None if found is None else str(found.get("type", ""))


def _text_block(text: str, markdown: str) -> Block:
    lines = tuple(Line(text=" ".join(line.split()), box=None) for line in text.splitlines() if line.strip())
    return Block(kind="text", level=0, lines=lines, markdown=markdown)
