"""Which matches a model is to read."""

from __future__ import annotations

import pytest

from app.selection import spread, without_repeats
from database.records import Match
from tests.app.fakes import a_chunk, a_match

MATCHES = [
    a_match(chunk=a_chunk("a", 0), relevance=0.9),
    a_match(chunk=a_chunk("a", 1), relevance=0.8),
    a_match(chunk=a_chunk("b", 0), relevance=0.7),
    a_match(chunk=a_chunk("b", 1), relevance=0.6),
    a_match(chunk=a_chunk("c", 0), relevance=0.2),
]


def ids(matches: list[Match]) -> list[str]:
    return [f"{match.document.id}{match.chunk.position}" for match in matches]


@pytest.mark.parametrize(
    "question",
    [
        "Compare o prazo do edital com o do contrato",
        "Qual a diferença entre o edital e o contrato?",
        "¿Qué es mayor, la multa del pliego que la del contrato?",
        "Is the fine in the notice higher than in the contract?",
        "Was there any change between Q2 of FY2024 and FY2023?",
    ],
)
def test_a_question_that_compares_reads_several_documents(question: str) -> None:
    """The best of each in turn; one that says nothing of it stays behind."""
    assert ids(spread(question, MATCHES)) == ["a0", "b0", "a1", "b1", "c0"]


@pytest.mark.parametrize("question", ["Qual é o prazo?", "¿Cuál es la multa?", "Who signs the contract?"])
def test_any_other_question_keeps_the_order(question: str) -> None:
    """The best first, from whichever document."""
    assert spread(question, MATCHES) == MATCHES
    assert spread("compare", []) == []


def test_the_same_text_is_read_once() -> None:
    """With another mark at its foot; the better match stays."""
    text = "O prazo de entrega é de trinta dias contados da assinatura do contrato pelo fornecedor"
    first = a_match(chunk=a_chunk("a", text=text), relevance=0.8)
    again = a_match(chunk=a_chunk("b", text=f"{text.upper()} (cópia)"), relevance=0.9)
    assert without_repeats([first, again]) == [first]


def test_texts_that_differ_in_a_number_are_both_read() -> None:
    """Reports say the same of every year."""
    one, other = (
        a_match(
            chunk=a_chunk(id_, text=f"Net sales rose to $ {sum_} million in fiscal {year}, from all segments")
        )
        for id_, sum_, year in (("a", "10", "2019"), ("b", "12", "2020"))
    )
    assert without_repeats([one, other]) == [one, other]
