"""Small documents of Office and EPUB, written by hand."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_CORE = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_P = (
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
)
_S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def write_package(path: Path, parts: dict[str, str | bytes]) -> Path:
    """A zip file of these parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def relations(*relations: tuple[str, str, str], external: bool = False) -> str:
    """(id, kind, target) each, as a part of relations."""
    mode = ' TargetMode="External"' if external else ""
    items = "".join(
        f'<Relationship Id="{id_}" Type="{_CORE if kind == "core-properties" else _TYPE + kind}"'
        f" Target={quoteattr(target)}{mode}/>"
        for id_, kind, target in relations
    )
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f"{items}</Relationships>"
    )


def _office(document: str, title: str) -> dict[str, str | bytes]:
    return {
        "_rels/.rels": relations(
            ("r1", "officeDocument", document), ("r2", "core-properties", "docProps/core.xml")
        ),
        "docProps/core.xml": (
            '<c:coreProperties xmlns:c="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
            f' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{escape(title)}</dc:title>'
            "</c:coreProperties>"
        ),
    }


def paragraph(text: str, style: str = "", properties: str = "") -> str:
    """A paragraph of Word."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{named}{properties}</w:pPr><w:r><w:t>{escape(text)}</w:t></w:r></w:p>"


def in_list(text: str, list_id: int, level: int = 0) -> str:
    numbered = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>'
    return paragraph(text, properties=numbered)


def table(*rows: tuple[str, ...]) -> str:
    """A table of Word."""
    cells = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


STYLES = (
    f"<w:styles {_W}>"
    '<w:style w:type="paragraph" w:styleId="Ttulo"><w:name w:val="Title"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Ttulo1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Ttulo2"><w:name w:val="heading 2"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Capitulo"><w:name w:val="Capítulo"/>'
    '<w:basedOn w:val="Ttulo1"/></w:style></w:styles>'
)


def write_docx(
    path: Path, *body: str, title: str = "", numbering: str = "", footnotes: str = "", **parts: str
) -> Path:
    """A Word document of these paragraphs and tables."""
    related = [("s", "styles", "styles.xml")]
    if numbering:
        related.append(("n", "numbering", "numbering.xml"))
    if footnotes:
        related.append(("f", "footnotes", "footnotes.xml"))
    return write_package(
        path,
        {
            **_office("word/document.xml", title),
            "word/document.xml": f"<w:document {_W}><w:body>{''.join(body)}</w:body></w:document>",
            "word/_rels/document.xml.rels": relations(*related),
            "word/styles.xml": STYLES,
            "word/numbering.xml": f"<w:numbering {_W}>{numbering}</w:numbering>",
            "word/footnotes.xml": f"<w:footnotes {_W}>{footnotes}</w:footnotes>",
            **parts,
        },
    )


def shape(*paragraphs: str, placeholder: str | None = None) -> str:
    """A shape of a slide. `placeholder` is its kind, "" where it says none; None for a free text box."""
    kind = f' type="{placeholder}"' if placeholder else ""
    ph = "" if placeholder is None else f"<p:ph{kind}/>"
    texts = "".join(f"<a:p><a:r><a:t>{escape(text)}</a:t></a:r></a:p>" for text in paragraphs)
    return f"<p:sp><p:nvSpPr><p:nvPr>{ph}</p:nvPr></p:nvSpPr><p:txBody>{texts}</p:txBody></p:sp>"


def write_pptx(path: Path, *slides: str, title: str = "", **parts: str) -> Path:
    """A presentation; each slide is its shapes. `parts` are further ones, by their names."""
    numbers = range(1, len(slides) + 1)
    listed = "".join(f'<p:sldId id="{255 + n}" r:id="r{n}"/>' for n in numbers)
    return write_package(
        path,
        {
            **_office("ppt/presentation.xml", title),
            "ppt/presentation.xml": (
                f"<p:presentation {_P} {_R}><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>"
            ),
            "ppt/_rels/presentation.xml.rels": relations(
                *((f"r{n}", "slide", f"slides/slide{n}.xml") for n in numbers)
            ),
            **{
                f"ppt/slides/slide{n}.xml": (
                    f"<p:sld {_P} {_R}><p:cSld><p:spTree>{slide}</p:spTree></p:cSld></p:sld>"
                )
                for n, slide in zip(numbers, slides, strict=True)
            },
            **parts,
        },
    )


def cells(*rows: tuple[str | float | None, ...]) -> str:
    """The rows of a sheet, its texts inline."""

    def cell(value: str | float | None) -> str:
        if value is None:
            return "<c/>"
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        return f"<c><v>{value}</v></c>"

    return "".join(f'<row r="{n}">{"".join(map(cell, row))}</row>' for n, row in enumerate(rows, 1) if row)


def write_xlsx(
    path: Path, sheets: dict[str, str], *, hidden: str = "", title: str = "", **parts: str
) -> Path:
    """A workbook; each sheet is its rows. `parts`: "styles" and "strings", the insides of their roots."""
    numbers = range(1, len(sheets) + 1)
    states = {hidden: ' state="hidden"'}
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="r{n}"{states.get(name, "")}/>'
        for n, name in zip(numbers, sheets, strict=True)
    )
    related = [(f"r{n}", "worksheet", f"/xl/worksheets/sheet{n}.xml") for n in numbers]
    written: dict[str, str | bytes] = {}
    if "styles" in parts:
        related.append(("st", "styles", "styles.xml"))
        written["xl/styles.xml"] = f"<styleSheet {_S}>{parts['styles']}</styleSheet>"
    if "strings" in parts:
        related.append(("ss", "sharedStrings", "sharedStrings.xml"))
        written["xl/sharedStrings.xml"] = f"<sst {_S}>{parts['strings']}</sst>"
    return write_package(
        path,
        {
            **_office("xl/workbook.xml", title),
            "xl/workbook.xml": f"<workbook {_S} {_R}><sheets>{listed}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": relations(*related),
            **{
                f"xl/worksheets/sheet{n}.xml": f"<worksheet {_S}><sheetData>{rows}</sheetData></worksheet>"
                for n, rows in zip(numbers, sheets.values(), strict=True)
            },
            **written,
        },
    )


def write_epub(path: Path, chapters: dict[str, str], *, title: str = "", **parts: str) -> Path:
    """A book; each chapter is the inside of its page's body, by its name in the contents."""
    numbers = range(1, len(chapters) + 1)
    manifest = "".join(
        f'<item id="c{n}" href="text/c%20{n}.xhtml" media-type="application/xhtml+xml"/>' for n in numbers
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in numbers)
    contents = "".join(
        f'<li><a href="text/c%20{n}.xhtml#top">{escape(name)}</a></li>'
        for n, name in zip(numbers, chapters, strict=True)
    )
    return write_package(
        path,
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": (
                '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
                '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
            ),
            "OEBPS/book.opf": (
                '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
                f"<metadata><dc:title>{escape(title)}</dc:title></metadata><manifest>{manifest}"
                '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
                "</manifest>"
                f'<spine><itemref idref="nav"/>{spine}</spine></package>'
            ),
            "OEBPS/nav.xhtml": (
                '<html xmlns="http://www.w3.org/1999/xhtml"><body>'
                f"<nav><ol>{contents}</ol></nav></body></html>"
            ),
            **{
                f"OEBPS/text/c {n}.xhtml": (
                    '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE html>'
                    '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head>'
                    f"<body>{body}</body></html>"
                )
                for n, body in zip(numbers, chapters.values(), strict=True)
            },
            **parts,
        },
    )
