"""What untrusted packages must not do to us."""

from __future__ import annotations

import zipfile
from itertools import pairwise
from pathlib import Path

import pytest

from database.errors import SourceError
from database.load.converters.base import Converter
from database.load.converters.docx import DocxConverter
from database.load.converters.epub import EpubConverter
from database.load.converters.packages import open_package, resolve, tree
from database.load.converters.pptx import PptxConverter
from database.load.converters.xlsx import XlsxConverter
from tests.contracts.converter_contract import text_of
from tests.database.load.converters.packages import (
    cells,
    paragraph,
    relations,
    shape,
    write_docx,
    write_epub,
    write_package,
    write_pptx,
    write_xlsx,
)

CONVERTERS: list[Converter] = [DocxConverter(), PptxConverter(), XlsxConverter(), EpubConverter()]
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def reason(converter: Converter, path: Path) -> str:
    """Why it can't be loaded: what `outline` says, and `convert` too."""
    with pytest.raises(SourceError) as outlined:
        converter.outline(path)
    with pytest.raises(SourceError) as converted:
        converter.convert(path, range(1))
    assert outlined.value.reason == converted.value.reason
    return outlined.value.reason


@pytest.mark.parametrize("converter", CONVERTERS, ids=lambda c: c.name)
@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"not a zip file", "broken"),
        (b"PK\x03\x04" + b"\0" * 40, "broken"),
        (_COMPOUND, "unsupported"),
        (_COMPOUND + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    ],
)
def test_files_that_are_none_say_what_they_are(
    tmp_path: Path, converter: Converter, content: bytes, wanted: str
) -> None:
    """Older formats and files with a password come as something else than zip files."""
    path = tmp_path / "a"
    path.write_bytes(content)
    assert reason(converter, path) == wanted


@pytest.mark.parametrize("converter", CONVERTERS, ids=lambda c: c.name)
def test_packages_of_another_kind_are_broken(tmp_path: Path, converter: Converter) -> None:
    """An archive of pictures with the wrong ending, or a document whose parts are gone."""
    assert reason(converter, write_package(tmp_path / "a", {"a.txt": "x"})) == "broken"
    listed = relations(("r", "officeDocument", "gone.xml"))
    path = write_package(tmp_path / "b", {"_rels/.rels": listed, "META-INF/container.xml": "<a/>"})
    assert reason(converter, path) == "broken"


def test_a_damaged_package_is_broken(tmp_path: Path) -> None:
    """Bytes that were changed on the way are noticed; so is XML that ends in the middle."""
    path = write_docx(tmp_path / "a.docx", *(paragraph(f"{n} palavras {n * 7919}") for n in range(500)))
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("word/document.xml").header_offset + 200
    data[start : start + 50] = b"\xff" * 50
    path.write_bytes(data)
    assert reason(DocxConverter(), path) == "broken"
    path = write_docx(tmp_path / "b.docx", "<w:p><w:r>")
    assert reason(DocxConverter(), path) == "broken"


def test_a_password_on_the_zip_file_is_named(tmp_path: Path) -> None:
    """As archivers set it; office programs have their own way."""
    path = write_docx(tmp_path / "a.docx", paragraph("x"))
    data = path.read_bytes().replace(
        b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00"
    )
    path.write_bytes(data)
    assert reason(DocxConverter(), path) == "encrypted"


@pytest.mark.parametrize(
    ("name", "size"), [("word/media/picture.png", 40), ("word/document.xml", 40), ("word/document.xml", 140)]
)
def test_bombs_are_not_unpacked(tmp_path: Path, name: str, size: int) -> None:
    """Parts that unpack to far more than they are, wherever they stand."""
    path = write_docx(tmp_path / "a.docx", paragraph("x"), **{name: "0" * (size * 2**20)})
    assert reason(DocxConverter(), path) == "too_large"


