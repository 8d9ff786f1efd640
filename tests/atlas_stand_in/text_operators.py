"""The operators `text` and `phrase`, which look for analysed words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from tests.atlas_stand_in.analyzers import Analyzer
from tests.atlas_stand_in.errors import invalid_query, unsupported
from tests.atlas_stand_in.matches import MOST_CLAUSES, Matches, Query, any_of, nothing, total
from tests.atlas_stand_in.parsing import Fields, Malformed
from tests.atlas_stand_in.text_index import TextContent


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


def text_paths(fields: Fields) -> list[TextPath]:
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


def plain_paths(fields: Fields) -> list[str]:
    paths = [_text_path(value, path) for path, value in fields.one_or_more("path")]
    if any(path.multi for path in paths):
        raise fields.fail_at("path", "multi field not permitted for this operator")
    if any(path.wildcard for path in paths):
        raise fields.fail_at("path", "cannot have wildcards in path definition for this operator")
    return [path.path for path in paths]


def strings(fields: Fields, name: str) -> list[str]:
    found = []
    for path, value in fields.one_or_more(name):
        if not isinstance(value, str):
            raise Malformed(f'"{path}" must be a string')
        if not value:
            raise Malformed(f'"{path}" cannot be empty')
        found.append(value)
    return found


@lru_cache(maxsize=64)
def built(content: TextContent, name: str) -> Analyzer:
    return content.definition.build(name)


def _query_analyzer(content: TextContent, path: TextPath) -> Analyzer:
    """Raises CommandFailed for another analysis that the index hasn't."""
    string = content.definition.string_type(path.path, path.multi)
    if string is None and path.multi is not None:
        raise invalid_query(f"{path} not found in index: {content.index_name}")
    return built(content, content.definition.query_analyzer(string))


def text(fields: Fields) -> Query:
    for option in ("fuzzy", "synonyms"):
        if fields.has(option):
            raise unsupported(f"text.{option} in $search")
    paths, texts = text_paths(fields), strings(fields, "query")
    every_term = fields.choice("matchCriteria", ("all", "any"), "any") == "all"

    def run(content: TextContent) -> Matches:
        found = []
        for text in texts:
            for path in (resolved for one in paths for resolved in one.resolved(content)):
                terms = _query_analyzer(content, path).terms(text)
                found.append(_terms(content, path, terms, every_term))
        return any_of(content, found)

    return run


def _terms(content: TextContent, path: TextPath, terms: list[str], every_term: bool) -> Matches:
    if len(terms) > MOST_CLAUSES:
        raise invalid_query(f"maxClauseCount is set to {MOST_CLAUSES}")
    field = content.text_field(path.path, path.multi)
    if field is None or not terms:
        return nothing(content)
    alive = content.rows.alive()
    scores = [field.score(term, alive, 1.0) for term in terms]
    mask = np.ones(len(alive), dtype=np.bool_) if every_term else np.zeros(len(alive), dtype=np.bool_)
    for one in scores:
        mask = mask & (one > 0) if every_term else mask | (one > 0)
    return Matches(mask, total(scores, mask), len(set(terms)))


def phrase(fields: Fields) -> Query:
    if fields.has("synonyms"):
        raise unsupported("phrase.synonyms in $search")
    paths, texts = text_paths(fields), strings(fields, "query")
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
        return any_of(content, found)

    return run
