"""Lines of PDF pages: where they are cut, how they stand out, and which are furniture."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest

from database.load.converters.pdf_lines import TextLine, furniture, text_lines
from tests.database.load.converters.drawn import Draw, heading, line, prose, write_pages


def lines_of(path: Path, number: int = 0) -> list[TextLine]:
    with pymupdf.open(path) as document:
        return text_lines(document[number], number)


def test_a_line_is_cut_where_a_column_begins(tmp_path: Path) -> None:
    """Also where columns are set with spaces, and before a currency's sign."""

    def draw(page: pymupdf.Page) -> None:
        page.insert_text((72, 100), "Net revenue        86,392 $     79,474", fontsize=10)
        page.insert_text((72, 120), "A line of prose with single spaces", fontsize=10)

    found = lines_of(write_pages(tmp_path / "a.pdf", draw))
    assert [one.text for one in found] == [
        "Net revenue",
        "86,392 $",
        "79,474",
        "A line of prose with single spaces",
    ]
    assert found[0].box.x1 < found[1].box.x0 < found[1].box.x1 < found[2].box.x0


def test_a_line_in_two_fonts_is_one(tmp_path: Path) -> None:
    """And stands out only where nearly all of it does."""

    def draw(page: pymupdf.Page) -> None:
        page.insert_text((72, 100), "Risk", fontsize=10, fontname="hebo")
        page.insert_text(
            (72 + pymupdf.get_text_length("Risk ", "hebo", 10), 100), "is what may go wrong", fontsize=10
        )
        heading(page, "Market risk", 140)

    mixed, bold = lines_of(write_pages(tmp_path / "a.pdf", draw))
    assert (mixed.text, mixed.bold) == ("Risk is what may go wrong", False)
    assert (bold.text, bold.bold) == ("Market risk", True)


def test_what_is_underlined_is_told_by_the_line_below(tmp_path: Path) -> None:
    """A rule across the page is none."""

    def draw(page: pymupdf.Page) -> None:
        width = pymupdf.get_text_length("Goodwill", fontsize=10)
        page.insert_text((72, 100), "Goodwill", fontsize=10)
        page.draw_line((72, 101.5), (72 + width, 101.5), width=0.6)
        page.insert_text((72, 140), "Inventory", fontsize=10)
        page.draw_line((72, 141.5), (540, 141.5), width=0.6)

    goodwill, inventory = lines_of(write_pages(tmp_path / "a.pdf", draw))
    assert goodwill.underlined
    assert not inventory.underlined


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_boxes_are_those_of_the_page_as_it_is_shown(tmp_path: Path, rotation: int) -> None:
    """A page that is turned, text and all, isn't level any more."""

    def draw(page: pymupdf.Page) -> None:
        page.insert_text((72, 100), "Prazo", fontsize=10)

    (found,) = lines_of(write_pages(tmp_path / "a.pdf", draw, rotation=rotation))
    assert not found.level
    with pymupdf.open(tmp_path / "a.pdf") as document:
        shown = document[0].rect
    assert 0 <= found.box.x0 < found.box.x1 <= shown.width
    assert 0 <= found.box.y0 < found.box.y1 <= shown.height


def test_text_that_is_set_for_a_turned_page_is_level(tmp_path: Path) -> None:
    """As on the wide tables of reports."""

    def draw(page: pymupdf.Page) -> None:
        page.insert_text((300, 300), "Prazo", fontsize=10, rotate=90)

    (found,) = lines_of(write_pages(tmp_path / "a.pdf", draw, rotation=90))
    assert found.level
    assert found.box.x1 - found.box.x0 > found.box.y1 - found.box.y0


def numbered(n: int) -> Draw:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((72, 40), f"Annual report 20{n:02d}", fontsize=8)
        page.insert_text(
            (72, 70), "Statement of income" if n in (2, 3) else f"Chapter {'abcdef'[n]}", fontsize=12
        )
        prose(page, times=2)
        page.insert_text((300, 770), str(n + 1), fontsize=8)

    return draw


def test_what_repeats_at_the_edge_is_furniture(tmp_path: Path) -> None:
    """Whatever its number; and the page's own number. A table's title that goes on over the page isn't."""
    path = write_pages(tmp_path / "a.pdf", *map(numbered, range(6)))
    pages = [lines_of(path, n) for n in range(6)]
    for lines, found in zip(pages, furniture(pages, [792.0] * 6), strict=True):
        assert lines[min(found)].text.startswith("Annual report")
        assert len(found) == 2
        assert lines[max(found)].text.isdigit()


def test_a_page_alone_has_only_its_number_as_furniture() -> None:
    """Though a page that ends early has it in its middle; in a table a number isn't alone."""
    above = [line("Total", 72, 200), line("Prose that fills a line", 72, 230)]
    assert furniture([[*above, line("31", 300, 300)]], [792.0]) == [frozenset({2})]
    beside = [*above, line("Other", 72, 300), line("31", 300, 300)]
    assert furniture([beside], [792.0]) == [frozenset()]
