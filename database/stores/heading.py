"""What a document is called, as words that its passages are found by."""

from __future__ import annotations

from functools import lru_cache

from database.records import Document
from database.terms import terms


def heading_terms(document: Document) -> list[str]:
    """The terms of its name and of what a person says of it: they stand before those of each passage."""
    described = document.described
    said = (document.name, described.title or "", described.description, *described.tags)
    return list(_terms(said, document.language))


@lru_cache(maxsize=10_000)
def _terms(said: tuple[str, ...], language: str) -> tuple[str, ...]:
    return tuple(term for text in said for term in terms(text, language))
