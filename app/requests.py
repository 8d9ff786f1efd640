"""What clients send, checked: from bytes to a request that the rest of the server can trust."""

from __future__ import annotations

import json
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from app.conversation import Message
from app.defuse import visible
from app.descriptions import DescriptionRequest, Filter
from app.errors import BadRequest
from app.fields import EXAMPLE_ID, REQUEST, Fields, OrNull, Takes, Whole, parse, shown, wrong
from app.messages import LANGUAGES, Language, parse_language, sentence
from database.feedback import Verdict

LONGEST_PROMPT = 16_000  # characters
LONGEST_NOTE = 2_000
MOST_MESSAGES = 100  # of a conversation; the last ones are read
MOST_DOCUMENTS = 1_000  # ids in one request
MOST_SHOWN = 30  # pages that an answer showed

CHAT_LIMIT, MOST_CHAT_LIMIT = 8, 20
SEARCH_LIMIT, MOST_SEARCH_LIMIT = 10, 50

_LONGEST_ID = 200  # characters
_LONGEST_NAME = 200
_LONGEST_ADDRESS = 2_000
_LAST_PAGE = 9_999_999

_PLACE = '{"document": "id", "page": 12}'


def _asked(value: object) -> object:
    if value is None:
        raise wrong("text_missing")
    if not isinstance(value, str):
        return value
    if len(value) > LONGEST_PROMPT:
        raise wrong("text_too_long", limit=LONGEST_PROMPT)
    question = visible(value).strip()
    if not question:
        raise wrong("text_missing")
    return question


def _once(ids: tuple[str, ...]) -> tuple[str, ...] | None:
    """No ids at all is no restriction: it is what a client sends where nothing is selected."""
    return tuple(dict.fromkeys(ids)) or None


def _said(value: object) -> object:
    if isinstance(value, dict) and isinstance(content := value.get("content"), str):
        return {"role": value.get("role"), "content": visible(content)}
    return value


def _ours(value: object) -> object:
    """A language tag such as `pt-BR` as one of our languages; None for `auto`."""
    if value == "auto":
        return None
    return (parse_language(value) or value) if isinstance(value, str) else value


