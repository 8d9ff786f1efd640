"""The operators of `$search`, each read into a query of an index; `compound` combines others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tests.atlas_stand_in import text_operators, value_operators
from tests.atlas_stand_in.errors import unsupported
from tests.atlas_stand_in.matches import Matches, Query, total
from tests.atlas_stand_in.parsing import Fields, as_document
from tests.atlas_stand_in.text_index import TextContent

OPERATORS = ("compound", "equals", "exists", "in", "phrase", "range", "text")
OTHER_OPERATORS = (
    *("allDocuments", "autocomplete", "embeddedDocument", "geoShape", "geoWithin", "hasAncestor", "hasRoot"),
    *("knnBeta", "moreLikeThis", "near", "queryString", "regex", "search", "span", "term", "vectorSearch"),
    *("wildcard", "facet"),
)


def parse_operator(name: str, fields: Fields) -> Query:
    scored = _score(fields)
    query = _PARSERS[name](fields)
    fields.no_others()
    return scored(query)


def _exactly_one(value: Any, path: str) -> Query:
    """An operator within a compound one: a document with its name and nothing else."""
    fields = Fields(as_document(value, path), path)
    for other in OTHER_OPERATORS:
        if fields.has(other):
            raise unsupported(f"{other} in $search")
    name = fields.exactly_one(OPERATORS)
    query = parse_operator(name, fields.fields(name))
    fields.no_others()
    return query


def _score(fields: Fields) -> Callable[[Query], Query]:
    """How an operator's score is changed."""
    if not fields.has("score"):
        return lambda query: query
    score = fields.fields("score")
    for other in ("function", "dismax", "embedded"):
        if score.has(other):
            raise unsupported(f"score.{other} in $search")
    kind = score.exactly_one(("boost", "constant"))
    options = score.fields(kind)
    if kind == "boost" and options.has("path"):
        raise unsupported("score.boost.path in $search")
    value = options.required("value")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise options.fail_at("value", "must be a number")
    if value < 0 or (kind == "boost" and value == 0):
        raise options.fail_at("value", "must be positive" if kind == "boost" else "cannot be negative")
    options.no_others()
    score.no_others()
    factor = np.float32(value)

    def boosted(query: Query) -> Query:
        def run(content: TextContent) -> Matches:
            matches = query(content)
            if kind == "boost":
                return Matches(matches.mask, matches.scores * factor, matches.leaves)
            return Matches(matches.mask, matches.mask * factor, matches.leaves)

        return run

    return boosted


CLAUSES = ("filter", "must", "mustNot", "should")


def _compound(fields: Fields) -> Query:
    if not any(fields.has(name) for name in CLAUSES):
        raise fields.fail(f"at least one of [{', '.join(CLAUSES)}] must be present")
    fields.ignore("doesNotAffect")
    clauses = {name: _clauses(fields, name) for name in CLAUSES}
    if not any(clauses.values()):
        raise fields.fail("must have at least one clause")
    least = fields.bounded("minimumShouldMatch", 0, 2**31 - 1, 0)
    if fields.has("minimumShouldMatch"):
        if not clauses["should"]:
            raise fields.fail("should clause must not be empty when using minimumShouldMatch")
        if least > len(clauses["should"]):
            raise fields.fail("minimumShouldMatch cannot be greater than number of should clauses")
    if not (clauses["must"] or clauses["filter"]) and clauses["should"]:
        least = max(least, 1)

    def run(content: TextContent) -> Matches:
        found = {name: [query(content) for query in clauses[name]] for name in CLAUSES}
        mask = np.ones(len(content.rows), dtype=np.bool_)
        for one in (*found["filter"], *found["must"]):
            mask &= one.mask
        for one in found["mustNot"]:
            mask &= ~one.mask
        if least:
            matched = np.zeros(len(mask), dtype=np.int32)
            for one in found["should"]:
                matched += one.mask
            mask &= matched >= least
        scores = total([one.scores for one in (*found["must"], *found["should"])], mask)
        return Matches(mask, scores, sum(one.leaves for clause in found.values() for one in clause))

    return run


def _clauses(fields: Fields, name: str) -> list[Query]:
    value = fields.optional(name)
    if value is None:
        return []
    if not isinstance(value, list):
        return [_exactly_one(value, fields.at(name))]
    return [_exactly_one(element, path) for path, element in fields.list_of(name)]


_PARSERS: Mapping[str, Callable[[Fields], Query]] = {
    "compound": _compound,
    "equals": value_operators.equals,
    "exists": value_operators.exists,
    "in": value_operators.in_,
    "phrase": text_operators.phrase,
    "range": value_operators.range_,
    "text": text_operators.text,
}
