"""Vectors of one field in an index: their types, their quantised copies, their scores.

Scores: https://www.mongodb.com/docs/vector-search/query/score/; scalar quantisation as in Lucene's
ScalarQuantizer and ScalarQuantizedVectorSimilarity, to seven bits; no rescoring after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from bson.binary import VECTOR_SUBTYPE, Binary
from numpy.typing import NDArray

from tests.atlas_stand_in.definitions import VectorField
from tests.atlas_stand_in.parsing import Malformed
from tests.atlas_stand_in.rows import Mask

Floats = NDArray[np.float32]

FLOAT, BYTE, BIT = "FLOAT", "BYTE", "BIT"
TYPE_OF = {0x27: FLOAT, 0x03: BYTE, 0x10: BIT}
BINARY_HEADER = 2

QUANTIZED_LEVELS = 127  # of seven bits
QUANTILE_SAMPLE = 20  # vectors at a time, as Lucene takes them


@dataclass(frozen=True, kw_only=True)
class Vector:
    """A vector of floats, signed bytes, or bits (one a value); mongot keeps the three apart."""

    type: str
    values: NDArray[Any]

    @property
    def dimensions(self) -> int:
        return len(self.values)

    @property
    def is_zero(self) -> bool:
        return not self.values.any()


def vector(value: Any) -> Vector | None:
    """An array of numbers or a BSON vector; None for anything else."""
    try:
        return query_vector(value)
    except Malformed:
        return None


def query_vector(value: Any) -> Vector:
    """As `vector`, but says what is wrong with it."""
    if isinstance(value, list):
        for element in value:
            if isinstance(element, bool) or not isinstance(element, int | float):
                raise Malformed(f"Unsupported BsonValue type: {bson_type(element)}")
        return Vector(type=FLOAT, values=np.array(value, dtype=np.float32))
    if isinstance(value, Binary):
        return _from_binary(value)
    raise Malformed('"queryVector" Unexpected type found when parsing vector')


def _from_binary(value: Binary) -> Vector:
    if value.subtype != VECTOR_SUBTYPE:
        raise Malformed(f"BSON binary subtype should be vector(0x09) but got {value.subtype}")
    if len(value) < BINARY_HEADER:
        raise Malformed(f"Expected at least 2 bytes in BSON vector but got {len(value)}")
    kind, padding, data = TYPE_OF.get(value[0]), value[1] & 7, bytes(value[BINARY_HEADER:])
    if kind is None:
        raise Malformed("Unsupported vector subtype found")
    if padding:
        raise Malformed("Padding should be zero")
    if kind == FLOAT:
        return Vector(type=kind, values=np.frombuffer(data[: len(data) // 4 * 4], dtype="<f4"))
    if kind == BYTE:
        return Vector(type=kind, values=np.frombuffer(data, dtype=np.int8))
    return Vector(type=kind, values=np.unpackbits(np.frombuffer(data, dtype=np.uint8)))


def bson_type(value: Any) -> str:
    names = {str: "STRING", bool: "BOOLEAN", dict: "DOCUMENT", list: "ARRAY", type(None): "NULL"}
    return names.get(type(value), type(value).__name__.upper())


class VectorColumn:
    """The vectors of one field, by type and row."""

    def __init__(self, field: VectorField) -> None:
        self.field = field
        self._rows: dict[str, list[int]] = {FLOAT: [], BYTE: [], BIT: []}
        self._added: dict[str, list[NDArray[Any]]] = {FLOAT: [], BYTE: [], BIT: []}
        self._matrix: dict[str, NDArray[Any]] = {}
        self._quantised: Quantised | None = None

    def put(self, row: int, values: Sequence[Any]) -> None:
        """Indexes the row's vector, or silently doesn't: wrong length or type, all zeros for the cosine."""
        found = vector(values)
        if found is None or found.dimensions != self.field.dimensions:
            return
        if self.field.similarity == "cosine" and found.is_zero:
            return
        if found.type != FLOAT and self.field.quantization != "none":
            return
        if found.type == BIT and self.field.similarity != "euclidean":
            return
        self._rows[found.type].append(row)
        self._added[found.type].append(found.values)
        self._quantised = None

    def exact(self, query: Vector, allowed: Mask, limit: int) -> tuple[NDArray[np.int64], Floats]:
        """The best rows at full fidelity, and their scores."""
        rows, matrix = self._of(query.type, allowed)
        return _best(rows, similarity(self.field.similarity, query, matrix), limit)

    def approximate(
        self, query: Vector, allowed: Mask, candidates: int, limit: int
    ) -> tuple[NDArray[np.int64], Floats]:
        """The best rows as the quantised copy finds them; the scores are its own, but for binary ones."""
        rows, matrix = self._of(query.type, allowed)
        if self.field.quantization == "none" or not len(rows):
            return _best(rows, similarity(self.field.similarity, query, matrix), limit)
        if self.field.quantization == "scalar":
            kept = allowed[np.array(self._rows[FLOAT], dtype=np.int64)]
            found, scores = _best(rows, self._scalar().scores(query.values, kept), candidates)
            return found[:limit], scores[:limit]
        # Binary: by signs, then the best of those again at full fidelity.
        near = (np.sign(matrix) * np.sign(query.values)).sum(axis=1).astype(np.float32)
        order = np.lexsort((rows, -near))[: int((limit * candidates) ** 0.5)]
        return _best(rows[order], similarity(self.field.similarity, query, matrix[order]), limit)

    def _of(self, kind: str, allowed: Mask) -> tuple[NDArray[np.int64], NDArray[Any]]:
        rows = np.array(self._rows[kind], dtype=np.int64)
        kept = allowed[rows]
        return rows[kept], self._all(kind)[kept]

    def _all(self, kind: str) -> NDArray[Any]:
        if self._added[kind]:
            added = np.vstack(self._added[kind])
            self._matrix[kind] = np.vstack([self._matrix[kind], added]) if kind in self._matrix else added
            self._added[kind] = []
        return self._matrix.get(kind, np.zeros((0, self.field.dimensions), dtype=np.float32))

    def _scalar(self) -> Quantised:
        if self._quantised is None:
            self._quantised = Quantised(self._all(FLOAT), self.field.similarity)
        return self._quantised


def _best(rows: NDArray[np.int64], scores: Floats, limit: int) -> tuple[NDArray[np.int64], Floats]:
    """The highest scores; among equals the older row."""
    if limit < len(rows):
        near = np.argpartition(-scores, limit - 1)
        edge = scores[near[limit - 1]]
        kept = np.flatnonzero(scores >= edge)
        rows, scores = rows[kept], scores[kept]
    order = np.lexsort((rows, -scores))[:limit]
    return rows[order], scores[order]


def similarity(name: str, query: Vector, matrix: NDArray[Any]) -> Floats:
    """Scores of every row of a matrix: cosine (1+cos)/2, dotProduct (1+dot)/2, euclidean 1/(1+d²)."""
    if query.type == BIT:
        different = (matrix != query.values).sum(axis=1).astype(np.float32)
        return _floats((query.dimensions - different) / query.dimensions)
    q, m = query.values.astype(np.float32), matrix.astype(np.float32)
    if name == "euclidean":
        return _floats(1 / (1 + ((m - q) ** 2).sum(axis=1)))
    dots = m @ q
    if name == "dotProduct":
        scale = 2 * query.dimensions * 2**14 if query.type == BYTE else 2
        return _floats(np.maximum(0.5 + dots / scale, 0))
    norms = np.linalg.norm(m, axis=1) * np.linalg.norm(q)
    return _floats(np.maximum((1 + dots / norms) / 2, 0))


def _floats(values: NDArray[Any]) -> Floats:
    return values.astype(np.float32)


class Quantised:
    """A copy of the vectors in seven bits a value between two quantiles of all values."""

    def __init__(self, matrix: Floats, name: str) -> None:
        self._name = name
        vectors = _normalised(matrix) if name == "cosine" else matrix
        self._low, self._high = _quantiles(vectors)
        self._step = (self._high - self._low) / QUANTIZED_LEVELS or 1.0
        self._levels, self._offsets = self._quantise(vectors)

    def scores(self, query: Floats, kept: Mask) -> Floats:
        """Scores of the kept rows, computed from levels alone."""
        vectors = query[None, :]
        levels, offsets = self._quantise(_normalised(vectors) if self._name == "cosine" else vectors)
        stored = self._levels[kept]
        if self._name == "euclidean":
            distances = ((stored - levels[0]) ** 2).sum(axis=1) * self._step**2
            return _floats(1 / (1 + distances))
        dots = (stored @ levels[0]) * self._step**2 + self._offsets[kept] + offsets[0]
        return _floats(np.maximum((1 + dots) / 2, 0))

    def _quantise(self, vectors: Floats) -> tuple[Floats, Floats]:
        """Levels (whole numbers kept as floats, for speed) and each vector's corrective offset."""
        levels = np.round((np.clip(vectors, self._low, self._high) - self._low) / self._step)
        rounded = levels * self._step
        offsets = self._low * (vectors - self._low / 2) + (vectors - self._low - rounded) * rounded
        return levels.astype(np.float32), offsets.sum(axis=1).astype(np.float32)


def _normalised(vectors: Floats) -> Floats:
    return _floats(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def _quantiles(vectors: Floats) -> tuple[float, float]:
    """The bounds that hold all but a share of 1/(dimensions+1) of the values; averaged over samples."""
    count, dimensions = vectors.shape
    outside = min(0.1, 1 / (dimensions + 1)) / 2
    lows, highs = [], []
    for start in range(0, count, QUANTILE_SAMPLE):
        values = np.sort(vectors[start : start + QUANTILE_SAMPLE].ravel())
        skipped = int(len(values) * outside + 0.5)
        lows.append(float(values[skipped]))
        highs.append(float(values[len(values) - 1 - skipped]))
    return float(np.mean(lows)), float(np.mean(highs))
