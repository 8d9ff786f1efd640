"""The operators `equals`, `in`, `exists` and `range`, which look for values: every match scores 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.atlas_stand_in.errors import invalid_query
from tests.atlas_stand_in.filters import typed, typed_list, within
from tests.atlas_stand_in.matches import Matches, Query
from tests.atlas_stand_in.parsing import Fields
from tests.atlas_stand_in.rows import NULL, Scalar
from tests.atlas_stand_in.text_index import TextContent
from tests.atlas_stand_in.text_operators import built, plain_paths


def equals(fields: Fields) -> Query:
    path = fields.string("path")
    if "value" not in fields.document:
        raise fields.fail_at("value", "is required")
    fields.ignore("value", "doesNotAffect")
    value = typed(fields.document["value"], fields.at("value"))
    return _constant([path], [value])


def in_(fields: Fields) -> Query:
    paths = plain_paths(fields)
    fields.ignore("doesNotAffect")
    value = fields.required("value")
    values = typed_list(value if isinstance(value, list) else [value], fields.at("value"))
    return _constant(paths, values)


def _constant(paths: Sequence[str], values: Sequence[Scalar]) -> Query:
    """One of some values at one of some paths: every match scores 1."""

    def run(content: TextContent) -> Matches:
        mask = np.zeros(len(content.rows), dtype=np.bool_)
        for path in paths:
            wanted = {_normalised(content, path, value) for value in values}
            mask |= content.columns.where(path, len(mask), wanted.__contains__)
        return Matches(mask, mask.astype(np.float32))

    return run


def _normalised(content: TextContent, path: str, value: Scalar) -> Scalar:
    """A string as the path's token field has it.

    Raises CommandFailed as mongot does: where the path is no token field, only for a string that the index's
    analyzer doesn't leave in one piece; others find nothing.
    """
    if value == NULL or value[0] != "string":
        return value
    types = content.definition.field_types(path)
    if types is None or types.token is None:
        string = types.string if types else None
        analyzer = content.definition.query_analyzer(string)
        if len(built(content, analyzer).terms(value[1])) != 1:
            raise invalid_query(f"Path '{path}' needs to be indexed as token")
        return ("string", None)
    return ("string", value[1].lower()) if types.token.normalizer == "lowercase" else value


def exists(fields: Fields) -> Query:
    path = fields.string("path")

    def run(content: TextContent) -> Matches:
        mask = content.present(path)
        return Matches(mask, mask.astype(np.float32))

    return run


def range_(fields: Fields) -> Query:
    paths = plain_paths(fields)
    fields.ignore("doesNotAffect")
    lower, upper = fields.at_most_one(("gt", "gte")), fields.at_most_one(("lt", "lte"))
    bounds = {
        name: typed(fields.required(name), fields.at(name)) for name in (lower, upper) if name is not None
    }
    if not bounds:
        raise fields.fail("must specify at least one of [lt, lte, gt, gte]")
    kinds = {kind for kind, _ in bounds.values()}
    if len(kinds) > 1:
        raise fields.fail("bounds must be of the same type")
    if kinds & {"boolean"}:
        raise fields.fail("range operator does not support BOOLEAN point type")
    if lower and upper:
        _check_bounds(fields, bounds[lower][1], bounds[upper][1], lower + upper == "gtelte")

    def run(content: TextContent) -> Matches:
        mask = np.zeros(len(content.rows), dtype=np.bool_)
        for path in paths:
            mask |= within(path, **bounds)(content.columns, len(mask))
        return Matches(mask, mask.astype(np.float32))

    return run


def _check_bounds(fields: Fields, lower: Any, upper: Any, inclusive: bool) -> None:
    if lower > upper:
        raise fields.fail("gt/gte must not be greater than lt/lte")
    if lower == upper and not inclusive:
        raise fields.fail("bounds must both be inclusive if they are equal")
