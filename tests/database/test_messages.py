"""What the terminal commands say."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from database import messages
from database.errors import REASONS, SettingError, StoreBusy, StoreUnavailable
from database.messages import Messages, terminal_language
from database.problems import SENTENCES, Language

LANGUAGES: tuple[Language, ...] = get_args(Language)


def test_every_sentence_is_in_every_language_with_the_same_values() -> None:
    """A value that one language shows is shown by all."""
    for key, sentences in (*messages._SENTENCES.items(), *SENTENCES.items()):
        assert set(sentences) == set(LANGUAGES), key
        values = {frozenset(re.findall(r"{(\w+)(?:!r)?}", sentence)) for sentence in sentences.values()}
        assert len(values) == 1, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_a_sentence(language: Language) -> None:
    """Whatever goes wrong with a file can be said."""
    said = [Messages(language).reason(reason) for reason in REASONS]
    assert all(said)
    assert len(set(said)) == len(REASONS)


def test_an_error_is_told_in_the_language_with_what_the_library_said() -> None:
    """Other errors say what they say."""
    error = StoreUnavailable("index_missing", name="vector_index", others="–", detail="code 7")
    assert Messages("pt").error(error).startswith("Falta o índice de busca vector_index.")
    assert Messages("es").error(error).endswith("(code 7)")
    assert Messages("en").error(StoreBusy("busy", holder="7")) == str(StoreBusy("busy", holder="7"))
    assert Messages("pt").error(SettingError("X is wrong")) == "X is wrong"


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