def test_a_part_that_lies_about_its_size_is_broken(tmp_path: Path) -> None:
    """What is listed is all that is ever unpacked."""
    path = write_docx(tmp_path / "a.docx", "<w:p/>" * 100_000)
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("word/document.xml").file_size
    path.write_bytes(path.read_bytes().replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little")))
    assert reason(DocxConverter(), path) == "broken"


def test_large_documents_of_text_are_no_bombs(tmp_path: Path) -> None:
    """Text that repeats itself packs well."""
    words = "".join(paragraph(f"O parágrafo {n} fala do prazo de entrega.") for n in range(20_000))
    path = write_docx(tmp_path / "a.docx", words)
    assert len(DocxConverter().convert(path, range(1))[0].blocks) == 20_000


def test_entities_are_not_followed(tmp_path: Path) -> None:
    """Neither files of this machine nor addresses are read, whatever the XML names."""
    secret = tmp_path / "secret"
    secret.write_text("segredo")
    declared = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY y "dentro">]>'
    root = tree(f"{declared}<a><b>antes &x;&y; depois</b></a>".encode())
    assert "segredo" not in "".join(root.itertext())
    path = write_epub(tmp_path / "a.epub", {"x": "<p>antes &x; depois</p>"})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    chapter = parts["OEBPS/text/c 1.xhtml"].decode().replace("<!DOCTYPE html>", declared)
    write_package(path, {**parts, "OEBPS/text/c 1.xhtml": chapter})
    assert "segredo" not in text_of(EpubConverter().convert(path, range(1)))


def test_entities_do_not_multiply() -> None:
    """A billion laughs stay few."""
    names = "abcdefghij"
    entities = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise(names))
    with pytest.raises(SourceError) as caught:
        tree(f'<!DOCTYPE r [<!ENTITY a "ha">{entities}]><r>&j;</r>'.encode())
    assert caught.value.reason == "broken"


def test_what_stands_outside_is_not_a_part(tmp_path: Path) -> None:
    """Links to other files and addresses lead nowhere, and paths don't climb out of the package."""
    listed = relations(
        ("r1", "image", "https://example.org/x.png"), ("r2", "image", "../../etc/passwd"), external=True
    )
    path = write_package(
        tmp_path / "a", {"word/_rels/document.xml.rels": listed, "word/document.xml": "<a/>"}
    )
    with open_package(path) as package:
        assert package.relations("word/document.xml") == {}
        assert resolve("word/document.xml", "../../../etc/passwd") not in package
    assert resolve("word/document.xml", "/xl/a%20b.xml#x") == "xl/a b.xml"


def test_names_of_parts_differ_in_case_only() -> None:
    """As the standard has it, and as some programs write them."""
    assert resolve("OEBPS/book.opf", "Text/One.xhtml") == "OEBPS/Text/One.xhtml"


def test_parts_are_found_whatever_their_case(tmp_path: Path) -> None:
    """The standard compares them so."""
    path = write_package(tmp_path / "a", {"Word/Document.XML": "<a/>"})
    with open_package(path) as package:
        assert "word/document.xml" in package
        assert package.read("word/document.xml") == b"<a/>"


def test_documents_with_nothing_in_them_have_no_text(tmp_path: Path) -> None:
    """A new file that nobody wrote into is told from one that can't be read."""
    assert text_of(DocxConverter().convert(write_docx(tmp_path / "a", paragraph("")), range(1))) == ""
    assert text_of(PptxConverter().convert(write_pptx(tmp_path / "b", shape("")), range(1))) == ""
    assert text_of(XlsxConverter().convert(write_xlsx(tmp_path / "c", {"Plan1": cells()}), range(1))) == ""
    assert text_of(EpubConverter().convert(write_epub(tmp_path / "d", {"": "<p/>"}), range(1))) == ""
    assert reason(PptxConverter(), write_pptx(tmp_path / "e")) == "empty"
    assert reason(XlsxConverter(), write_xlsx(tmp_path / "f", {"x": cells()}, hidden="x")) == "empty"
    assert reason(EpubConverter(), write_epub(tmp_path / "g", {})) == "empty"
