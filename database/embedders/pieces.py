"""Texts in pieces, for models that take no more at once."""

from __future__ import annotations


def halves(text: str) -> tuple[str, str]:
    """Cut between two words, where there are any near the middle."""
    middle = len(text) // 2
    space = text.rfind(" ", middle // 2, middle)
    cut = space if space > 0 else middle
    return text[:cut], text[cut:]


def pieces(text: str, most: int) -> list[str]:
    """The text in order, in pieces of `most` characters at most, none of them much shorter than others."""
    if len(text) <= max(most, 1):
        return [text]
    return [piece for half in halves(text) for piece in pieces(half, most)]
