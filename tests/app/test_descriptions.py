"""What people say of documents, and how documents are chosen by it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.descriptions import Filter, parse_description
from app.errors import BadRequest
from app.requests import parse_search
from database.records import Description
from tests.app.fakes import a_document

SAID = Description(title="Regimento", description="dos bolsistas", tags=("Férias", "RH"), language="pt")


def test_what_is_not_mentioned_stays_and_null_takes_back() -> None:
    """As the fields of a PATCH are read."""
    assert parse_description({}, SAID) == SAID
    assert parse_description({"title": None, "tags": []}, SAID) == replace(SAID, title=None, tags=())
    assert parse_description({"language": "auto", "description": ""}, SAID) == replace(
        SAID, language=None, description=""
    )


def test_tags_come_as_a_list_or_with_commas() -> None:
    """Each once, without invisible characters and spaces around them."""
    assert parse_description({"tags": ["a", " b\u202e ", "a", ""]}).tags == ("a", "b")
    assert parse_description({"tags": "a, b ,,c"}).tags == ("a", "b", "c")


@pytest.mark.parametrize(
    "fields",
    [
        {"title": 7},
        {"title": "x" * 301},
        {"description": "x" * 4_001},
        {"tags": 7},
        {"tags": [7]},
        {"tags": [str(n) for n in range(51)]},
        {"language": "Portuguese"},
        {"language": 7},
    ],
)
def test_wrong_values_are_told(fields: dict[str, Any]) -> None:
    """By the field's name."""
    with pytest.raises(BadRequest, match=next(iter(fields))):
        parse_description(fields)


@pytest.mark.parametrize("value", ["x", ["x"], {"owner": "x"}, {"tags": 7}])
def test_a_filter_that_nobody_understands_is_refused(value: object) -> None:
    """An unknown field would silently let everything through."""
    with pytest.raises(BadRequest):
        parse_search({"query": "?", "filter": value})
    assert parse_search({"query": "?"}).filter is None


@pytest.mark.parametrize(
    ("chosen", "passes"),
    [
        (Filter(), True),
        (Filter(tags=("ferias",)), True),
        (Filter(tags=("ferias", "rh")), True),
        (Filter(tags=("ferias", "obras")), False),
        (Filter(title="regimento"), True),
        (Filter(title="edital"), False),
        (Filter(description="BOLSISTAS"), True),
        (Filter(language="pt"), True),
        (Filter(language="es"), False),
    ],
)
def test_a_filter_lets_through_what_has_all_of_it(chosen: Filter, passes: bool) -> None:
    """Without regard to case and accents."""
    document = replace(a_document("a"), title="Regimento", language="pt", described=SAID)
    assert chosen.lets_through(document) is passes
