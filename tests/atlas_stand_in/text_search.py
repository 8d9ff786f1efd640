"""`$search` and `$searchMeta`: the operators that the stand-in knows, and how an index answers them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from bson.int64 import Int64

from tests.atlas_stand_in.analyzers import Analyzer
from tests.atlas_stand_in.definitions import DEFAULT_ANALYZER
from tests.atlas_stand_in.errors import CommandFailed, invalid_query, unsupported
from tests.atlas_stand_in.filters import typed, typed_list, within
from tests.atlas_stand_in.parsing import Fields, Malformed, as_document, failing_as
from tests.atlas_stand_in.rows import NULL, Mask, Scalar
from tests.atlas_stand_in.text_index import Scores, TextContent
from tests.atlas_stand_in.vector_search import Found

OPERATORS = ("compound", "equals", "exists", "in", "phrase", "range", "text")
OTHER_OPERATORS = (
    *("allDocuments", "autocomplete", "embeddedDocument", "geoShape", "geoWithin", "hasAncestor", "hasRoot"),
    *("knnBeta", "moreLikeThis", "near", "queryString", "regex", "search", "span", "term", "vectorSearch"),
    *("wildcard", "facet"),
)
OTHER_OPTIONS = ("highlight", "returnScope", "searchBefore", "searchAfter", "sort", "sortBetaV1", "tracking")

MOST_CLAUSES = 1024  # Lucene's limit for one boolean query, and for all terms and values of a search
DEFAULT_THRESHOLD = 1000


@dataclass(frozen=True)
class Matches:
    """Which rows match, their scores (0 elsewhere), and of how many simplest queries they are the answer."""

    mask: Mask
    scores: Scores
    leaves: int = 1


Document = dict[str, Any]
Query = Callable[[TextContent], Matches]


@dataclass(frozen=True, kw_only=True)
class TextQuestion:
    """A `$search` or `$searchMeta` stage."""

    index: str
    query: Query
    count_type: str
    threshold: int


def parse_question(stage: Any, name: str) -> TextQuestion:
    """Raises CommandFailed with mongod's or mongot's sentence."""
    if not isinstance(stage, Mapping):
        raise CommandFailed((9, "FailedToParse"), f"{name} value must be an object.")
    with failing_as(invalid_query):
        return _question(Fields(stage))


def _question(fields: Fields) -> TextQuestion:
    for other in (*OTHER_OPERATORS, *OTHER_OPTIONS):
        if fields.has(other):
            raise unsupported(f"{other} in $search")
    for option in ("returnStoredSource", "scoreDetails"):
        if fields.boolean(option, False):
            raise unsupported(f"{option} in $search")
    fields.boolean("concurrent", False)
    fields.ignore("searchNodePreference")
    operator = fields.at_most_one(OPERATORS)
    if operator is None:
        names = ", ".join(sorted({*OPERATORS, *OTHER_OPERATORS} - {"facet"}))
        raise Malformed(f"Query should contain either an operator [{names}] or a collector [facet]")
    count_type, threshold = "lowerBound", DEFAULT_THRESHOLD
    if fields.has("count"):
        count = fields.fields("count")
        count_type = count.choice("type", ("lowerBound", "total"), "lowerBound")
        threshold = count.bounded("threshold", 0, 2**31 - 1, DEFAULT_THRESHOLD)
        count.no_others()
    question = TextQuestion(
        index=fields.nonempty("index", "default"),
        query=_parse_operator(operator, fields.fields(operator)),
        count_type=count_type,
        threshold=threshold,
    )
    fields.no_others()
    return question


def search(content: TextContent, question: TextQuestion) -> tuple[Found, Document]:
    """All that match, best first (among equals the older row), and what `$searchMeta` says of them.

    A lower bound is exact up to the threshold, and beyond it just that. Raises CommandFailed.
    """
    matches = question.query(content)
    if matches.leaves > MOST_CLAUSES:
        raise invalid_query(
            f"Query contains too many nested clauses; maxClauseCount is set to {MOST_CLAUSES}"
        )
    rows = np.flatnonzero(matches.mask & content.rows.alive())
    scores = matches.scores[rows]
    order = np.lexsort((rows, -scores))
    found = [(content.rows.ids[rows[i]], float(scores[i])) for i in order]
    bound = len(found) if question.count_type == "total" else question.threshold + 1
    return found, {"count": {question.count_type: Int64(min(len(found), bound))}}


def _parse_operator(name: str, fields: Fields) -> Query:
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
    query = _parse_operator(name, fields.fields(name))
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


@dataclass(frozen=True)
class TextPath:
    """A path as `text` and `phrase` take it: a field, one of its other analyses, or a wildcard."""

    path: str
    multi: str | None = None
    wildcard: bool = False

    def __str__(self) -> str:
        return f"{self.path} (multi: {self.multi})" if self.multi else self.path

    def resolved(self, content: TextContent) -> list[TextPath]:
        if not self.wildcard:
            return [self]
        pattern = ".*?".join(map(re.escape, self.path.split("*")))
        return [TextPath(path) for path in content.text_paths() if re.fullmatch(pattern, path)]


def _text_paths(fields: Fields) -> list[TextPath]:
    return [_text_path(value, path) for path, value in fields.one_or_more("path")]


def _text_path(value: Any, path: str) -> TextPath:
    if isinstance(value, str):
        return TextPath(value)
    if not isinstance(value, Mapping):
        raise Malformed(f'"{path}" must be a document or string')
    fields = Fields(value, path)
    if fields.has("wildcard"):
        pattern = fields.string("wildcard")
        if "*" not in pattern:
            raise fields.fail_at("wildcard", 'must contain a "*"')
        if "**" in pattern:
            raise fields.fail_at("wildcard", 'cannot contain more than 1 "*" next to each other')
        if fields.has("multi"):
            raise fields.fail("multi cannot be defined along with wildcard")
        found = TextPath(pattern, wildcard=True)
    else:
        multi = fields.string("multi", "") or None
        if multi and "." in multi:
            raise fields.fail_at("multi", 'cannot contain "."')
        found = TextPath(fields.string("value"), multi)
    fields.no_others()
    return found


def _plain_paths(fields: Fields) -> list[str]:
    paths = [_text_path(value, path) for path, value in fields.one_or_more("path")]
    if any(path.multi for path in paths):
        raise fields.fail_at("path", "multi field not permitted for this operator")
    if any(path.wildcard for path in paths):
        raise fields.fail_at("path", "cannot have wildcards in path definition for this operator")
    return [path.path for path in paths]


def _strings(fields: Fields, name: str) -> list[str]:
    found = []
    for path, value in fields.one_or_more(name):
        if not isinstance(value, str):
            raise Malformed(f'"{path}" must be a string')
        if not value:
            raise Malformed(f'"{path}" cannot be empty')
        found.append(value)
    return found


@lru_cache(maxsize=64)
def _built(content: TextContent, name: str) -> Analyzer:
    return content.definition.build(name)


def _query_analyzer(content: TextContent, path: TextPath) -> Analyzer:
    """Raises CommandFailed for another analysis that the index hasn't."""
    string = content.definition.string_type(path.path, path.multi)
    if string is None and path.multi is not None:
        raise invalid_query(f"{path} not found in index: {content.index_name}")
    return _built(content, content.definition.query_analyzer(string))


