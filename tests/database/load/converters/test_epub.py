"""Books."""

from __future__ import annotations

from pathlib import Path

import pytest

from database.errors import SourceError
from database.load.converters.base import Block
from database.load.converters.epub import EpubConverter
from tests.database.load.converters.packages import write_epub


def blocks(path: Path) -> tuple[Block, ...]:
    (page,) = EpubConverter().convert(path, range(1))
    return page.blocks


def test_a_chapter_without_a_heading_is_named_by_the_contents(tmp_path: Path) -> None:
    """The table of contents itself is no chapter."""
    path = write_epub(tmp_path / "a.epub", {"Primeiro": "<p>Um.</p>", "Segundo": "<h2>II</h2><p>Dois.</p>"})
    assert [(b.kind, b.lines[0].text) for b in blocks(path)] == [
        ("heading", "Primeiro"),
        ("text", "Um."),
        ("heading", "II"),
        ("text", "Dois."),
    ]


def test_the_title_is_the_books(tmp_path: Path) -> None:
    """With spaces as they are meant."""
    assert EpubConverter().outline(
        write_epub(tmp_path / "a", {"x": "<p>x</p>"}, title="Dom\n Casmurro")
    ).title == ("Dom Casmurro")


def test_a_book_for_one_shops_readers_is_encrypted(tmp_path: Path) -> None:
    """Disguised fonts alone are no hindrance."""

    def protecting(uri: str) -> dict[str, str]:
        return {
            "META-INF/encryption.xml": (
                '<encryption xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptedData><e:CipherData>'
                f'<e:CipherReference URI="{uri}"/></e:CipherData></e:EncryptedData></encryption>'
            )
        }

    path = write_epub(tmp_path / "a.epub", {"x": "<p>x</p>"}, **protecting("OEBPS/font.otf"))
    assert EpubConverter().outline(path).pages is None
    path = write_epub(tmp_path / "b.epub", {"x": "<p>x</p>"}, **protecting("OEBPS/text/c%201.xhtml"))
    with pytest.raises(SourceError) as caught:
        EpubConverter().outline(path)
    assert caught.value.reason == "encrypted"
