"""Blocks and Markdown of pages that no model looks at."""

from __future__ import annotations

from pathlib import Path

import pymupdf

from database.load.converters.base import Block
from database.load.converters.pdf import PdfConverter
from database.load.converters.pdf_blocks import escaped, table_markdown
from tests.database.load.converters.drawn import heading, prose, rows_without_rules, write_pages


def blocks_of(path: Path, number: int = 0) -> tuple[Block, ...]:
    return PdfConverter().convert(path, range(number, number + 1))[0].blocks


def test_a_page_of_prose_has_its_headings(tmp_path: Path) -> None:
    """By size and by weight, each with the text under it."""

    def draw(page: pymupdf.Page) -> None:
        heading(page, "Annual report", 80, size=20)
        heading(page, "Market risk", 110)
        prose(page, top=120)

    found = blocks_of(write_pages(tmp_path / "a.pdf", draw))
    assert [(block.kind, block.level) for block in found] == [("heading", 1), ("heading", 2), ("text", 0)]
    assert found[0].markdown == "# Annual report"
    assert found[1].markdown == "## Market risk"
    assert found[2].markdown.count("The prospects of the company") == 6


def test_paragraphs_and_list_items_are_blocks_of_their_own(tmp_path: Path) -> None:
    """By the white between them, and by their markers."""

    def draw(page: pymupdf.Page) -> None:
        prose(page, top=100, times=2)
        prose(page, top=160, times=2)
        for n, text in enumerate(("political conditions;", "legal environments;")):
            page.insert_text((90, 240 + 13 * n), "•", fontsize=10)
            page.insert_text((108, 240 + 13 * n), text, fontsize=10)

    found = blocks_of(write_pages(tmp_path / "a.pdf", draw))
    assert [block.markdown[:22] for block in found] == [
        "The prospects of the c",
        "The prospects of the c",
        "- political conditions",
        "- legal environments;",
    ]


def test_a_paragraph_that_is_set_wide_is_one(tmp_path: Path) -> None:
    """As contracts and courts have them: white between lines means what it does on its own page."""
    text = "These lines are far from each other but are one paragraph all the same, or not"

    def draw(page: pymupdf.Page) -> None:
        for n in range(6):
            page.insert_text((72, 300 + 26 * n), text, fontsize=10)

    (block,) = blocks_of(write_pages(tmp_path / "a.pdf", draw))
    assert len(block.lines) == 6


def test_a_table_without_rules_is_complete(tmp_path: Path) -> None:
    """Its rows are lines of text, its cells are Markdown's, and the text around it stays around it."""

    def draw(page: pymupdf.Page) -> None:
        prose(page, top=120, times=2)
        rows_without_rules(page)
        prose(page, top=420, times=2)

    before, table, after = blocks_of(write_pages(tmp_path / "a.pdf", draw))
    assert (before.kind, table.kind, after.kind) == ("text", "table", "text")
    assert "Operating profit 11,512 11,162" in [line.text for line in table.lines]
    assert "|Operating profit|11,512|11,162|" in table.markdown.splitlines()
    assert "|Selling, general and administrative expenses|34,459|31,237|" in table.markdown.splitlines()


def test_two_columns_are_two_texts(tmp_path: Path) -> None:
    """The left one ends before the right one begins."""

    def draw(page: pymupdf.Page) -> None:
        page.insert_textbox(pymupdf.Rect(72, 100, 290, 700), "Left side words of it. " * 30, fontsize=10)
        page.insert_textbox(pymupdf.Rect(320, 100, 540, 700), "Right side words of it. " * 30, fontsize=10)

    text = " ".join(
        line.text for block in blocks_of(write_pages(tmp_path / "a.pdf", draw)) for line in block.lines
    )
    assert text.count("Left") == text.count("Right") == 30
    assert text.rindex("Left") < text.index("Right")


def test_furniture_stands_where_it_is_seen(tmp_path: Path) -> None:
    """The running head first, the page's number last."""

    def draw(page: pymupdf.Page) -> None:
        page.insert_text((72, 40), "Annual report", fontsize=8)
        prose(page)
        page.insert_text((300, 770), str(page.number), fontsize=8)

    found = blocks_of(write_pages(tmp_path / "a.pdf", draw, draw, draw), 1)
    assert [block.kind for block in found] == ["furniture", "text", "furniture"]


def test_what_looks_like_markdown_is_shown_as_it_is() -> None:
    """A document can't put tags or links into what people are shown."""
    assert escaped("<b>[x](y)*") == r"\<b\>\[x\](y)\*"
    assert table_markdown([("a|b", ""), ("1", "")]) == "|a\\|b|\n|---|\n|1|"
