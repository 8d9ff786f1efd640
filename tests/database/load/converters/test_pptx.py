"""Presentations: a slide is a page."""

from __future__ import annotations

from pathlib import Path

from database.load.converters.base import Block
from database.load.converters.pptx import PptxConverter
from tests.database.load.converters.packages import relations, shape, write_pptx

_C = 'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
_P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
_A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'


def cell(text: str) -> str:
    return f"<a:tc><a:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></a:txBody></a:tc>"


def frame(inside: str) -> str:
    return f"<p:graphicFrame><a:graphic><a:graphicData>{inside}</a:graphicData></a:graphic></p:graphicFrame>"


def blocks(path: Path, slide: int = 0) -> tuple[Block, ...]:
    (page,) = PptxConverter().convert(path, range(slide, slide + 1))
    assert page.number == slide + 1
    return page.blocks


def texts(path: Path, slide: int = 0) -> list[str]:
    return [line.text for block in blocks(path, slide) for line in block.lines]


def test_titles_are_headings_and_bodies_are_lists(tmp_path: Path) -> None:
    """The title first, wherever it stands in the file; dates and numbers of slides say nothing."""
    path = write_pptx(
        tmp_path / "a.pptx",
        shape("Um ponto", "Outro", placeholder="body")
        + shape("Livre")
        + shape("12", placeholder="sldNum")
        + shape("Prazos", placeholder="ctrTitle"),
    )
    assert [(b.kind, b.markdown) for b in blocks(path)] == [
        ("heading", "# Prazos"),
        ("text", "- Um ponto"),
        ("text", "- Outro"),
        ("text", ""),
    ]


def test_slides_come_in_the_order_in_which_they_are_shown(tmp_path: Path) -> None:
    """Which their names don't tell."""
    path = write_pptx(tmp_path / "a.pptx", *(shape(f"slide {n}") for n in range(1, 13)))
    pages = PptxConverter().convert(path, range(12))
    assert [page.blocks[0].lines[0].text for page in pages] == [f"slide {n}" for n in range(1, 13)]


def test_tables_groups_and_breaks_are_read(tmp_path: Path) -> None:
    """Shapes in groups are shapes; a line that is broken by hand stays two."""
    rows = "".join(f"<a:tr>{cell(a)}{cell(b)}</a:tr>" for a, b in (("Item", "Valor"), ("Multa", "2%")))
    broken = (
        "<p:sp><p:txBody><a:p><a:r><a:t>um</a:t></a:r><a:br/>"
        "<a:r><a:t>dois</a:t></a:r></a:p></p:txBody></p:sp>"
    )
    path = write_pptx(tmp_path / "a.pptx", f"<p:grpSp>{broken}</p:grpSp>" + frame(f"<a:tbl>{rows}</a:tbl>"))
    assert texts(path) == ["um", "dois", "Item Valor", "Multa 2%"]
    assert blocks(path)[1].markdown == "|Item|Valor|\n|---|---|\n|Multa|2%|"


def test_charts_give_their_numbers(tmp_path: Path) -> None:
    """From the part that holds them, as a table: a row a category, a column a series."""

    def points(*values: str) -> str:
        return "".join(f'<c:pt idx="{n}"><c:v>{value}</c:v></c:pt>' for n, value in enumerate(values))

    series = "".join(
        f"<c:ser><c:tx>{points(name)}</c:tx><c:cat>{points('Norte', 'Sul')}</c:cat>"
        f"<c:val>{points(*values)}</c:val></c:ser>"
        for name, values in {"2025": ("1", "2"), "2026": ("3", "4")}.items()
    )
    chart = f"<c:chartSpace {_C}>{series}</c:chartSpace>"
    path = write_pptx(
        tmp_path / "a.pptx",
        frame(f'<c:chart {_C} r:id="c1"/>'),
        **{
            "ppt/slides/_rels/slide1.xml.rels": relations(("c1", "chart", "../charts/chart1.xml")),
            "ppt/charts/chart1.xml": chart,
        },
    )
    assert texts(path) == ["2025 2026", "Norte 1 3", "Sul 2 4"]


def test_notes_follow_the_slide(tmp_path: Path) -> None:
    """What the speaker says is often more than what is shown."""
    notes = (
        f"<p:notes {_P} {_A}><p:cSld><p:spTree>{shape('7', placeholder='sldNum')}"
        f"{shape('Diga isto.', placeholder='body')}</p:spTree></p:cSld></p:notes>"
    )
    path = write_pptx(
        tmp_path / "a.pptx",
        shape("Prazos", placeholder="title"),
        shape("Outro"),
        **{
            "ppt/slides/_rels/slide1.xml.rels": relations(("n1", "notesSlide", "../notesSlides/notes1.xml")),
            "ppt/notesSlides/notes1.xml": notes,
        },
    )
    assert texts(path) == ["Prazos", "Diga isto."]
    assert blocks(path)[1].markdown == "> Diga isto."
    assert texts(path, 1) == ["Outro"]


def test_the_programs_own_title_is_none(tmp_path: Path) -> None:
    """Every presentation has it, in the program's language; then the first slide's counts."""
    first = shape("Plano de 2026", placeholder="title")
    path = write_pptx(tmp_path / "a.pptx", first, title="Apresentação do PowerPoint")
    assert PptxConverter().outline(path).title == "Plano de 2026"
    path = write_pptx(tmp_path / "b.pptx", first, title="Balanço")
    assert PptxConverter().outline(path).title == "Balanço"
