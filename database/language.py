"""Which language a text is written in."""

from __future__ import annotations

from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

QUESTION_LANGUAGES = ("pt", "es", "en")

_SAMPLE = 4_000  # characters: more changes nothing and costs time
_SURE = 0.5


def detect_language(text: str) -> str:
    """The ISO 639-1 code, or "" where the text is too short or too mixed to tell."""
    language, probability = _identifier(None).classify(text[:_SAMPLE])
    return str(language) if probability >= _SURE else ""


@lru_cache(maxsize=128)
def detect_question_language(text: str) -> str:
    """One of QUESTION_LANGUAGES: a question is short, so only these compete."""
    language, _ = _identifier(QUESTION_LANGUAGES).classify(text[:_SAMPLE])
    return str(language)


@lru_cache(maxsize=2)
def _identifier(languages: tuple[str, ...] | None) -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    if languages:
        identifier.set_languages(list(languages))
    return identifier
