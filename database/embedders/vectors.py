"""Vectors of length 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from database.stores.base import Vectors

_TINY = np.float32(1e-12)


def unit(vectors: ArrayLike) -> Vectors:
    """float32 of the same shape, of length 1 along the last axis."""
    exact = np.asarray(vectors, dtype=np.float32)
    lengths: Vectors = np.maximum(np.linalg.norm(exact, axis=-1, keepdims=True), _TINY)
    return exact / lengths


def joined(vectors: Vectors, pieces: list[int]) -> Vectors:
    """The vectors of texts that were embedded in so many pieces each: the middle of their pieces' vectors.

    float32[sum(pieces), d] becomes float32[len(pieces), d].
    """
    if not pieces:
        return vectors
    starts = np.concatenate(([0], np.cumsum(pieces)[:-1]))
    return unit(np.add.reduceat(vectors, starts, axis=0))
