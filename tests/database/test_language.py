"""Which language a text is written in."""

from __future__ import annotations

import pytest

from database.language import detect_language, detect_question_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Quais são os prazos para entregar os documentos exigidos?", "pt"),
        ("¿Cuáles son los plazos para entregar los documentos?", "es"),
        ("What are the deadlines for handing in the documents?", "en"),
    ],
)
def test_questions_are_told_apart(text: str, language: str) -> None:
    """Portuguese, Spanish and English questions."""
    assert detect_question_language(text) == language


def test_a_text_may_be_in_another_language() -> None:
    """A document can be in any; one too short to tell is in none."""
    assert (
        detect_language("Les organisations doivent présenter leurs documents avant la fin du mois.") == "fr"
    )
    assert detect_language("x1") == ""
