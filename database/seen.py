"""A passage as questions are compared with it, made when it is loaded: pure functions.

Folding, cutting and stemming a hundred candidates takes longer than comparing them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import numpy.typing as npt

from database.sentences import statements
from database.terms import fold, terms, words_of_folded


@dataclass(frozen=True, slots=True)
class Seen:
    """`statements` are the passage's, folded, one a line, with a blank around each word; `terms` are its
    terms (see database.terms) in their order, each with a blank before it and one after it.
    """

    statements: str
    terms: str
    length: int = field(init=False, compare=False)
    """In terms."""

    @classmethod
    def of(cls, text: str, language: str) -> Self:
        lines = "\n".join(text[start:end].replace("\n", " ") for start, end in statements(text))
        folded = [f" {' '.join(words_of_folded(line))} " for line in fold(lines).split("\n")]
        return cls("\n".join(folded), "".join(f" {term} " for term in terms(text, language)))

    def __post_init__(self) -> None:
        object.__setattr__(self, "length", self.terms.count(" ") // 2)


def counts(passages: Sequence[Seen], apart: Sequence[str]) -> npt.NDArray[np.float32]:
    """How often each of the terms, with the blanks around it, is in each of the passages,
    float32[passages, terms].
    """
    # One text is searched sooner than a hundred; no term goes beyond the blanks between two passages.
    text = "".join(passage.terms for passage in passages)
    ends = np.cumsum([len(passage.terms) for passage in passages])
    held = np.zeros((len(passages), len(apart)), np.float32)
    for number, term in enumerate(apart):
        of_each = np.searchsorted(ends, list(_places(text, term)), side="right")
        held[:, number] = np.bincount(of_each.astype(np.intp), minlength=len(passages))
    return held


def _places(text: str, term: str) -> Iterator[int]:
    place = text.find(term)
    while place >= 0:
        yield place
        place = text.find(term, place + len(term))
