"""Quoting; what every model shows is in tests/contracts."""

from __future__ import annotations

import pytest

from app.context import Passage
from app.models.base import Usage
from app.models.extractive import MOST_PASSAGES, MOST_SENTENCES, ExtractiveModel, choose_quotes
from app.prompt import build_prompt
from tests.app.fakes import a_passage

PT = """O programa foi criado em 2009 pela reitoria. O prazo para a inscrição dos candidatos termina em
30 de junho. A bolsa paga R$ 1.234,56 por mês aos estudantes. Os relatórios são entregues à coordenação."""
ES = """El programa fue creado en 2009 por el rectorado. El plazo para la inscripción de los candidatos
termina el 30 de junio. La beca paga 1.234,56 euros al mes a los alumnos. Los informes se entregan aparte."""
EN = """The programme was created in 2009 by the rectorate. The deadline for the registration of candidates
is 30 June. The grant pays students $1,234.56 every month. Reports are handed in to the coordinator."""


async def answer(question: str, *passages: Passage) -> str:
    parts = [part async for part in ExtractiveModel().stream(build_prompt(question, "en", passages))]
    assert isinstance(parts[-1], Usage)
    return "".join(part for part in parts if isinstance(part, str))


@pytest.mark.parametrize(
    ("language", "text", "question", "quote"),
    [
        ("pt", PT, "Até quando os candidatos podem se inscrever?", "30 de junho"),
        ("pt", PT, "Quanto a bolsa paga?", "R$ 1.234,56"),
        ("pt", PT, "Quem recebe os relatorios?", "à coordenação"),
        ("es", ES, "¿Cuál es el plazo de inscripción?", "30 de junio"),
        ("es", ES, "¿Cuánto paga la beca?", "1.234,56 euros"),
        ("es", ES, "¿En qué año se creó el programa?", "2009"),
        ("en", EN, "What is the deadline for registering?", "30 June"),
        ("en", EN, "How much does the grant pay?", "$1,234.56"),
        ("en", EN, "When was the programme created?", "2009"),
    ],
)
def test_finds_the_sentence_that_answers(language: str, text: str, question: str, quote: str) -> None:
    """Whatever the inflection and the accents of the question."""
    quotes = choose_quotes(question, [a_passage(text=text, language=language)])
    assert quote in " ".join(one.text for one in quotes)
    assert len(quotes) <= 2


async def test_quotes_exactly_with_the_number_of_the_passage() -> None:
    """Each sentence is followed by where it stands; only line breaks are changed."""
    passages = [
        a_passage(1, PT, language="pt"),
        a_passage(2, "Outro assunto, sem nada disso.", language="pt"),
    ]
    assert await answer("Qual é o prazo para a inscrição?", *passages) == (
        "O prazo para a inscrição dos candidatos termina em 30 de junho. [1]"
    )


def test_quotes_in_reading_order() -> None:
    """The best sentence may come last."""
    text = (
        "The fee is low. The fee of the annual licence is 40 reais. The annual fee is due in May each year."
    )
    starts = [
        (one.n, one.start) for one in choose_quotes("annual fee", [a_passage(1, text), a_passage(2, text)])
    ]
    assert starts == sorted(starts)


def test_quotes_little() -> None:
    """From few passages, and few sentences, however much fits."""
    text = " ".join(f"The fee for service number {n} is due." for n in range(10))
    quotes = choose_quotes("What is the fee for the service?", [a_passage(n, text) for n in range(1, 7)])
    assert len(quotes) <= MOST_SENTENCES
    assert len({one.n for one in quotes}) <= MOST_PASSAGES


def test_headings_and_page_numbers_are_not_quoted() -> None:
    """They repeat the question's words and say nothing."""
    text = "Annual fee\n\nPage 3\n\nThe annual fee of the licence is 40 reais.\n\nAnnual fee"
    [quote] = choose_quotes("What is the annual fee?", [a_passage(text=text)])
    assert quote.text == "The annual fee of the licence is 40 reais."


async def test_words_that_nobody_used_still_get_a_quote() -> None:
    """The search found the passage by its meaning."""
    assert "[1]" in await answer("Zygote?", a_passage(text="Cells divide and grow over time."))


async def test_a_documents_own_footnotes_are_not_citations() -> None:
    """[2] of an encyclopaedia is not our passage 2."""
    text = await answer(
        "When was it founded?", a_passage(text="It was founded in 1911.[2] It grew [3] fast.")
    )
    assert "[2]" not in text
    assert "[3]" not in text


def test_a_table_without_punctuation_is_cut() -> None:
    """Nobody reads a quotation of two pages."""
    [quote] = choose_quotes("fee", [a_passage(text="fee 40 reais " * 500)])
    assert len(quote.text) < 700
    assert quote.text.endswith("…")


async def test_without_text_there_is_no_answer() -> None:
    """And no crash: an empty answer is for the caller to judge."""
    assert await answer("What?", a_passage(text="")) == ""


async def test_an_answer_comes_word_by_word() -> None:
    """As a model's would."""
    parts = [part async for part in ExtractiveModel().stream(build_prompt("answer", "en", [a_passage()]))]
    assert parts[:4] == ["The ", "answer ", "is ", "42. "]