def _stripped(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _web_address(address: str) -> str:
    host = urlsplit(address).hostname
    if not host or not all(c.isprintable() and not c.isspace() for c in address):
        raise ValueError("no address on the web")
    return address


Question = Annotated[
    str, BeforeValidator(_asked), Field(min_length=1, max_length=LONGEST_PROMPT), Takes("text")
]
Id = Annotated[str, Field(min_length=1, max_length=_LONGEST_ID, examples=[EXAMPLE_ID])]
Documents = Annotated[
    Annotated[tuple[Id, ...], Field(max_length=MOST_DOCUMENTS), AfterValidator(_once)] | None,
    Takes('["id", …]', most=f"{MOST_DOCUMENTS} ids"),
]
Chosen = Annotated[Filter | None, Takes('{"tags": ["…"], "language": "pt"}')]
ReaderLanguage = Annotated[
    Language | None,
    BeforeValidator(_ours, json_schema_input_type=Literal["auto", Language] | None),
    Takes(", ".join(("auto", *LANGUAGES)), key="wrong_choice"),
]
ModelName = Annotated[
    Annotated[str, Field(max_length=_LONGEST_NAME), AfterValidator(lambda name: name or None)] | None,
    Takes("text"),
]
History = Annotated[
    tuple[Annotated[Message, BeforeValidator(_said)], ...],
    Field(max_length=MOST_MESSAGES),
    Takes('[{"role": "user" | "assistant", "content": "…"}, …]', most=MOST_MESSAGES),
    OrNull(()),
]
Note = Annotated[
    str,
    BeforeValidator(shown),
    Field(max_length=LONGEST_NOTE),
    Takes("text", most=LONGEST_NOTE),
    OrNull(""),
]


class ChatRequest(BaseModel):
    """A question. Unknown fields are let through."""

    model_config = ConfigDict(
        **REQUEST, json_schema_extra={"examples": [{"prompt": "Qual é o prazo de recurso?"}]}
    )

    prompt: Question
    """The question."""
    documents: Documents = None
    """Ids of the documents to ask; all of them where there are none."""
    filter: Chosen = None
    """The documents to ask, by what is said of them."""
    model: ModelName = None
    """The name of the model that is to answer, of `GET /models` or of any that is installed in Ollama; nobody
    else does, then.
    """
    language: ReaderLanguage = None
    """The answer's language, and that of what is told on the way; the question's own where it is left open.
    Tags such as `pt-BR` are understood.
    """
    history: History = ()
    """What was said before, oldest first. The last six are read."""
    limit: Annotated[
        Whole,
        Field(ge=1, le=MOST_CHAT_LIMIT),
        Takes(f"1–{MOST_CHAT_LIMIT}", least=1, most=MOST_CHAT_LIMIT),
        OrNull(CHAT_LIMIT),
    ] = CHAT_LIMIT
    """How many passages are looked for."""
    parametro: Annotated[object, AfterValidator(lambda _: None)] = None
    """Read by nobody: older clients send it."""


class SearchRequest(BaseModel):
    """A search without an answer."""

    model_config = ConfigDict(
        **REQUEST, json_schema_extra={"examples": [{"query": "prazo de recurso", "limit": 5}]}
    )

    query: Question
    """What is looked for: a question, or a few words."""
    documents: Documents = None
    """Ids of the documents to search; all of them where there are none."""
    filter: Chosen = None
    """The documents to search, by what is said of them."""
    limit: Annotated[
        Whole,
        Field(ge=1, le=MOST_SEARCH_LIMIT),
        Takes(f"1–{MOST_SEARCH_LIMIT}", least=1, most=MOST_SEARCH_LIMIT),
        OrNull(SEARCH_LIMIT),
    ] = SEARCH_LIMIT
    """The most passages."""


class Page(BaseModel):
    """A page of a document, from 1; None where the document has none, or any page is meant."""

    model_config = REQUEST

    document: Id
    """Its id."""
    page: Annotated[
        Annotated[Whole, Field(ge=1, le=_LAST_PAGE)] | None,
        Takes(_PLACE, least=1, most=_LAST_PAGE),
    ] = None
    """From 1; null where the document has none, or any page is meant."""


class FeedbackRequest(BaseModel):
    """What somebody says of an answer."""

    model_config = ConfigDict(
        **REQUEST,
        json_schema_extra={
            "examples": [
                {
                    "question": "Qual é o prazo de recurso?",
                    "verdict": "bad",
                    "sources": [{"document": EXAMPLE_ID, "page": 3}],
                    "right": {"document": EXAMPLE_ID, "page": 12},
                }
            ]
        },
    )

    question: Question
    """The question that was answered."""
    verdict: Annotated[Verdict, Takes(", ".join(get_args(Verdict)), key="wrong_choice")]
    """Whether the answer was of use."""
    sources: Annotated[
        tuple[Annotated[Page, Takes(_PLACE)], ...],
        Field(max_length=MOST_SHOWN),
        AfterValidator(lambda pages: tuple(dict.fromkeys(pages))),
        Takes(f"[{_PLACE}, …]", most=MOST_SHOWN),
        OrNull(()),
    ] = ()
    """The pages that the answer came with, in their order."""
    right: Annotated[Page | None, Takes(_PLACE)] = None
    """The page that would have been right, where the person knows it."""
    note: Note = ""
    """In the person's own words."""
    language: ReaderLanguage = None
    """The question's language, where it isn't to be found out."""


class AddressRequest(DescriptionRequest):
    """An address on the web that is to be loaded, with what is said of it."""

    model_config = ConfigDict(
        **REQUEST, json_schema_extra={"examples": [{"url": "https://example.org/edital.pdf"}]}
    )

    url: Annotated[
        str,
        BeforeValidator(_stripped),
        Field(max_length=_LONGEST_ADDRESS, pattern=r"^https?://"),
        AfterValidator(_web_address),
        Takes("http://…, https://…", key="wrong_url"),
    ]
    """It begins with http:// or https://."""


class UploadForm(DescriptionRequest):
    """Files, with what is said of all of them; that stands before them."""

    model_config = ConfigDict(**REQUEST, json_schema_extra={})

    file: Annotated[
        list[bytes],
        WithJsonSchema(
            {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "string",
                    "format": "binary",
                    "contentMediaType": "application/octet-stream",
                },
            }
        ),
        Takes("a file"),
    ]
    """One or more, each with its name. Whatever a part is called, one with a file's name is a file."""


def parse_object(body: bytes, example: str) -> Fields:
    """The JSON object of a body. Raises BadRequest."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise BadRequest(sentence("not_json", example=example)) from None
    if not isinstance(value, dict):
        raise BadRequest(sentence("not_an_object", example=example))
    return value


def reader_language(fields: Fields) -> Language | None:
    """The language that the client names for what it reads; None where it names none of ours."""
    value = fields.get("language")
    return parse_language(value) if isinstance(value, str) else None


def parse_chat(fields: Fields) -> ChatRequest:
    """Raises BadRequest, PromptMissing, PromptTooLong."""
    return parse(ChatRequest, fields)


def parse_search(fields: Fields) -> SearchRequest:
    """Raises BadRequest, PromptMissing, PromptTooLong."""
    return parse(SearchRequest, fields)


def parse_feedback(fields: Fields) -> FeedbackRequest:
    """Raises BadRequest, PromptMissing, PromptTooLong."""
    return parse(FeedbackRequest, fields)