def _text(fields: Fields) -> Query:
    for option in ("fuzzy", "synonyms"):
        if fields.has(option):
            raise unsupported(f"text.{option} in $search")
    paths, texts = _text_paths(fields), _strings(fields, "query")
    every_term = fields.choice("matchCriteria", ("all", "any"), "any") == "all"

    def run(content: TextContent) -> Matches:
        found = []
        for text in texts:
            for path in (resolved for one in paths for resolved in one.resolved(content)):
                terms = _query_analyzer(content, path).terms(text)
                found.append(_terms(content, path, terms, every_term))
        return _any_of(content, found)

    return run


def _terms(content: TextContent, path: TextPath, terms: list[str], every_term: bool) -> Matches:
    if len(terms) > MOST_CLAUSES:
        raise invalid_query(f"maxClauseCount is set to {MOST_CLAUSES}")
    field = content.text_field(path.path, path.multi)
    if field is None or not terms:
        return _nothing(content)
    alive = content.rows.alive()
    scores = [field.score(term, alive, 1.0) for term in terms]
    mask = np.ones(len(alive), dtype=np.bool_) if every_term else np.zeros(len(alive), dtype=np.bool_)
    for one in scores:
        mask = mask & (one > 0) if every_term else mask | (one > 0)
    return Matches(mask, _sum(scores, mask), len(set(terms)))


