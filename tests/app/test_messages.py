"""The sentences that people read."""

from __future__ import annotations

import string
from typing import get_args

import pytest

from app.messages import LANGUAGES, SENTENCES, Key, Language, accepted_language, parse_language, sentence


@pytest.mark.parametrize("key", get_args(Key))
def test_every_sentence_exists_in_every_language_with_the_same_values(key: Key) -> None:
    """A translation that lacks a value, or has one too many, would lose or break a message."""
    texts = SENTENCES[key]
    assert set(texts) == set(LANGUAGES)
    fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in texts.values()]
    assert fields[0] == fields[1] == fields[2]


def test_no_sentence_is_left_without_a_key() -> None:
    """Sentences that nothing can say are removed."""
    assert set(SENTENCES) == set(get_args(Key))


def test_the_refusals_are_as_agreed() -> None:
    """Clients and evaluations recognise a refusal by these words."""
    assert SENTENCES["refusal"] == {
        "pt": "Não tenho informações suficientes nos documentos para responder.",
        "es": "No tengo información suficiente en los documentos para responder.",
        "en": "I don't have enough information in the documents to answer.",
    }


def test_a_sentence_in_a_sentence_speaks_the_same_language() -> None:
    """Reasons are said in the language of what they stand in."""
    told = sentence("model_unavailable", name="gemini", reason=sentence("gemini_no_key"))
    assert told.text("pt") == "gemini não está disponível: GOOGLE_API_KEY não está definida."
    assert told.text("en") == "gemini is not available: GOOGLE_API_KEY is not set."


@pytest.mark.parametrize(
    ("tag", "language"),
    [("pt-BR", "pt"), ("es_MX.UTF-8", "es"), ("EN", "en"), ("fr", None), ("", None), ("C.UTF-8", None)],
)
def test_reads_language_tags(tag: str, language: Language | None) -> None:
    """As browsers and terminals write them."""
    assert parse_language(tag) == language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("pt-BR,pt;q=0.9,en;q=0.8", "pt"),
        ("fr;q=1.0, es;q=0.4, en;q=0.7", "en"),
        ("de, es-419;q=0.5", "es"),
        ("en;q=0, es;q=0.1", "es"),
        ("*", "en"),
        ("", "en"),
        ("pt;q=loud, es;q=0.2", "es"),
    ],
)
def test_weighs_an_accept_language_header(header: str, language: Language) -> None:
    """The language of ours with the greatest weight; English where there is none."""
    assert accepted_language(header) == language
