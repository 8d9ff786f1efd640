"""The filter of `$vectorSearch`: MongoDB's query language, as much of it as mongot takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tests.atlas_stand_in.errors import BAD_VALUE, CommandFailed, invalid_query
from tests.atlas_stand_in.parsing import Fields, Malformed
from tests.atlas_stand_in.rows import NULL, Columns, Mask, Scalar, scalar

COMBINING = ("$and", "$or", "$nor")
COMPARING = ("$gt", "$gte", "$lt", "$lte", "$eq", "$ne", "$in", "$nin")
OPERATORS = (*COMPARING, "$exists", "$not")
# What mongod's own language knows besides: these reach mongot, which refuses them; others mongod refuses.
ELSEWHERE = (
    *(
        "$regex",
        "$options",
        "$type",
        "$size",
        "$all",
        "$elemMatch",
        "$mod",
        "$expr",
        "$text",
        "$where",
        "$comment",
    ),
    *("$geoWithin", "$geoIntersects", "$near", "$nearSphere", "$jsonSchema"),
    *("$bitsAllClear", "$bitsAllSet", "$bitsAnyClear", "$bitsAnySet"),
)

VALUE_TYPES = "boolean, objectId, number, string, date, uuid, or null"

Filter = Callable[[Columns, int], Mask]  # the columns and their number of rows → which rows pass


class FilterParser:
    """Reads a filter for an index in which `filterable` are the fields of type filter (None: any will do).

    Raises Malformed and CommandFailed.
    """

    def __init__(self, filterable: frozenset[str] | None) -> None:
        self._filterable = filterable

    def parse(self, value: Any, path: str = "filter") -> Filter:
        if not isinstance(value, Mapping):
            raise Malformed(f'"{path}" filter must be a document')
        fields = Fields(value, path)
        clauses: list[Filter] = []
        for name, condition in value.items():
            if name in COMBINING:
                clauses.append(_COMBINE[name](self._clauses(condition, path)))
            elif isinstance(condition, Mapping) and any(key.startswith("$") for key in condition):
                clauses.append(self._operators(name, fields.fields(name)))
            else:
                clauses.append(self._equal(name, typed(condition, fields.at(name))))
        return every(clauses)

    def _clauses(self, value: Any, path: str) -> list[Filter]:
        if not isinstance(value, list):
            raise Malformed(f'"{path}" must be a array')
        if not value:
            raise Malformed(f'"{path}" cannot be empty')
        return [self.parse(clause, f"{path}[{i}]") for i, clause in enumerate(value)]

    def _operators(self, path: str, fields: Fields) -> Filter:
        for name in fields.document:
            if name.startswith("$") and name not in OPERATORS and name not in ELSEWHERE:
                raise CommandFailed(BAD_VALUE, f"unknown operator: {name}")
        present = [name for name in OPERATORS if name in fields.document]
        if not present:
            raise fields.fail(f"at least one of [{', '.join(OPERATORS)}] must be present")
        fields.ignore(*present)
        fields.no_others()
        return every([self._operator(path, name, fields) for name in present])

    def _operator(self, path: str, name: str, fields: Fields) -> Filter:
        value, at = fields.document[name], fields.at(name)
        match name:
            case "$eq":
                return self._equal(path, typed(value, at))
            case "$ne":
                return negated(self._equal(path, typed(value, at)))
            case "$in" | "$nin":
                wanted = frozenset(typed_list(value, at))
                self._check(path)
                found = one_of(path, wanted)
                return found if name == "$in" else negated(found)
            case "$not":
                return negated(self._operators(path, fields.fields(name)))
            case "$exists":
                if not isinstance(value, bool):
                    raise Malformed(f'"{at}" must be a boolean')
                self._check(path)
                present = one_that(path, lambda _: True)
                return present if value else negated(present)
            case _:
                bound = typed(value, at)
                if bound == NULL:
                    raise Malformed(f'"{at}" is required')
                self._check(path)
                return within(path, **{name.removeprefix("$"): bound})

    def _equal(self, path: str, value: Scalar) -> Filter:
        if value != NULL:
            self._check(path)
        return one_of(path, frozenset({value}))

    def _check(self, path: str) -> None:
        if self._filterable is not None and path not in self._filterable:
            raise invalid_query(f"Path '{path}' needs to be indexed as filter")


def typed(value: Any, at: str) -> Scalar:
    """A value to compare with; raises Malformed for one that can't be in an index."""
    found = scalar(value)
    if found is None:
        raise Malformed(f'"{at}" must be a {VALUE_TYPES}')
    return found


def typed_list(value: Any, at: str) -> list[Scalar]:
    """A list of values of one kind; not empty, no null."""
    if not isinstance(value, list):
        raise Malformed(f'"{at}" must be a array')
    if not value:
        raise Malformed(f'"{at}" cannot be empty')
    found = [typed(element, f"{at}[{i}]") for i, element in enumerate(value)]
    for i, (kind, _) in enumerate(found):
        if kind == "null":
            raise Malformed(f'"{at}[{i}]" value type cannot be null')
    if len({kind for kind, _ in found}) > 1:
        raise Malformed(f'"{at}" must have elements of the same type')
    return found


def one_of(path: str, wanted: frozenset[Scalar]) -> Filter:
    return one_that(path, lambda value: value in wanted)


def one_that(path: str, holds: Callable[[Scalar], bool]) -> Filter:
    return lambda columns, rows: columns.where(path, rows, holds)


def within(
    path: str,
    gt: Scalar | None = None,
    gte: Scalar | None = None,
    lt: Scalar | None = None,
    lte: Scalar | None = None,
) -> Filter:
    """Values of the bounds' kind between them."""

    def holds(value: Scalar) -> bool:
        return (
            (gt is None or (value[0] == gt[0] and value[1] > gt[1]))
            and (gte is None or (value[0] == gte[0] and value[1] >= gte[1]))
            and (lt is None or (value[0] == lt[0] and value[1] < lt[1]))
            and (lte is None or (value[0] == lte[0] and value[1] <= lte[1]))
        )

    return one_that(path, holds)


def every(filters: Sequence[Filter]) -> Filter:
    def combined(columns: Columns, rows: int) -> Mask:
        mask = np.ones(rows, dtype=np.bool_)
        for one in filters:
            mask &= one(columns, rows)
        return mask

    return combined


def some(filters: Sequence[Filter]) -> Filter:
    return negated(every([negated(one) for one in filters]))


def negated(one: Filter) -> Filter:
    return lambda columns, rows: ~one(columns, rows)


_COMBINE: Mapping[str, Callable[[Sequence[Filter]], Filter]] = {
    "$and": every,
    "$or": some,
    "$nor": lambda filters: negated(some(filters)),
}
