"""What clients of OpenAI's protocol ask, checked, and as Ollama asks it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import AllowInfNan, BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt

from app.compat.fields import Dimensions, Flag, Messages, OfModel, OverDocuments, PassedOn, Texts
from app.compat.messages import text_of
from app.compat.offers import EMBEDDING
from app.errors import BadRequest
from app.fields import REQUEST, Takes, Whole
from app.messages import sentence

_DATA = "data:image/"

# OpenAI's names of what Ollama calls otherwise; the newer one first.
_OPTIONS = {
    "temperature": ("temperature",),
    "top_p": ("top_p",),
    "seed": ("seed",),
    "presence_penalty": ("presence_penalty",),
    "frequency_penalty": ("frequency_penalty",),
    "num_predict": ("max_completion_tokens", "max_tokens"),
}

Number = Annotated[StrictInt | Annotated[StrictFloat, AllowInfNan(False)] | None, Takes("0.7, 1, …")]


class StreamOptions(BaseModel):
    """What a stream tells beside the answer."""

    model_config = REQUEST

    include_usage: StrictBool | None = None
    """Whether the last event has the tokens that were used."""


class OpenAICompletion(OverDocuments, OfModel):
    """A conversation, whose last message is the question."""

    model_config = ConfigDict(
        **REQUEST,
        json_schema_extra={
            "examples": [
                {"model": "acervo", "messages": [{"role": "user", "content": "Qual é o prazo de recurso?"}]},
                {"model": "llama3", "messages": [{"role": "user", "content": "Olá!"}], "stream": True},
            ]
        },
    )

    messages: Messages
    """What was said, oldest first."""
    stream: Flag = None
    """Whether the answer comes as server-sent events, as it is written."""
    stream_options: Annotated[StreamOptions | None, Takes('{"include_usage": true, false}')] = None
    """What a stream tells beside the answer."""
    n: Annotated[Annotated[Whole, Field(ge=1, le=1)] | None, Takes("1", key="wrong_choice")] = None
    """One answer is written."""
    temperature: Number = None
    """For a model as it is."""
    top_p: Number = None
    """For a model as it is."""
    seed: Number = None
    """For a model as it is."""
    presence_penalty: Number = None
    """For a model as it is."""
    frequency_penalty: Number = None
    """For a model as it is."""
    max_completion_tokens: Number = None
    """For a model as it is."""
    max_tokens: Number = None
    """What older clients call `max_completion_tokens`."""
    stop: Annotated[str | list[str] | None, Takes('"…", ["…", …]')] = None
    """Where a model as it is stops writing."""
    tools: PassedOn = None
    """Functions that a model as it is may call."""
    tool_choice: PassedOn = None
    """`none` where a model as it is may call no function; else it chooses by itself."""
    response_format: PassedOn = None
    """The form of what a model as it is writes: `json_object`, or `json_schema` with one."""

    @property
    def includes_usage(self) -> bool:
        return bool(self.stream_options and self.stream_options.include_usage)

    @property
    def as_ollama_has_it(self) -> dict[str, Any]:
        """The fields of `/api/chat` for a model that a client talks to as it is. Raises BadRequest."""
        asked: dict[str, Any] = {"messages": _messages(self.messages), "options": self._options()}
        if self.tools and self.tool_choice != "none":
            asked["tools"] = self.tools
        if shape := _shape(self.response_format):
            asked["format"] = shape
        return asked

    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = {}
        for name, theirs in _OPTIONS.items():
            for field in theirs:
                if (value := getattr(self, field)) is not None:
                    options.setdefault(name, value)
        if self.stop is not None:
            options["stop"] = [self.stop] if isinstance(self.stop, str) else self.stop
        return options


class OpenAIEmbedding(OfModel):
    """Texts that become vectors."""

    model_config = ConfigDict(
        **REQUEST,
        json_schema_extra={
            "examples": [
                {"model": "acervo/embedding", "input": ["prazo", "recurso"]},
                {"model": "bge-m3", "input": "prazo"},
            ]
        },
    )

    input: Texts
    """One text, or several; numbers of a tokenizer mean nothing here."""
    encoding_format: Annotated[
        Literal["float", "base64"] | None, Takes("float, base64", key="wrong_choice")
    ] = None
    """Vectors as numbers, or as the base64 of numbers of 32 bits, the smallest byte first."""
    dimensions: Dimensions = None
    """Numbers of a vector. A model that has one length only refuses any other."""

    @property
    def wanted(self) -> str:
        return self.model or EMBEDDING


def _shape(wanted: object) -> object:
    """The form that an answer is to have: JSON, by a schema or by none."""
    if not isinstance(wanted, dict):
        return None
    if wanted.get("type") == "json_schema":
        schema = wanted.get("json_schema")
        return schema.get("schema") if isinstance(schema, dict) else None
    return "json" if wanted.get("type") == "json_object" else None


def _messages(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    called: dict[str, str] = {}  # the names of the functions, which Ollama wants with what they gave
    converted = []
    for message in messages:
        role, content = message["role"], message.get("content")
        one: dict[str, Any] = {
            "role": "system" if role == "developer" else role,
            "content": text_of(content),
        }
        if pictures := _pictures(content):
            one["images"] = pictures
        if calls := message.get("tool_calls"):
            one["tool_calls"] = [_call(call, called) for call in _list(calls)]
        if role == "tool" and (name := called.get(str(message.get("tool_call_id")))):
            one["tool_name"] = name
        converted.append(one)
    return converted


def _call(call: object, called: dict[str, str]) -> dict[str, Any]:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(call, dict) or not isinstance(function, dict):
        raise _wrong_messages()
    try:
        arguments = json.loads(function.get("arguments") or "{}")
    except (ValueError, TypeError, RecursionError):
        raise _wrong_messages() from None
    called[str(call.get("id"))] = str(function.get("name"))
    return {"function": {"name": str(function.get("name")), "arguments": arguments}}


def _pictures(content: object) -> list[str]:
    """In base64, as they were sent; addresses are not asked."""
    pictures = []
    for part in content if isinstance(content, list) else ():
        if part.get("type") != "image_url":
            continue
        picture = part.get("image_url")
        url = picture.get("url") if isinstance(picture, dict) else picture
        if not isinstance(url, str) or not url.startswith(_DATA):
            raise BadRequest(sentence("wrong_type", field="image_url", allowed="data:image/…;base64,…"))
        pictures.append(url.partition(",")[2])
    return pictures


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong_messages()
    return value


def _wrong_messages() -> BadRequest:
    allowed = '{"tool_calls": [{"id": "…", "function": {"name": "…", "arguments": "{}"}}]}'
    return BadRequest(sentence("wrong_type", field="messages", allowed=allowed))
