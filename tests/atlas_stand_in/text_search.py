"""`$search` and `$searchMeta`: the stages, and how an index answers them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from bson.int64 import Int64

from tests.atlas_stand_in.errors import FAILED_TO_PARSE, CommandFailed, invalid_query, unsupported
from tests.atlas_stand_in.matches import MOST_CLAUSES, Query
from tests.atlas_stand_in.operators import OPERATORS, OTHER_OPERATORS, parse_operator
from tests.atlas_stand_in.parsing import Fields, Malformed, failing_as
from tests.atlas_stand_in.text_index import TextContent
from tests.atlas_stand_in.vector_search import Found

OTHER_OPTIONS = ("highlight", "returnScope", "searchBefore", "searchAfter", "sort", "sortBetaV1", "tracking")
DEFAULT_THRESHOLD = 1000

Document = dict[str, Any]


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
        raise CommandFailed(FAILED_TO_PARSE, f"{name} value must be an object.")
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
        query=parse_operator(operator, fields.fields(operator)),
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
