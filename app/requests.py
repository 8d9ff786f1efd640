"""What clients send, checked: from bytes to a request that the rest of the server can trust."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.defuse import visible
from app.descriptions import Filter, parse_filter
from app.errors import BadRequest, PromptMissing, PromptTooLong
from app.messages import LANGUAGES, Language, parse_language, sentence

LONGEST_PROMPT = 16_000  # characters
MOST_DOCUMENTS = 1_000  # ids in one request

CHAT_LIMIT, MOST_CHAT_LIMIT = 8, 20
SEARCH_LIMIT, MOST_SEARCH_LIMIT = 10, 50

_LONGEST_ID = 200  # characters
_LONGEST_NAME = 200
_LONGEST_ADDRESS = 2_000

Fields = Mapping[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatRequest:
    """`language` is None where the question's own is to be found out."""

    prompt: str
    documents: tuple[str, ...] | None
    filter: Filter | None = None
    model: str | None
    language: Language | None
    limit: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchRequest:
    """A search without an answer."""

    query: str
    documents: tuple[str, ...] | None
    filter: Filter | None = None
    limit: int


def parse_object(body: bytes, example: str) -> Fields:
    """The JSON object of a body. Raises BadRequest."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise BadRequest(sentence("not_json", example=example)) from None
    if not isinstance(value, dict):
        raise BadRequest(sentence("not_an_object", example=example))
    return value


def web_address(fields: Fields) -> str:
    """The address that is to be loaded. Raises BadRequest."""
    value = fields.get("url")
    if not isinstance(value, str):
        raise BadRequest(sentence("wrong_url"))
    address = value.strip()
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        raise BadRequest(sentence("wrong_url")) from None
    readable = all(c.isprintable() and not c.isspace() for c in address)
    if (
        not address.startswith(("http://", "https://"))
        or not host
        or not readable
        or len(address) > _LONGEST_ADDRESS
    ):
        raise BadRequest(sentence("wrong_url"))
    return address


def reader_language(fields: Fields) -> Language | None:
    """The language that the client names for what it reads; None where it names none of ours."""
    value = fields.get("language")
    return parse_language(value) if isinstance(value, str) else None


def parse_chat(fields: Fields) -> ChatRequest:
    """Raises BadRequest, PromptMissing, PromptTooLong. Unknown fields are let through."""
    return ChatRequest(
        prompt=_question(fields, "prompt"),
        documents=_documents(fields),
        filter=parse_filter(fields),
        model=_name(fields, "model"),
        language=_language(fields),
        limit=_limit(fields, CHAT_LIMIT, MOST_CHAT_LIMIT),
    )


def parse_search(fields: Fields) -> SearchRequest:
    """Raises BadRequest, PromptMissing, PromptTooLong."""
    return SearchRequest(
        query=_question(fields, "query"),
        documents=_documents(fields),
        filter=parse_filter(fields),
        limit=_limit(fields, SEARCH_LIMIT, MOST_SEARCH_LIMIT),
    )


def _question(fields: Fields, field: str) -> str:
    value = fields.get(field)
    if value is None:
        raise PromptMissing(field)
    if not isinstance(value, str):
        raise BadRequest(sentence("wrong_type", field=field, allowed="text"))
    if len(value) > LONGEST_PROMPT:
        raise PromptTooLong(LONGEST_PROMPT)
    question = visible(value).strip()
    if not question:
        raise PromptMissing(field)
    return question


def _documents(fields: Fields) -> tuple[str, ...] | None:
    """No ids at all is no restriction: it is what a client sends where nothing is selected."""
    value = fields.get("documents")
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadRequest(sentence("wrong_type", field="documents", allowed='["id", …]'))
    if len(value) > MOST_DOCUMENTS or any(not 0 < len(item) <= _LONGEST_ID for item in value):
        raise BadRequest(sentence("out_of_range", field="documents", least=0, most=f"{MOST_DOCUMENTS} ids"))
    return tuple(dict.fromkeys(value)) or None


def _name(fields: Fields, field: str) -> str | None:
    value = fields.get(field)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > _LONGEST_NAME:
        raise BadRequest(sentence("wrong_type", field=field, allowed="text"))
    return value


def _language(fields: Fields) -> Language | None:
    value = fields.get("language")
    if value is None or value == "auto":
        return None
    language = parse_language(value) if isinstance(value, str) else None
    if language is None:
        raise BadRequest(sentence("wrong_choice", field="language", allowed=", ".join(("auto", *LANGUAGES))))
    return language


def _limit(fields: Fields, usual: int, most: int) -> int:
    value = fields.get("limit")
    if value is None:
        return usual
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadRequest(sentence("wrong_type", field="limit", allowed=f"1–{most}"))
    if not 1 <= value <= most:
        raise BadRequest(sentence("out_of_range", field="limit", least=1, most=most))
    return value
