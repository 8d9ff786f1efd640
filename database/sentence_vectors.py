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


def similarities(question: Vectors, packed: Sequence[bytes]) -> list[tuple[float, float] | None]:
    """For each passage the cosine of its own vector, and of the nearest of that and of its statements';
    None where nothing is packed. `question` is float32[d], of length 1.
    """
    dimensions = len(question)
    rows = np.frombuffer(b"".join(packed), np.int8).reshape(-1, dimensions).astype(np.float32)
    cosines = rows @ question / np.maximum(np.linalg.norm(rows, axis=1), 1e-12)
    found: list[tuple[float, float] | None] = []
    start = 0
    for one in packed:
        end = start + len(one) // dimensions
        found.append((float(cosines[start]), float(cosines[start:end].max())) if one else None)
        start = end
    return found
