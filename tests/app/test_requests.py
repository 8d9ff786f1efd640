"""What clients send."""

from __future__ import annotations

import pytest

from app.errors import BadRequest, PromptMissing, PromptTooLong
from app.fields import Fields
from app.requests import (
    CHAT_LIMIT,
    LONGEST_PROMPT,
    MOST_DOCUMENTS,
    SEARCH_LIMIT,
    ChatRequest,
    parse_chat,
    parse_object,
    parse_search,
    reader_language,
)


def test_a_prompt_is_enough() -> None:
    """Everything else has a usual value; `parametro` and unknown fields are let through."""
    assert parse_chat({"prompt": "  Qual?\u200b ", "parametro": {"a": [1]}, "new": 1}) == ChatRequest(
        prompt="Qual?", documents=None, model=None, language=None, limit=CHAT_LIMIT
    )


def test_reads_every_field() -> None:
    """As the interface has them; an id given twice is given once."""
    fields: Fields = {
        "prompt": "?",
        "documents": ["b", "a", "b"],
        "model": "m",
        "language": "pt-BR",
        "limit": 20,
    }
    assert parse_chat(fields) == ChatRequest(
        prompt="?", documents=("b", "a"), model="m", language="pt", limit=20
    )


@pytest.mark.parametrize("language", [None, "auto"])
def test_auto_leaves_the_language_to_the_question(language: str | None) -> None:
    """So does saying nothing."""
    assert parse_chat({"prompt": "?", "language": language}).language is None


@pytest.mark.parametrize("documents", [None, []])
def test_no_documents_is_no_restriction(documents: list[str] | None) -> None:
    """Clients send an empty list where nothing is selected."""
    assert parse_chat({"prompt": "?", "documents": documents}).documents is None


@pytest.mark.parametrize("prompt", [None, "", " \n\t ", "\u200b\u0000"])
def test_a_question_without_text_is_missing(prompt: str | None) -> None:
    """Blank and invisible characters ask nothing."""
    with pytest.raises(PromptMissing, match="prompt"):
        parse_chat({"prompt": prompt})
    with pytest.raises(PromptMissing, match="query"):
        parse_search({"query": prompt})


def test_a_question_has_a_longest_length() -> None:
    """The limit is inclusive."""
    assert len(parse_chat({"prompt": "x" * LONGEST_PROMPT}).prompt) == LONGEST_PROMPT
    with pytest.raises(PromptTooLong):
        parse_chat({"prompt": "x" * (LONGEST_PROMPT + 1)})


@pytest.mark.parametrize(
    "fields",
    [
        {"prompt": 1},
        {"prompt": ["a"]},
        {"documents": "doc"},
        {"documents": [1]},
        {"documents": [""]},
        {"documents": ["x" * 201]},
        {"documents": ["x"] * (MOST_DOCUMENTS + 1)},
        {"model": 1},
        {"model": "m" * 201},
        {"language": "fr"},
        {"language": 1},
        {"limit": 0},
        {"limit": 21},
        {"limit": True},
        {"limit": "5"},
        {"limit": 1.5},
    ],
)
def test_refuses_what_is_of_a_wrong_kind(fields: Fields) -> None:
    """Rather than guess what was meant."""
    with pytest.raises(BadRequest):
        parse_chat({"prompt": "?", **fields})


def test_a_search_may_ask_for_more() -> None:
    """Up to fifty matches, ten without saying."""
    assert parse_search({"query": "?"}).limit == SEARCH_LIMIT
    assert parse_search({"query": "?", "limit": 50}).limit == 50
    with pytest.raises(BadRequest):
        parse_search({"query": "?", "limit": 51})


@pytest.mark.parametrize("body", [b"", b"{", b"prompt=hello", b"\xff\xfe\xfa", b"[" * 100_000])
def test_a_body_must_be_json(body: bytes) -> None:
    """Whatever else it is, it is answered with what to send."""
    with pytest.raises(BadRequest, match="not JSON"):
        parse_object(body, "{…}")


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"1", b"null"])
def test_a_body_must_be_an_object(body: bytes) -> None:
    """Other JSON has no fields."""
    with pytest.raises(BadRequest, match="not a JSON object"):
        parse_object(body, "{…}")


@pytest.mark.parametrize(("value", "language"), [("es", "es"), ("auto", None), ("fr", None), (7, None)])
def test_the_language_field_is_the_readers(value: object, language: str | None) -> None:
    """Errors are told in it, also where another field is wrong."""
    assert reader_language({"language": value}) == language
