"""Pages cut into passages."""

from __future__ import annotations

from database.load.converters.base import Block, Kind, Line, Page
from database.load.split import split
from database.records import Box


def block(*lines: str, kind: Kind = "text", level: int = 0, markdown: str = "", page: int = 1) -> Block:
    boxes = [Box(page=page, x0=10, y0=20 * n, x1=100 + n, y1=20 * n + 10) for n in range(len(lines))]
    return Block(
        kind=kind,
        level=level,
        lines=tuple(Line(text=text, box=box) for text, box in zip(lines, boxes, strict=True)),
        markdown=markdown,
    )


def heading(text: str, level: int = 1) -> Block:
    return block(text, kind="heading", level=level, markdown=f"{'#' * level} **{text}**")


def page(*blocks: Block, number: int | None = 1) -> Page:
    return Page(number=number, blocks=blocks)


def sentence(n: int) -> str:
    return f"Esta é a frase de número {n} do texto."


def test_short_blocks_share_a_passage() -> None:
    """In reading order, text and Markdown side by side, with a box for each block."""
    (passage,) = split([page(heading("Prazos"), block("Um.", markdown="- Um."), block("Dois."))])
    assert passage.text == "Prazos\nUm.\nDois."
    assert passage.markdown == "# **Prazos**\n\n- Um.\n\nDois."
    assert len(passage.boxes) == 3
    assert (passage.page, passage.section) == (1, ("Prazos",))


def test_a_passage_never_crosses_a_page() -> None:
    """So that the page it names is right; the section goes on."""
    passages = split([page(heading("Prazos"), block("Um.")), page(block("Dois."), number=2)])
    assert [(p.page, p.text, p.section) for p in passages] == [
        (1, "Prazos\nUm.", ("Prazos",)),
        (2, "Dois.", ("Prazos",)),
    ]


def test_no_passage_is_longer_than_asked() -> None:
    """Blocks are gathered up to the length, and longer ones are cut at sentences."""
    long = block(*(sentence(n) for n in range(60)))
    passages = split([page(long, *(block(sentence(n)) for n in range(60, 90)))], 300)
    assert all(len(p.text) <= 310 for p in passages)
    assert all(p.text.endswith("texto.") and p.text.startswith("Esta") for p in passages)
    assert " ".join(p.text for p in passages).replace("\n", " ") == " ".join(sentence(n) for n in range(90))


def test_a_cut_has_the_box_of_its_own_lines() -> None:
    """Not of the whole block: the mark shows what was found."""
    long = block(*(sentence(n) for n in range(20)))
    first, *_, last = split([page(long)], 200)
    assert first.boxes[0].y0 == 0
    assert first.boxes[0].y1 < last.boxes[0].y0
    assert last.boxes[0].y1 == 20 * 19 + 10


def test_a_sentence_longer_than_a_passage_is_cut_between_words() -> None:
    """And one word longer than that, anywhere."""
    passages = split([page(block("palavra " * 100))], 120)
    assert all(len(p.text) <= 120 for p in passages)
    assert {word for p in passages for word in p.text.split()} == {"palavra"}
    assert "".join(p.text for p in split([page(block("x" * 500))], 120)) == "x" * 500


def test_headings_make_a_path_and_begin_passages() -> None:
    """A deeper heading is added, one of the same level replaces."""
    long = sentence(1) * 8
    passages = split(
        [page(heading("A"), block(long), heading("A.1", 2), block(long), heading("B"), block(long))], 600
    )
    assert [p.section for p in passages] == [("A",), ("A", "A.1"), ("B",)]
    assert [p.text.split("\n")[0] for p in passages] == ["A", "A.1", "B"]


def test_a_heading_is_never_left_alone_before_its_text() -> None:
    """Even where its text fills a passage by itself."""
    passages = split([page(heading("A"), block(sentence(1) * 10))], 200)
    assert passages[0].text.startswith("A\nEsta")


