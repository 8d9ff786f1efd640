"""The languages that a model's card names."""

from __future__ import annotations

import pytest

from database.embedders.model_card import card_languages


@pytest.mark.parametrize(
    ("head", "languages"),
    [
        ("language: en", {"en"}),
        ("license: mit\nlanguage:\n- en\n- pt\ntags:\n- x", {"en", "pt"}),
        ("language:\n  - pt\n  - es\nlicense: mit", {"pt", "es"}),
        ("language: [en, es]", {"en", "es"}),
        ("language: [en-US, pt-BR]", {"en", "pt"}),
        ("language: no", {"no"}),
        ('language: "pt"', {"pt"}),
        ("language:\n- multilingual\n- en\n- pt", None),
        ("language: multilingual", None),
        ("license: mit", None),
        ("language:\ntags:\n- x", None),
    ],
)
def test_the_languages_of_a_card(head: str, languages: set[str] | None) -> None:
    """None where it says nothing, or that there are many."""
    found = card_languages(f"---\n{head}\n---\n# A model\n\nlanguage: fr\n")
    assert found == (frozenset(languages) if languages else None)


@pytest.mark.parametrize("card", [None, "", "# A model\nlanguage: en", "---\nlanguage: en\n"])
def test_a_card_without_metadata_says_nothing(card: str | None) -> None:
    """Its text may, but not to a program."""
    assert card_languages(card) is None
