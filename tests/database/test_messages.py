"""What the terminal commands say."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from database import messages
from database.errors import REASONS
from database.messages import Language, Messages, terminal_language

LANGUAGES: tuple[Language, ...] = get_args(Language)


def test_every_sentence_is_in_every_language_with_the_same_values() -> None:
    """A value that one language shows is shown by all."""
    for key, sentences in messages._SENTENCES.items():
        assert set(sentences) == set(LANGUAGES), key
        values = {frozenset(re.findall(r"{(\w+)}", sentence)) for sentence in sentences.values()}
        assert len(values) == 1, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_a_sentence(language: Language) -> None:
    """Whatever goes wrong with a file can be said."""
    said = [Messages(language).reason(reason) for reason in REASONS]
    assert all(said)
    assert len(set(said)) == len(REASONS)


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("pt_BR.UTF-8", "pt"),
        ("es_MX.UTF-8", "es"),
        ("en_US.UTF-8", "en"),
        ("C.UTF-8", "en"),
        ("de_DE", "en"),
        ("", "en"),
    ],
)
def test_the_terminal_speaks_the_persons_language(
    monkeypatch: pytest.MonkeyPatch, locale: str, language: str
) -> None:
    """By the locale; English where it says nothing."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", locale)
    assert terminal_language() == language
