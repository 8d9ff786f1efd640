"""Answers that say in a model's own words that it doesn't know."""

from __future__ import annotations

import random

import pytest

from app.messages import LANGUAGES, SENTENCES
from app.refusals import Opening

REFUSALS = (
    *(SENTENCES["refusal"][language] for language in LANGUAGES),
    "Não encontrei informações sobre isso nos documentos fornecidos.",
    "Os trechos fornecidos não contêm a resposta para esta pergunta.",
    "Desculpe, mas não há informações suficientes nos trechos para responder a essa pergunta.",
    "Infelizmente, os documentos não mencionam o valor da multa por atraso na entrega.",
    "Com base nos trechos, não é possível responder à pergunta.",
    "Não consta nenhuma informação sobre o prazo nos trechos apresentados.",
    "No tengo suficiente información en los documentos para responder.",
    "Lo siento, los fragmentos no contienen información sobre la capital de Francia.",
    "No hay información sobre este tema en los documentos proporcionados.",
    "No se encuentra ninguna mención en los fragmentos.",
    "I'm sorry, but the passages do not contain any information about the capital of France.",
    "The provided passages don’t mention this.",
    "There is no information about that in the provided documents.",
    "I cannot answer this question based on the passages.",
    "Based on the provided context, I could not find an answer.",
    "I don't know. The text does not say.",
)
ANSWERS = (
    "O prazo é de trinta dias [1].",
    "Não, o prazo não pode ser prorrogado [1].",
    "Não há prazo para o recurso [2].",
    "Não há multa.",
    "Os trechos não mencionam a multa, mas dizem que o prazo é de dez dias [1].",
    "No, el plazo no se puede prorrogar [1].",
    "No hay límite de edad [3].",
    "No. 5 of the annex holds the fees [1].",
    "The documents do not mention a fee, but the deadline is 30 days [2].",
    "There is no fee [1].",
    "I. Scope\n\nThe notice covers three services [1].",
    "A",
    "word0 word1 word2",
)


def shown(text: str, cuts: random.Random | None = None) -> tuple[str, bool]:
    """What is shown of a text that comes in pieces, and whether it was taken for a refusal."""
    opening, out, start = Opening(), "", 0
    while start < len(text) and not opening.refuses:
        length = cuts.randint(1, 6) if cuts else len(text)
        out += opening.take(text[start : start + length])
        start += length
    out += opening.finish()
    return out, opening.refuses


@pytest.mark.parametrize("text", REFUSALS)
def test_a_refusal_is_known_by_what_it_says(text: str) -> None:
    """However it comes in pieces; nothing of it is shown."""
    for seed in range(5):
        assert shown(text, random.Random(seed)) == ("", True)  # noqa: S311 - cuts, not secrets
    assert shown(text) == ("", True)


@pytest.mark.parametrize("text", ANSWERS)
def test_an_answer_is_shown_as_it_is(text: str) -> None:
    """Also one that says no, and one that says what isn't there and then what is."""
    for seed in range(5):
        assert shown(text, random.Random(seed)) == (text, False)  # noqa: S311
    assert shown(text) == (text, False)


@pytest.mark.parametrize("text", ["O prazo ", "Trinta ", "The answer ", "It is ", "word0 ", "**Prazo** "])
def test_most_answers_are_not_held_back(text: str) -> None:
    """Two words are enough, mostly one."""
    assert Opening().take(text) == text


def test_a_long_refusal_is_not_waited_for() -> None:
    """It is stopped as soon as it is long enough to be sure."""
    opening = Opening()
    assert opening.take("Os documentos não contêm essa informação. ") == ""
    pieces = 0
    while not opening.refuses:
        assert opening.take("Seria preciso consultar outras fontes. ") == ""
        pieces += 1
    assert pieces < 20


def test_words_without_end_are_not_held_back_for_ever() -> None:
    """Some text is made of nothing but the words of refusals."""
    text = "o documento e a pergunta " * 60
    assert shown(text, random.Random(1)) == (text, False)  # noqa: S311
