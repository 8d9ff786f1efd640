"""`$vectorSearch`: what an index of vectors holds, the questions it takes and how it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.atlas_stand_in.definitions import VectorDefinition
from tests.atlas_stand_in.errors import CommandFailed, invalid_query, location, unsupported
from tests.atlas_stand_in.filters import Filter, FilterParser
from tests.atlas_stand_in.parsing import Fields, Malformed, failing_as
from tests.atlas_stand_in.rows import Columns, Rows, scalar, values_at
from tests.atlas_stand_in.vectors import BIT, FLOAT, Vector, VectorColumn, query_vector

MOST_CANDIDATES = 10_000

Found = list[tuple[Any, float]]  # ids of documents and their scores, best first


@dataclass(frozen=True, kw_only=True)
class VectorQuestion:
    """A `$vectorSearch` stage; `candidates` is None for an exact search."""

    index: str
    path: str
    vector: Vector
    limit: int
    candidates: int | None
    filter: Any


def parse_question(stage: Any) -> VectorQuestion:
    """Raises CommandFailed with mongod's or mongot's sentence."""
    if not isinstance(stage, Mapping):
        raise CommandFailed((9, "FailedToParse"), "$vectorSearch value must be an object.")
    limit = stage.get("limit")
    if limit is not None:
        if isinstance(limit, bool) or not isinstance(limit, int | float):
            raise location(8575100, "Expected limit field to be a number in $vectorSearch")
        if limit < 1:
            raise location(7912700, "Expected limit to be positive")
    with failing_as(invalid_query):
        return _question(Fields(stage))


def _question(fields: Fields) -> VectorQuestion:
    fields.ignore("searchNodePreference", "explainOptions", "filter")
    for name in ("query", "parentFilter", "nestedOptions"):
        if fields.has(name):
            raise unsupported(f"{name} in $vectorSearch")
    if fields.boolean("returnStoredSource", False):
        raise unsupported("returnStoredSource in $vectorSearch")
    path = fields.string("path")
    index = fields.nonempty("index")
    candidates = _candidates(fields)
    limit = fields.integer("limit")
    if candidates is not None and limit > candidates:
        raise Malformed("limit should be less than or equal to numCandidates")
    if not fields.has("queryVector"):
        raise Malformed("Exactly one and only one of query and queryVector can be present")
    vector = query_vector(fields.required("queryVector"))
    if vector.type == FLOAT and not np.isfinite(vector.values).all():
        position = int(np.flatnonzero(~np.isfinite(vector.values))[0])
        raise Malformed(
            f"'queryVector' contains a non-finite value (Infinity or NaN) at position [{position}]."
            ' All values in "queryVector" must be finite.'
        )
    asked = fields.document.get("filter", {})
    FilterParser(None).parse(asked)
    fields.no_others()
    return VectorQuestion(
        index=index, path=path, vector=vector, limit=limit, candidates=candidates, filter=asked
    )


def _candidates(fields: Fields) -> int | None:
    exact = fields.boolean("exact", False)
    if fields.has("numCandidates"):
        candidates = fields.bounded("numCandidates", 1, MOST_CANDIDATES)
        if exact:
            raise Malformed('"numCandidates" must be omitted when "exact" is set to true')
        return candidates
    if not exact:
        raise Malformed("numCandidates is required for approximate vector search")
    return None


class VectorContent:
    """What one build of a vector search index holds."""

    def __init__(self, definition: VectorDefinition) -> None:
        self.definition = definition
        self.rows = Rows()
        self._columns = Columns()
        self._vectors = {path: VectorColumn(field) for path, field in definition.vectors.items()}

    def put(self, document: Mapping[str, Any]) -> None:
        """Indexes a document anew."""
        self.rows.remove(document["_id"])
        row = self.rows.add(document["_id"])
        for path in self.definition.filters:
            found = (scalar(value) for value in values_at(document, path))
            self._columns.put(path, row, (value for value in found if value is not None))
        for path, column in self._vectors.items():
            column.put(row, _whole_value(document, path))

    def remove(self, document_id: Any) -> None:
        self.rows.remove(document_id)

    def search(self, question: VectorQuestion) -> Found:
        """Raises CommandFailed."""
        filtered = self._checked(question)
        column = self._vectors[question.path]
        allowed = self.rows.alive() & filtered(self._columns, len(self.rows))
        if question.candidates is None:
            rows, scores = column.exact(question.vector, allowed, question.limit)
        else:
            rows, scores = column.approximate(question.vector, allowed, question.candidates, question.limit)
        return [(self.rows.ids[row], float(score)) for row, score in zip(rows, scores, strict=True)]

    def _checked(self, question: VectorQuestion) -> Filter:
        field = self.definition.vectors.get(question.path)
        if field is None:
            raise invalid_query(f"{question.path} is not indexed as vector")
        if field.dimensions != question.vector.dimensions:
            raise invalid_query(
                f"vector field is indexed with {field.dimensions} dimensions"
                f" but queried with {question.vector.dimensions}"
            )
        with failing_as(invalid_query):
            filtered = FilterParser(self.definition.filters).parse(question.filter)
        if field.similarity == "cosine" and question.vector.is_zero:
            raise invalid_query("Cosine similarity cannot be calculated against a zero vector.")
        if field.similarity != "euclidean" and question.vector.type == BIT:
            raise invalid_query(
                "Binary vectors can only be used with fields indexed with Euclidean similarity"
                f" but indexed similarity is {_upper(field.similarity)}"
            )
        return filtered


def _upper(similarity: str) -> str:
    return {"cosine": "COSINE", "dotProduct": "DOT_PRODUCT"}[similarity]


def _whole_value(document: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path; an array there is a vector, not many values."""
    value: Any = document
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            return None
        value = value[name]
    return value
