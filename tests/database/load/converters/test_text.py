"""Markdown and plain text."""

from __future__ import annotations

from pathlib import Path

import pytest

from database.errors import SourceError
from database.load.converters.text import MarkdownConverter, PlainTextConverter, markdown_blocks, plain_blocks


def test_each_markdown_block_has_plain_text_beside_its_source() -> None:
    """Emphasis, links and table marks are in the Markdown, not in the text."""
    blocks = markdown_blocks(
        "# Um *título*\n\nVeja [o site](https://example.org) e `codigo`.\n\n"
        "| Item | Valor |\n|---|---|\n| Taxa | 2% |\n\n- primeiro\n- segundo\n\n```\nx = 1\ny = 2\n```\n\n"
        "> citado\n"
    )
    assert [(b.kind, b.level, [line.text for line in b.lines]) for b in blocks] == [
        ("heading", 1, ["Um título"]),
        ("text", 0, ["Veja o site e codigo."]),
        ("table", 0, ["Item Valor", "Taxa 2%"]),
        ("text", 0, ["primeiro"]),
        ("text", 0, ["segundo"]),
        ("code", 0, ["x = 1", "y = 2"]),
        ("text", 0, ["citado"]),
    ]
    assert blocks[1].markdown == "Veja [o site](https://example.org) e `codigo`."
    assert blocks[2].markdown.startswith("| Item | Valor |\n|---|---|")


def test_nested_lists_lose_nothing_and_repeat_nothing() -> None:
    """An item with items of its own gives its own text and theirs."""
    blocks = markdown_blocks("- um\n  - dois\n  - três\n- quatro\n")
    assert [line.text for b in blocks for line in b.lines] == ["um", "dois", "três", "quatro"]


def test_plain_text_is_cut_at_blank_lines() -> None:
    """Marks of Markdown mean nothing in it."""
    blocks = plain_blocks("# não é título\nsegue\n\n \n\n- nem lista\n")
    assert [[line.text for line in b.lines] for b in blocks] == [["# não é título", "segue"], ["- nem lista"]]
    assert {b.kind for b in blocks} == {"text"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_texts_of_older_programs_are_read(tmp_path: Path, encoding: str) -> None:
    """In the encodings that Windows writes."""
    path = tmp_path / "a.txt"
    path.write_bytes("Prestação de contas: “até já”".encode(encoding))
    (page,) = PlainTextConverter().convert(path, range(1))
    assert page.blocks[0].lines[0].text == "Prestação de contas: “até já”"


def test_what_is_not_text_is_refused(tmp_path: Path) -> None:
    """A picture named .txt."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"\x89PNG\r\n\x00\x00\x00")
    with pytest.raises(SourceError) as caught:
        PlainTextConverter().outline(path)
    assert caught.value.reason == "unsupported"


def test_the_first_heading_is_the_title(tmp_path: Path) -> None:
    """Of Markdown."""
    path = tmp_path / "a.md"
    path.write_text("intro\n\n## Regulamento da *biblioteca*\n")
    assert MarkdownConverter().outline(path).title == "Regulamento da biblioteca"
