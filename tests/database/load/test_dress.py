"""From what the layout sees of a page to the Markdown of its passages."""

from __future__ import annotations

from database.load.converters.base import Block, Kind, Line, Page, Region
from database.load.dress import dress, markdown_of
from database.load.split import Passage, split
from database.records import Box


def line(text: str, top: float) -> Line:
    return Line(text=text, box=Box(page=1, x0=50, y0=top, x1=500, y1=top + 10))


def block(*lines: Line, kind: Kind = "text", markdown: str = "") -> Block:
    return Block(kind=kind, level=int(kind == "heading"), lines=lines, markdown=markdown)


def region(markdown: str, top: float, bottom: float, kind: Kind = "text") -> Region:
    box = Box(page=1, x0=40, y0=top, x1=510, y1=bottom)
    return Region(kind=kind, level=0, box=box, markdown=markdown)


def passages(*blocks: Block, characters: int = 900) -> list[Passage]:
    return split([Page(number=1, blocks=blocks)], characters)


def test_a_region_belongs_to_the_passage_that_its_lines_are_in() -> None:
    """In the order of the lines, once, whatever blocks they were."""
    found = passages(
        block(line("Título", 10), kind="heading"), block(line("Um texto.", 30), line("Mais.", 42))
    )
    seen = [region("**Um texto.** Mais.", 28, 54), region("## Título", 8, 22, "heading")]
    assert dress(found, seen) == ["## Título\n\n**Um texto.** Mais."]


def test_lines_that_no_region_holds_are_kept() -> None:
    """Where they stand: what is not shown can't be read."""
    found = passages(block(line("antes", 10), line("dentro", 30), line("depois", 50)))
    assert dress(found, [region("*dentro*", 28, 42)]) == ["antes\n\n*dentro*\n\ndepois"]
    assert dress(found, []) == ["antes dentro depois"]


def test_a_paragraph_that_is_cut_gives_each_passage_its_own_part() -> None:
    """Neither is shown what the other holds."""
    found = passages(block(line("Uma frase inteira.", 10), line("Outra frase inteira.", 22)), characters=25)
    assert [passage.text for passage in found] == ["Uma frase inteira.", "Outra frase inteira."]
    assert dress(found, [region("**Uma** frase inteira. Outra frase inteira.", 8, 34)]) == [
        "Uma frase inteira.",
        "Outra frase inteira.",
    ]


def test_a_table_that_is_cut_is_shown_whole_by_each_part() -> None:
    """A row says little without its heading."""
    table = "|Item|2016|\n|---|---|\n|Receita|94.665|\n|Custo|88.265|"
    rows = block(line("Item 2016", 10), line("Receita 94.665", 22), line("Custo 88.265", 34), kind="table")
    found = passages(rows, characters=20)
    assert len(found) == 3
    assert dress(found, [region(table, 8, 46, "table")]) == [table] * 3


def test_a_very_long_table_is_shown_as_its_head_and_the_rows_that_are_held() -> None:
    """What a model reads has an end."""
    numbers = range(400)
    table = "\n".join(["|Item|Valor|", "|---|---|", *(f"|Item número {n:03}|{n},00|" for n in numbers)])
    rows = block(*(line(f"Item número {n:03} {n},00", 10 + 2 * n) for n in numbers), kind="table")
    found = passages(rows)
    dressed = dress(found, [region(table, 0, 900, "table")])
    assert all(text.startswith("|Item|Valor|\n|---|---|\n") for text in dressed)
    assert "|Item número 000|0,00|" in dressed[0]
    assert "|Item número 399|399,00|" in dressed[-1]
    assert max(map(len, dressed)) < 2_000


def test_until_the_layout_has_looked_the_places_of_lines_will_do() -> None:
    """An answer is never without text."""
    page = Page(number=1, blocks=(block(line("texto", 10), markdown="**texto**"),), route="layout")
    assert page.awaits_layout
    assert markdown_of(page, split([page])) == ["**texto**"]
