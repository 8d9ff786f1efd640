"""The vectors of a passage and of its statements, packed: the passage is found by its own, and ranked by the
best of them.

Eight bits a number are enough to rank by: the cosine is off by less than 0.005.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from database.stores.base import Vectors

_LARGEST = 127  # of an int8


def pack(vectors: Vectors) -> bytes:
    """float32[1 + m, d], a passage's own and those of its m statements, as int8[1 + m, d], row by row."""
    largest = np.maximum(np.abs(vectors).max(axis=1, keepdims=True), 1e-12)
    packed: bytes = np.rint(vectors / largest * _LARGEST).astype(np.int8).tobytes()
    return packed


def similarities(question: Vectors, packed: Sequence[bytes]) -> tuple[Vectors, Vectors]:
    """For each passage the cosine of its own vector, and of the nearest of that and of its statements',
    float32[n] each; not a number where nothing is packed. `question` is float32[d], of length 1.
    """
    own, best = np.full((2, len(packed)), np.nan, np.float32)
    sizes = np.array([len(one) for one in packed]) // len(question)
    if not sizes.any():
        return own, best
    rows = np.frombuffer(b"".join(packed), np.int8).reshape(-1, len(question)).astype(np.float32)
    cosines = rows @ question / np.sqrt(np.maximum(np.einsum("ij,ij->i", rows, rows), 1e-12))
    there = np.flatnonzero(sizes)
    starts = (np.cumsum(sizes) - sizes)[there]
    own[there], best[there] = cosines[starts], np.maximum.reduceat(cosines, starts)
    return own, best