def _phrase(fields: Fields) -> Query:
    if fields.has("synonyms"):
        raise unsupported("phrase.synonyms in $search")
    paths, texts = _text_paths(fields), _strings(fields, "query")
    slop = fields.bounded("slop", 0, 2**31 - 1, 0)

    def run(content: TextContent) -> Matches:
        found = []
        for text in texts:
            for path in (resolved for one in paths for resolved in one.resolved(content)):
                terms = _query_analyzer(content, path).tokens(text)
                field = content.text_field(path.path, path.multi)
                if field is not None:
                    scores = field.score_phrase(terms, slop, content.rows.alive(), 1.0)
                    found.append(Matches(scores > 0, scores))
        return _any_of(content, found)

    return run


def _equals(fields: Fields) -> Query:
    path = fields.string("path")
    if "value" not in fields.document:
        raise fields.fail_at("value", "is required")
    fields.ignore("value", "doesNotAffect")
    value = typed(fields.document["value"], fields.at("value"))
    return _constant([path], [value])


def _in(fields: Fields) -> Query:
    paths = _plain_paths(fields)
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
        analyzer = content.definition.query_analyzer(string) or DEFAULT_ANALYZER
        if len(_built(content, analyzer).terms(value[1])) != 1:
            raise invalid_query(f"Path '{path}' needs to be indexed as token")
        return ("string", None)
    return ("string", value[1].lower()) if types.token.normalizer == "lowercase" else value


def _exists(fields: Fields) -> Query:
    path = fields.string("path")

    def run(content: TextContent) -> Matches:
        mask = content.present(path)
        return Matches(mask, mask.astype(np.float32))

    return run


def _range(fields: Fields) -> Query:
    paths = _plain_paths(fields)
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
        scores = _sum([one.scores for one in (*found["must"], *found["should"])], mask)
        return Matches(mask, scores, sum(one.leaves for clause in found.values() for one in clause))

    return run


def _clauses(fields: Fields, name: str) -> list[Query]:
    value = fields.optional(name)
    if value is None:
        return []
    if not isinstance(value, list):
        return [_exactly_one(value, fields.at(name))]
    return [_exactly_one(element, path) for path, element in fields.list_of(name)]


def _nothing(content: TextContent) -> Matches:
    size = len(content.rows)
    return Matches(np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.float32))


def _any_of(content: TextContent, found: Sequence[Matches]) -> Matches:
    if not found:
        return _nothing(content)
    mask = np.logical_or.reduce([one.mask for one in found])
    return Matches(mask, _sum([one.scores for one in found], mask), sum(one.leaves for one in found))


def _sum(scores: Sequence[Scores], mask: Mask) -> Scores:
    """Added up in 64 bits and rounded to 32 once, as Lucene's boolean query does."""
    total = np.zeros(len(mask), dtype=np.float64)
    for one in scores:
        total += one
    return np.where(mask, total, 0).astype(np.float32)


_PARSERS: Mapping[str, Callable[[Fields], Query]] = {
    "compound": _compound,
    "equals": _equals,
    "exists": _exists,
    "in": _in,
    "phrase": _phrase,
    "range": _range,
    "text": _text,
}
