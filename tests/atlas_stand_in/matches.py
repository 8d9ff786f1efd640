"""What an operator of `$search` finds in an index: which rows match, and their scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tests.atlas_stand_in.rows import Mask
from tests.atlas_stand_in.text_index import Scores, TextContent

MOST_CLAUSES = 1024  # Lucene's limit for one boolean query, and for all terms and values of a search


@dataclass(frozen=True)
class Matches:
    """Which rows match, their scores (0 elsewhere), and of how many simplest queries they are the answer."""

    mask: Mask
    scores: Scores
    leaves: int = 1


Query = Callable[[TextContent], Matches]


def nothing(content: TextContent) -> Matches:
    size = len(content.rows)
    return Matches(np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.float32))


def any_of(content: TextContent, found: Sequence[Matches]) -> Matches:
    if not found:
        return nothing(content)
    mask = np.logical_or.reduce([one.mask for one in found])
    return Matches(mask, total([one.scores for one in found], mask), sum(one.leaves for one in found))


def total(scores: Sequence[Scores], mask: Mask) -> Scores:
    """Added up in 64 bits and rounded to 32 once, as Lucene's boolean query does."""
    added = np.zeros(len(mask), dtype=np.float64)
    for one in scores:
        added += one
    return np.where(mask, added, 0).astype(np.float32)
