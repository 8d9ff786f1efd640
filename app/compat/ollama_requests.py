"""What clients of Ollama ask, checked."""

from __future__ import annotations

from typing import Any

from app.compat.offers import WHICHEVER
from app.compat.passing import OPTIONS
from app.errors import BadRequest
from app.fields import Fields
from app.messages import sentence

# What is passed on to a model that a client talks to as it is. How long it stays loaded is not for clients.
CHAT_FIELDS = ("messages", "tools", "format", "think", "logprobs", "top_logprobs")
GENERATE_FIELDS = (
    "prompt",
    "suffix",
    "images",
    "system",
    "template",
    "context",
    "raw",
    "format",
    "think",
    "logprobs",
    "top_logprobs",
)

_LONGEST_NAME = 200


def model_of(fields: Fields) -> str:
    """The model's name, which older clients call `name`; whichever can answer where there is none.

    Raises BadRequest.
    """
    value = fields.get("model") or fields.get("name") or WHICHEVER
    if not isinstance(value, str) or len(value) > _LONGEST_NAME:
        raise BadRequest(sentence("wrong_type", field="model", allowed="text"))
    return value


def flag(fields: Fields, name: str, *, otherwise: bool) -> bool:
    """Raises BadRequest."""
    value = fields.get(name)
    if value is None:
        return otherwise
    if not isinstance(value, bool):
        raise BadRequest(sentence("wrong_type", field=name, allowed="true, false"))
    return value


def passed_fields(fields: Fields, names: tuple[str, ...]) -> dict[str, Any]:
    """What a client's own request has of these fields, and of the options for how a model writes.

    Raises BadRequest.
    """
    options = fields.get("options")
    if options is not None and not isinstance(options, dict):
        raise BadRequest(sentence("wrong_type", field="options", allowed='{"temperature": 0.2, …}'))
    kept = {name: value for name, value in (options or {}).items() if name in OPTIONS and value is not None}
    passed = {name: fields[name] for name in names if fields.get(name) is not None}
    return {**passed, **({"options": kept} if kept else {})}


def prompt_of(fields: Fields) -> str:
    """Of `/api/generate`. Raises BadRequest."""
    value = fields.get("prompt")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadRequest(sentence("wrong_type", field="prompt", allowed="text"))
    return value


def unloads(fields: Fields) -> bool:
    """Whether a request without a word asks to let go of the model. That isn't done: others are served."""
    return fields.get("keep_alive") in (0, "0", "0s")


def texts_of(value: object, field: str, most: int) -> list[str]:
    """The texts to embed. Raises BadRequest."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise BadRequest(sentence("wrong_type", field=field, allowed='"…", ["…", …]'))
    if not 1 <= len(texts) <= most:
        raise BadRequest(sentence("out_of_range", field=field, least=1, most=most))
    return texts
