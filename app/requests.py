"""What clients send, checked: from bytes to a request that the rest of the server can trust."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args
from urllib.parse import urlsplit

from app.conversation import Message
from app.defuse import visible
from app.descriptions import Filter, parse_filter
from app.errors import BadRequest, PromptMissing, PromptTooLong
from app.messages import LANGUAGES, Language, parse_language, sentence
from database.feedback import Verdict

LONGEST_PROMPT = 16_000  # characters
LONGEST_NOTE = 2_000
MOST_MESSAGES = 100  # of a conversation; the last ones are read
MOST_DOCUMENTS = 1_000  # ids in one request
MOST_SHOWN = 30  # pages that an answer showed

CHAT_LIMIT, MOST_CHAT_LIMIT = 8, 20
SEARCH_LIMIT, MOST_SEARCH_LIMIT = 10, 50

_DIGITS = 9  # of a number of lines
_LONGEST_ID = 200  # characters
_LONGEST_NAME = 200
_LONGEST_ADDRESS = 2_000
_LAST_PAGE = 9_999_999

_VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
_PLACE = '{"document": "id", "page": 12}'

Fields = Mapping[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatRequest:
    """`language` is None where the question's own is to be found out."""

    prompt: str
    documents: tuple[str, ...] | None
    filter: Filter | None = None
    model: str | None
    language: Language | None
    history: tuple[Message, ...] = ()
    limit: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchRequest:
    """A search without an answer."""

    query: str
    documents: tuple[str, ...] | None
    filter: Filter | None = None
    limit: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A page of a document, from 1; None where the document has none, or any page is meant."""

    document: str
    page: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedbackRequest:
    """What somebody says of an answer. `language` is None where the question's own is to be found out."""

    question: str
    verdict: Verdict
    sources: tuple[Page, ...]
    right: Page | None
    note: str
    language: Language | None


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
        history=_history(fields),
        limit=_limit(fields, CHAT_LIMIT, MOST_CHAT_LIMIT),
    )


def parse_after(value: str, lines: int) -> int:
    """How many lines of an answer that has so many somebody has. Raises BadRequest."""
    if not value.isascii() or not value.isdigit():
        raise BadRequest(sentence("wrong_type", field="after", allowed=f"0–{lines}"))
    after = int(value[:_DIGITS])
    if after > lines:
        raise BadRequest(sentence("out_of_range", field="after", least=0, most=lines))
    return after


def parse_search(fields: Fields) -> SearchRequest:
    """Raises BadRequest, PromptMissing, PromptTooLong."""
    return SearchRequest(
        query=_question(fields, "query"),
        documents=_documents(fields),
        filter=parse_filter(fields),
        limit=_limit(fields, SEARCH_LIMIT, MOST_SEARCH_LIMIT),
    )


def parse_feedback(fields: Fields) -> FeedbackRequest:
    """Raises BadRequest, PromptMissing, PromptTooLong."""
    right = fields.get("right")
    return FeedbackRequest(
        question=_question(fields, "question"),
        verdict=_verdict(fields),
        sources=_sources(fields),
        right=None if right is None else _page("right", right),
        note=_note(fields),
        language=_language(fields),
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


def _history(fields: Fields) -> tuple[Message, ...]:
    """What was said before, oldest first, as Ollama's clients have it. Raises BadRequest."""
    value = fields.get("history")
    if value is None:
        return ()
    wrong = BadRequest(
        sentence("wrong_type", field="history", allowed='[{"role": "user" | "assistant", "content": "…"}, …]')
    )
    if not isinstance(value, list):
        raise wrong
    if len(value) > MOST_MESSAGES:
        raise BadRequest(sentence("out_of_range", field="history", least=0, most=MOST_MESSAGES))
    messages = []
    for item in value:
        role, content = (item.get("role"), item.get("content")) if isinstance(item, dict) else (None, None)
        if role not in ("user", "assistant") or not isinstance(content, str):
            raise wrong
        messages.append(Message(role=role, content=content))
    return tuple(messages)


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


def _verdict(fields: Fields) -> Verdict:
    value = fields.get("verdict")
    for verdict in _VERDICTS:
        if value == verdict:
            return verdict
    raise BadRequest(sentence("wrong_choice", field="verdict", allowed=", ".join(_VERDICTS)))


def _sources(fields: Fields) -> tuple[Page, ...]:
    """Each page once, in the order in which they were shown."""
    value = fields.get("sources")
    if value is None:
        return ()
    if not isinstance(value, list):
        raise BadRequest(sentence("wrong_type", field="sources", allowed=f"[{_PLACE}, …]"))
    if len(value) > MOST_SHOWN:
        raise BadRequest(sentence("out_of_range", field="sources", least=0, most=MOST_SHOWN))
    return tuple(dict.fromkeys(_page("sources", item) for item in value))


def _page(field: str, value: object) -> Page:
    document, page = (value.get("document"), value.get("page")) if isinstance(value, dict) else (None, None)
    if not isinstance(document, str) or not 0 < len(document) <= _LONGEST_ID:
        raise BadRequest(sentence("wrong_type", field=field, allowed=_PLACE))
    if page is not None and (not isinstance(page, int) or isinstance(page, bool)):
        raise BadRequest(sentence("wrong_type", field=field, allowed=_PLACE))
    if page is not None and not 1 <= page <= _LAST_PAGE:
        raise BadRequest(sentence("out_of_range", field=f"{field}.page", least=1, most=_LAST_PAGE))
    return Page(document=document, page=page)


def _note(fields: Fields) -> str:
    value = fields.get("note")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadRequest(sentence("wrong_type", field="note", allowed="text"))
    if len(value) > LONGEST_NOTE:
        raise BadRequest(sentence("out_of_range", field="note", least=0, most=LONGEST_NOTE))
    return visible(value).strip()
