"""Word documents: what stands in them, in order, and what people don't see there."""

from __future__ import annotations

from pathlib import Path

from database.load.converters.base import Block
from database.load.converters.docx import DocxConverter
from tests.database.load.converters.packages import in_list, paragraph, table, write_docx

_NUMBERING = (
    '<w:abstractNum w:abstractNumId="0">'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="Art. %1º"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="upperRoman"/><w:lvlText w:val="%1.%2 –"/></w:lvl>'
    '</w:abstractNum><w:abstractNum w:abstractNumId="1">'
    '<w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
)


def blocks(path: Path) -> tuple[Block, ...]:
    (page,) = DocxConverter().convert(path, range(1))
    return page.blocks


def texts(path: Path) -> list[str]:
    return [line.text for block in blocks(path) for line in block.lines]


def test_headings_are_told_by_their_styles(tmp_path: Path) -> None:
    """By the name that Word keeps in every language, what a style is based on, or the paragraph itself."""
    path = write_docx(
        tmp_path / "a.docx",
        paragraph("Um", "Ttulo1"),
        paragraph("Dois", "Ttulo2"),
        paragraph("Três", "Capitulo"),
        paragraph("Quatro", properties='<w:outlineLvl w:val="2"/>'),
        paragraph("Texto", "Desconhecido"),
    )
    assert [(b.kind, b.level, b.markdown) for b in blocks(path)] == [
        ("heading", 1, "# Um"),
        ("heading", 2, "## Dois"),
        ("heading", 1, "# Três"),
        ("heading", 3, "### Quatro"),
        ("text", 0, ""),
    ]


def test_paragraphs_get_the_numbers_that_word_shows(tmp_path: Path) -> None:
    """They aren't in the text of the file, but people ask for "Art. 2º"."""
    path = write_docx(
        tmp_path / "a.docx",
        in_list("Primeiro.", 1),
        in_list("Um inciso.", 1, 1),
        in_list("Outro inciso.", 1, 1),
        in_list("Segundo.", 1),
        in_list("Um inciso do segundo.", 1, 1),
        in_list("Um ponto.", 2),
        in_list("De lista nenhuma.", 9),
        numbering=_NUMBERING,
    )
    assert texts(path) == [
        "Art. 1º Primeiro.",
        "1.I – Um inciso.",
        "1.II – Outro inciso.",
        "Art. 2º Segundo.",
        "2.I – Um inciso do segundo.",
        "Um ponto.",
        "De lista nenhuma.",
    ]
    assert blocks(path)[5].markdown == "- Um ponto."


def test_tables_keep_their_grid(tmp_path: Path) -> None:
    """Cells that are merged leave the others where they are; bars are no cells."""
    merged = (
        "<w:tbl><w:tr><w:tc>" + paragraph("Ano") + "</w:tc><w:tc>" + paragraph("Valor|R$") + "</w:tc></w:tr>"
        '<w:tr><w:tc><w:tcPr><w:vMerge w:val="restart"/></w:tcPr>' + paragraph("2025") + "</w:tc>"
        "<w:tc>" + paragraph("1") + paragraph("mais") + "</w:tc></w:tr>"
        "<w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr>"
        + paragraph("")
        + "</w:tc><w:tc>"
        + paragraph("2")
        + "</w:tc></w:tr>"
        '<w:tr><w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr>'
        + paragraph("Total 3")
        + "</w:tc></w:tr></w:tbl>"
    )
    (block,) = blocks(write_docx(tmp_path / "a.docx", merged))
    assert block.kind == "table"
    assert [line.text for line in block.lines] == ["Ano Valor|R$", "2025 1 mais", "2", "Total 3"]
    assert block.markdown == "|Ano|Valor\\|R$|\n|---|---|\n|2025|1 mais|\n||2|\n|Total 3||"


def test_a_frame_around_paragraphs_is_no_table(tmp_path: Path) -> None:
    """Its headings stay headings."""
    framed = f"<w:tbl><w:tr><w:tc>{paragraph('Aviso', 'Ttulo1')}{paragraph('Texto.')}</w:tc></w:tr></w:tbl>"
    assert [b.kind for b in blocks(write_docx(tmp_path / "a.docx", framed))] == ["heading", "text"]


def test_what_was_deleted_is_not_read(tmp_path: Path) -> None:
    """Insertions are; so are links, fields' results and text that a control holds."""
    body = (
        "<w:p><w:del><w:r><w:delText>velho</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>novo </w:t></w:r></w:ins><w:hyperlink><w:r><w:t>elo</w:t></w:r></w:hyperlink>"
        "<w:r><w:instrText> PAGEREF x </w:instrText></w:r><w:r><w:tab/><w:t>7</w:t></w:r></w:p>"
        f"<w:sdt><w:sdtPr/><w:sdtContent>{paragraph('No controle.')}</w:sdtContent></w:sdt>"
    )
    assert texts(write_docx(tmp_path / "a.docx", body)) == ["novo elo 7", "No controle."]


def test_text_boxes_come_once(tmp_path: Path) -> None:
    """Files hold them twice, for newer and for older programs."""
    box = f"<w:txbxContent>{paragraph('Na caixa.')}</w:txbxContent>"
    space = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    body = (
        f"<w:p><w:r><w:t>Ao lado.</w:t></w:r><w:r><mc:AlternateContent {space}><mc:Choice><w:drawing>{box}"
        f"</w:drawing></mc:Choice><mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    assert texts(write_docx(tmp_path / "a.docx", body)) == ["Ao lado.", "Na caixa."]


def test_notes_follow_their_paragraph(tmp_path: Path) -> None:
    """Once; the lines that part them from the text are none."""
    reference = '<w:p><w:r><w:t>Texto.</w:t><w:footnoteReference w:id="2"/></w:r></w:p>'
    notes = (
        f'<w:footnote w:type="separator" w:id="0">{paragraph("—")}</w:footnote>'
        f'<w:footnote w:id="2">{paragraph("A nota.")}</w:footnote>'
    )
    path = write_docx(tmp_path / "a.docx", reference, paragraph("Depois."), footnotes=notes)
    assert texts(path) == ["Texto.", "A nota.", "Depois."]


def test_the_title_is_the_one_that_people_see(tmp_path: Path) -> None:
    """What a template left in the file's properties counts only where there is no other."""
    path = write_docx(tmp_path / "a.docx", paragraph("Edital nº 3", "Ttulo"), title="Modelo")
    assert DocxConverter().outline(path).title == "Edital nº 3"
    path = write_docx(tmp_path / "b.docx", paragraph("Texto."), title=" Regimento ")
    assert DocxConverter().outline(path).title == "Regimento"


def test_lines_of_a_paragraph_stay_lines(tmp_path: Path) -> None:
    """An address or a verse."""
    body = (
        "<w:p><w:r><w:t>Rua A, 1</w:t><w:br/><w:t xml:space='preserve'>40000-000  Salvador</w:t></w:r></w:p>"
    )
    assert texts(write_docx(tmp_path / "a.docx", body)) == ["Rua A, 1", "40000-000 Salvador"]


def test_a_table_inside_a_cell_is_text_of_the_cell(tmp_path: Path) -> None:
    """Nothing of it is lost, and nothing comes twice."""
    inner = table(("a", "b"), ("c", "d"))
    body = f"<w:tbl><w:tr><w:tc>{inner}</w:tc><w:tc>{paragraph('fora')}</w:tc></w:tr></w:tbl>"
    assert texts(write_docx(tmp_path / "a.docx", body)) == ["a b c d fora"]
