"""How far an answer stands in what it cites."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from app.citations import Citation
from app.citations import cited as found_in
from app.context import Passage
from app.support import check
from database.records import Chunk
from tests.app.fakes import a_passage

NOTICE = a_passage(
    1, "O prazo para recurso é de 30 dias úteis. A multa é de R$ 1.234,56 por dia de atraso.", language="pt"
)
OTHER = a_passage(2, "The committee of Dona Francisca met in Lisbon on 12/03/2024.", language="en")


class Alike:
    """Says how alike they are, and notes what it was asked."""

    def __init__(self, likeness: float = 0.0) -> None:
        self.likeness = likeness
        self.asked: list[str] = []

    async def __call__(self, texts: Sequence[str], passages: Sequence[Sequence[Chunk]]) -> list[float]:
        self.asked += texts
        return [self.likeness] * len(texts)


async def checked(text: str, alike: Alike | None = None) -> list[Citation]:
    return list((await check(text, cited(text), [NOTICE, OTHER], alike or Alike())).citations)


def cited(text: str, passages: Sequence[Passage] = (NOTICE, OTHER)) -> list[Citation]:
    return found_in(text, frozenset(passage.n for passage in passages))


@pytest.mark.parametrize(
    "text",
    [
        "O prazo para recurso é de 30 dias úteis [1].",
        "Os recursos têm prazo de **30 dias** úteis [1].",
        "A multa diária por atraso é de R$ 1,234.56 [1].",
        "The committee met in Lisbon on 12/3/2024 [2].",
    ],
)
async def test_what_stands_there_is_supported(text: str) -> None:
    """In its words, inflected or not, and with its numbers however they are written."""
    alike = Alike()
    [citation] = await checked(text, alike)
    assert citation.support is not None
    assert citation.support >= 0.75
    assert citation.missing == ()
    assert alike.asked == []


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("O prazo para recurso é de 45 dias úteis [1].", ("45",)),
        ("A multa é de R$ 1.234,65 por dia de atraso [1].", ("1.234,65",)),
        ("The committee of Dona Francisca met in Madrid on 12/03/2024 [2].", ("Madrid",)),
        ("The committee met in Lisbon on 13/03/2024 [2].", ("13/03/2024",)),
    ],
)
async def test_a_number_or_a_name_that_is_not_there_is_told(text: str, missing: tuple[str, ...]) -> None:
    """All other words may stand there, and the meaning be alike."""
    [citation] = await checked(text, Alike(0.99))
    assert citation.missing == missing
    assert citation.support is not None
    assert citation.support <= 0.3


async def test_other_words_for_the_same_are_told_by_their_meaning() -> None:
    """As in another language."""
    alike = Alike(0.8)
    [citation] = await checked("Appeals can be lodged for 30 working days [1].", alike)
    assert citation.support == 0.8
    assert alike.asked == ["Appeals can be lodged for 30 working days"]
    [citation] = await checked("Gatos dormem muito durante a tarde [1].", Alike(0.1))
    assert citation.support == 0.1


async def test_names_of_another_language_are_no_mistakes() -> None:
    """A translation writes them otherwise; its numbers must stand there all the same."""
    passage = a_passage(1, "O Ministério da Saúde do Brasil fixou 30 dias.", language="pt")
    text = "In Brazil, the Federal Ministry of Health has allowed 30 days [1]."
    found = await check(text, cited(text, [passage]), [passage], Alike(0.7))
    assert [(one.support, one.missing) for one in found.citations] == [(0.7, ())]
    text = text.replace("30", "45")
    found = await check(text, cited(text, [passage]), [passage], Alike(0.7))
    assert [one.missing for one in found.citations] == [("45",)]


async def test_several_sources_of_one_sentence_share_its_numbers() -> None:
    """A part of it stands in each."""
    first, second = await checked(
        "O prazo é de 30 dias; o comitê reuniu-se em 12/03/2024 [1][2].", Alike(0.5)
    )
    assert first.missing == second.missing == ()


async def test_what_cites_nothing_is_told() -> None:
    """But for headings, announcements and questions."""
    text = (
        "## Prazos\n\nOs prazos são estes:\n\n- O prazo é de 30 dias úteis [1].\n"
        "- Tudo o mais é dito noutro lugar.\n\n"
        "Quer saber mais sobre os prazos?"
    )
    found = await check(text, cited(text), [NOTICE, OTHER], Alike())
    assert [text[start:end] for start, end in found.uncited] == ["- Tudo o mais é dito noutro lugar."]


async def test_an_answer_without_citations_has_nothing_to_be_checked() -> None:
    """Nobody is asked."""
    alike = Alike()
    found = await check("Sim.", [], [NOTICE], alike)
    assert (found.citations, found.uncited, alike.asked) == ([], [], [])