def test_a_heading_begins_what_follows_it() -> None:
    """It never ends the passage before, whether text, a table or another heading comes next."""
    filling, caption = block(sentence(1) * 4), block("Tabela 3. Valores por ano.")
    for following in (block(sentence(2) * 4), block(*["Linha 1 10"] * 15, kind="table"), heading("B")):
        passages = split([page(filling, heading("A", 2), following, caption)], 180)
        assert passages[0].text == sentence(1) * 4
        assert passages[1].text.startswith("A\n")
        assert passages[1].section[0] in ("A", "B")


def test_a_table_keeps_its_caption() -> None:
    """The short text right before it, with the headings above that; long text is no caption."""
    table = block(*(f"Linha {n} {n * 10}" for n in range(30)), kind="table", markdown="|a|b|")
    caption = block("Tabela 3. Valores por ano:")
    before, first, *others = split([page(block(sentence(1) * 3), heading("Balanço"), caption, table)], 200)
    assert before.text == sentence(1) * 3
    assert first.text.startswith("Balanço\nTabela 3. Valores por ano:\nLinha 0")
    assert first.section == ("Balanço",)
    assert all("Tabela" not in other.text for other in others)
    long = block(sentence(1) * 6)
    passages = split([page(block(sentence(2)), long, table)], 300)
    assert passages[0].text.endswith(sentence(1))
    assert passages[1].text.startswith("Linha 0")


def test_tables_that_follow_each_other_stay_apart() -> None:
    """The end of one is no caption of the next, and nothing is lost where all of a passage is carried on."""
    rows = [block(*(f"Linha {table} {n}" for n in range(12)), kind="table") for table in range(3)]
    passages = split([page(block("Valores:"), *rows)], 130)
    assert passages[0].text.startswith("Valores:\nLinha 0 0")
    words = " ".join(p.text for p in passages).replace("\n", " ")
    assert words == " ".join(["Valores:", *(line.text for one in rows for line in one.lines)])


def test_a_table_is_cut_between_rows_and_shown_whole() -> None:
    """Each part finds by its own rows and shows all of them."""
    rows = [f"Linha {n} {n * 10}" for n in range(50)]
    table = block(*rows, kind="table", markdown="|a|b|")
    passages = split([page(table)], 200)
    assert len(passages) > 1
    assert [row for p in passages for row in p.text.split("\n")] == rows
    assert {p.markdown for p in passages} == {"|a|b|"}


def test_a_table_that_is_cut_keeps_its_heading() -> None:
    """It stands before the first part; the others have it as their section."""
    table = block(*(f"Linha {n} {n * 10}" for n in range(50)), kind="table", markdown="|a|b|")
    first, *others = split([page(block(sentence(1) * 3), heading("Balanço"), table)], 200)[1:]
    assert first.text.startswith("Balanço\nLinha 0")
    assert first.markdown == "# **Balanço**\n\n|a|b|"
    assert others
    assert {(passage.section, passage.markdown) for passage in others} == {(("Balanço",), "|a|b|")}


def test_code_keeps_its_lines() -> None:
    """Commands that run together can't be copied."""
    (passage,) = split([page(block("cd acervo", "scripts/run", kind="code"))])
    assert passage.text == "cd acervo\nscripts/run"


def test_words_broken_at_a_line_end_are_joined() -> None:
    """Where the next line goes on in small letters."""
    (passage,) = split([page(block("o creden-", "ciamento da Bem-", "Aventurada"))])
    assert passage.text == "o credenciamento da Bem- Aventurada"


def test_running_heads_are_left_out_unless_there_is_nothing_else() -> None:
    """A page number says nothing about a page, and is all that some pages say."""
    furniture = block("Relatório 2024", kind="furniture")
    passages = split([page(furniture, block("Texto.")), page(furniture, number=2)])
    assert [p.text for p in passages] == ["Texto.", "Relatório 2024"]


def test_a_document_without_pages_has_none() -> None:
    """Web pages and texts."""
    (passage,) = split([page(block("Texto."), number=None)])
    assert passage.page is None
