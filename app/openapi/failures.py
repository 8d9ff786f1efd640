"""The errors of requests as the document has them: by status, each with an example."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from app import errors
from app.errors import RequestError
from app.messages import sentence
from app.openapi.telling import OURS, Telling

EXAMPLES: tuple[RequestError, ...] = (
    errors.BadRequest(sentence("wrong_type", field="limit", allowed="1–20")),
    errors.PromptMissing("prompt"),
    errors.PromptTooLong(16_000),
    errors.PayloadTooLarge(2**20),
    errors.FileTooLarge(512 * 2**20),
    errors.NoSpace(),
    errors.FeedbackFull(16 * 2**20),
    errors.OriginRefused("https://example.org"),
    errors.NotFound(),
    errors.UnknownDocument(),
    errors.UnknownPage(),
    errors.UnknownModel(["llama3:latest", "extractive"]),
    errors.UnknownAnswer(),
    errors.NoFile(),
    errors.MethodNotAllowed("PUT", {"GET", "POST"}),
    errors.RenderFailed("broken"),
    errors.CollectionUnavailable(),
    errors.CollectionBusy(),
    errors.ModelUnavailable("llama3", sentence("ollama_unreachable", host="http://localhost:11434")),
    errors.NoModel(),
    errors.TooBusy(7),
    errors.Internal("3f2a9c01"),
)

_EXAMPLES: Mapping[type[RequestError], RequestError] = {type(example): example for example in EXAMPLES}

_HEADERS: Mapping[type[RequestError], Mapping[str, str]] = {
    errors.TooBusy: {"Retry-After": "Seconds until it is worth asking again."},
    errors.MethodNotAllowed: {"Allow": "The methods that this address takes."},
}


def failures(
    kinds: Iterable[type[RequestError]], schema_of: Mapping[Any, dict[str, Any]], telling: Telling = OURS
) -> dict[str, dict[str, Any]]:
    """The responses of these errors, by status. `schema_of` has the schemas of their bodies."""
    ordered = sorted(set(kinds), key=lambda kind: (telling.status(kind), kind.__name__))
    return {
        str(status): _response(list(alike), schema_of, telling)
        for status, alike in groupby(ordered, key=telling.status)
    }


def _response(
    kinds: list[type[RequestError]], schema_of: Mapping[Any, dict[str, Any]], telling: Telling
) -> dict[str, Any]:
    codes = sorted({telling.code(kind) for kind in kinds})
    bodies = list(dict.fromkeys(telling.body(kind) for kind in kinds))
    schemas = [schema_of[body] for body in bodies]
    headers = {name: text for kind in kinds for name, text in _HEADERS.get(kind, {}).items()}
    return {
        "description": ", ".join(f"`{code}`" for code in codes),
        **({"headers": header_objects(headers)} if headers else {}),
        "content": {
            "application/json": {
                "schema": {
                    "allOf": [
                        schemas[0] if len(schemas) == 1 else {"anyOf": schemas},
                        telling.with_codes(codes),
                    ]
                },
                "examples": {kind.__name__: {"value": telling.told(_EXAMPLES[kind])} for kind in kinds},
            }
        },
    }


def header_objects(headers: Mapping[str, str]) -> dict[str, Any]:
    return {name: {"description": text, "schema": {"type": "string"}} for name, text in headers.items()}
