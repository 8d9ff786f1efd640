"""What MongoDB is asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from bson.binary import BinaryVectorDtype

from database.records import Scope
from database.stores import atlas_stages as stages

VECTOR = np.array([0.5, -1, 0.25], np.float32)


def test_a_vector_is_sent_as_float32() -> None:
    """Bit for bit, in MongoDB's compact form."""
    sent = stages.as_binary(VECTOR).as_vector()
    assert (sent.dtype, sent.data) == (BinaryVectorDtype.FLOAT32, [0.5, -1, 0.25])
    assert len(stages.as_binary(VECTOR)) == 4 * 3 + 2


@pytest.mark.parametrize(
    ("limit", "exact", "expected"),
    [
        (50, True, {"limit": 50, "exact": True}),
        (50, False, {"limit": 50, "numCandidates": 1_000}),
        (2_000, False, {"limit": 2_000, "numCandidates": 10_000}),
        (10_000, False, {"limit": 10_000, "numCandidates": 10_000}),
    ],
)
def test_how_far_the_vector_search_looks(limit: int, exact: bool, expected: dict[str, Any]) -> None:
    """All vectors of a small collection; twenty candidates a result of a large one, within bounds."""
    search = stages.nearest(VECTOR, Scope(), (), limit, exact=exact)[0]["$vectorSearch"]
    assert {key: search[key] for key in ("limit", "exact", "numCandidates") if key in search} == expected


def test_both_searches_see_the_same_scope() -> None:
    """Libraries and documents that are asked of; never a hidden version."""
    scope = Scope(libraries=("a", "b"), documents=("d",))
    vector = stages.nearest(VECTOR, scope, {"d:2", "c:1"}, 5, exact=True)[0]["$vectorSearch"]
    assert vector["filter"] == {
        "$and": [
            {"library": {"$in": ["a", "b"]}},
            {"document_id": {"$in": ["d"]}},
            {"version_id": {"$nin": ["c:1", "d:2"]}},
        ]
    }
    text = stages.sharing_words(["praz"], scope, {"d:2", "c:1"}, 5)[0]["$search"]["compound"]
    assert text["filter"] == [
        {"in": {"path": "library", "value": ["a", "b"]}},
        {"in": {"path": "document_id", "value": ["d"]}},
    ]
    assert text["mustNot"] == [{"in": {"path": "version_id", "value": ["c:1", "d:2"]}}]


def test_a_question_of_very_many_words_stays_within_lucenes_bounds() -> None:
    """More than 1,024 clauses are refused."""
    asked = [f"t{n}" for n in range(5_000)]
    query = stages.sharing_words(asked, Scope(), (), 5)[0]["$search"]["compound"]["must"][0]["text"]["query"]
    assert query.split() == asked[:500]


def test_every_field_of_a_filter_is_indexed_for_filtering() -> None:
    """A filter on another field is an error in one index and finds nothing in the other."""
    definition = stages.vector_definition(3)
    filters = {field["path"] for field in definition["fields"] if field["type"] == "filter"}
    tokens = {
        path
        for path, field in stages.text_definition()["mappings"]["fields"].items()
        if field["type"] == "token"
    }
    assert {"library", "document_id", "version_id"} <= filters == tokens


def test_the_text_is_analysed_for_three_languages_and_without_accents() -> None:
    """For whoever searches the collection with other tools."""
    definition = stages.text_definition()
    multi = definition["mappings"]["fields"]["text"]["multi"]
    assert {name: field["analyzer"] for name, field in multi.items()} == {
        "pt": "lucene.portuguese",
        "es": "lucene.spanish",
        "en": "lucene.english",
        "folded": "folded",
    }
    assert [analyzer["name"] for analyzer in definition["analyzers"]] == ["folded"]


@pytest.mark.parametrize(
    ("found", "same"),
    [
        (stages.vector_definition(3), True),
        (
            {
                "fields": [
                    {**field, "indexingMethod": "hnsw"}
                    for field in reversed(stages.vector_definition(3)["fields"])
                ]
            },
            True,
        ),
        (stages.vector_definition(4), False),
        ({"fields": stages.vector_definition(3)["fields"][:-1]}, False),
        ({"fields": [*stages.vector_definition(3)["fields"], {"type": "filter", "path": "x"}]}, False),
        ({}, False),
        ({"fields": None}, False),
    ],
)
def test_whether_a_definition_is_the_wanted_one(found: dict[str, Any], same: bool) -> None:
    """Defaults that the server adds and its order say nothing; another length or a missing filter does."""
    assert stages.satisfies(found, stages.vector_definition(3)) is same
