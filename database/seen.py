"""A passage as questions are compared with it, made when it is loaded: pure functions.

Folding, cutting and stemming a hundred candidates takes longer than comparing them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from database.sentences import statements
from database.terms import fold, terms, words_of_folded


@dataclass(frozen=True, slots=True)
class Seen:
    """`statements` are the passage's, folded, one a line, with a blank around each word; `terms` are its
    terms (see database.terms) in their order, each with a blank before it and one after it.
    """

    statements: str
    terms: str

    @classmethod
    def of(cls, text: str, language: str) -> Self:
        lines = "\n".join(text[start:end].replace("\n", " ") for start, end in statements(text))
        folded = [f" {' '.join(words_of_folded(line))} " for line in fold(lines).split("\n")]
        return cls("\n".join(folded), "".join(f" {term} " for term in terms(text, language)))

    @property
    def length(self) -> int:
        """In terms."""
        return self.terms.count(" ") // 2

    def counts(self, apart: Iterable[str]) -> list[int]:
        """How often each of the terms, with the blanks around it, is there."""
        return list(map(self.terms.count, apart))
