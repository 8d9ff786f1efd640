"""Every sentence is there in three languages, and the person's language is found."""

from __future__ import annotations

from string import Formatter

import pytest

from scripts.start import messages
from scripts.start.messages import Sentence, language_of
from scripts.terminal import messages as terminal_messages

SENTENCES = {
    name: value
    for module in (messages, terminal_messages)
    for name, value in vars(module).items()
    if isinstance(value, Sentence)
}


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("name", SENTENCES)
def test_each_sentence_says_the_same_in_each_language(name: str) -> None:
    """No language is empty, and each has the placeholders of the others."""
    sentence = SENTENCES[name]

    assert all(text.strip() for text in sentence)
    assert _placeholders(sentence.en) == _placeholders(sentence.pt) == _placeholders(sentence.es)


@pytest.mark.parametrize("name", [name for name, one in SENTENCES.items() if len(one.en.split()) > 4])
def test_longer_sentences_are_translated(name: str) -> None:
    """A sentence that was copied and not translated is not a translation."""
    assert len(set(SENTENCES[name])) == 3


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "pt_BR.UTF-8"}, "pt"),
        ({"LANG": "es_AR.UTF-8"}, "es"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LC_ALL": "es_ES", "LANG": "pt_BR"}, "es"),
        ({"LC_ALL": "C", "LANG": "pt_BR"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "pt_PT", "LANG": "en_US"}, "pt"),
    ],
)
def test_the_language_is_the_locales(environ: dict[str, str], language: str) -> None:
    """LC_ALL before LC_MESSAGES before LANG; a variable that is set but empty does not count."""
    assert language_of(environ) == language


def test_a_sentence_is_filled_in() -> None:
    """Numbers and names stand where they belong."""
    said = messages.PORT_TAKEN.say("pt", port=8000, name="PORT", other=8001)

    assert said.startswith("A porta 8000 está em uso")
    assert said.endswith("PORT=8001 scripts/run")
