"""Long texts in pieces, and their vectors."""

from __future__ import annotations

import numpy as np
import pytest

from database.embedders.pieces import halves, pieces
from database.embedders.vectors import joined, unit


@pytest.mark.parametrize("text", ["", "curto", "um texto de muitas palavras " * 9, "x" * 100])
def test_pieces_are_short_and_nothing_is_lost(text: str) -> None:
    """Words stay whole where there are any."""
    cut = pieces(text, 30)
    assert "".join(cut) == text
    assert max(map(len, cut)) <= 30
    if " " in text:
        assert all(
            word in ("um", "texto", "de", "muitas", "palavras") for piece in cut for word in piece.split()
        )


def test_halves_are_never_empty() -> None:
    """So cutting ends."""
    assert halves("ab") == ("a", "b")
    assert halves(" b") == (" ", "b")
    assert all(halves("a b c d"))


def test_the_pieces_vectors_become_one() -> None:
    """Between them, of length 1; a text of one piece keeps its own."""
    vectors = unit([[1, 0], [0, 2], [3, 0]])
    assert np.allclose(joined(vectors, [2, 1]), [[0.5**0.5, 0.5**0.5], [1, 0]])
    assert joined(np.zeros((0, 2), np.float32), []).shape == (0, 2)
