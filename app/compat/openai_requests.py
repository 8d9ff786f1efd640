"""What clients of OpenAI's protocol ask, checked, and as Ollama asks it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.compat.messages import text_of
from app.errors import BadRequest
from app.fields import Fields
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


def check_number(fields: Fields) -> None:
    """One answer is written. Raises BadRequest."""
    if fields.get("n") not in (None, 1):
        raise BadRequest(sentence("out_of_range", field="n", least=1, most=1))


def includes_usage(fields: Fields) -> bool:
    """Raises BadRequest."""
    options = fields.get("stream_options")
    if options is None:
        return False
    if not isinstance(options, dict):
        raise BadRequest(
            sentence("wrong_type", field="stream_options", allowed='{"include_usage": true, false}')
        )
    return options.get("include_usage") is True


def as_ollama_has_it(fields: Fields, messages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The fields of `/api/chat` for a model that a client talks to as it is. Raises BadRequest."""
    asked: dict[str, Any] = {"messages": _messages(messages), "options": _options(fields)}
    if fields.get("tools") and fields.get("tool_choice") != "none":
        asked["tools"] = fields["tools"]
    if shape := _shape(fields):
        asked["format"] = shape
    return asked


def _options(fields: Fields) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for name, theirs in _OPTIONS.items():
        for field in theirs:
            if (value := fields.get(field)) is None:
                continue
            if not isinstance(value, (int, float)) or isinstance(value, bool):
                raise BadRequest(sentence("wrong_type", field=field, allowed="0–1…"))
            options.setdefault(name, value)
    if (stop := fields.get("stop")) is not None:
        stops = [stop] if isinstance(stop, str) else stop
        if not isinstance(stops, list) or not all(isinstance(one, str) for one in stops):
            raise BadRequest(sentence("wrong_type", field="stop", allowed='"…", ["…", …]'))
        options["stop"] = stops
    return options


def _shape(fields: Fields) -> object:
    """The form that an answer is to have: JSON, by a schema or by none."""
    wanted = fields.get("response_format")
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
