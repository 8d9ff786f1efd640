"""The errors of requests as the document has them: by status, each with an example."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from app import errors, schemas
from app.errors import RequestError
from app.messages import sentence

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

# Those that tell more than a sentence and a code.
BODIES: Mapping[type[RequestError], Any] = {
    errors.RenderFailed: schemas.RenderError,
    errors.FileTooLarge: schemas.UploadError,
    errors.NoSpace: schemas.UploadError,
}

_HEADERS: Mapping[type[RequestError], Mapping[str, str]] = {
    errors.TooBusy: {"Retry-After": "Seconds until it is worth asking again."},
    errors.MethodNotAllowed: {"Allow": "The methods that this address takes."},
}


def failures(
    kinds: Iterable[type[RequestError]], schema_of: Mapping[Any, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """The responses of these errors, by status. `schema_of` has the schemas of their bodies."""
    ordered = sorted(set(kinds), key=lambda kind: (kind.status, kind.__name__))
    return {
        str(status): _response(list(alike), schema_of)
        for status, alike in groupby(ordered, key=lambda kind: kind.status)
    }


def body_type(kind: type[RequestError]) -> Any:
    return BODIES.get(kind, schemas.Error)


def _response(kinds: list[type[RequestError]], schema_of: Mapping[Any, dict[str, Any]]) -> dict[str, Any]:
    codes = sorted({kind.code for kind in kinds})
    bodies = list(dict.fromkeys(body_type(kind) for kind in kinds))
    schemas_ = [schema_of[body] for body in bodies]
    headers = {name: text for kind in kinds for name, text in _HEADERS.get(kind, {}).items()}
    return {
        "description": ", ".join(f"`{code}`" for code in codes),
        **({"headers": header_objects(headers)} if headers else {}),
        "content": {
            "application/json": {
                "schema": {
                    "allOf": [
                        schemas_[0] if len(schemas_) == 1 else {"anyOf": schemas_},
                        {"properties": {"code": {"enum": codes}}},
                    ]
                },
                "examples": {kind.__name__: {"value": _example(kind)} for kind in kinds},
            }
        },
    }


def header_objects(headers: Mapping[str, str]) -> dict[str, Any]:
    return {name: {"description": text, "schema": {"type": "string"}} for name, text in headers.items()}


def _example(kind: type[RequestError]) -> dict[str, Any]:
    error = _EXAMPLES[kind]
    body: dict[str, Any] = {"error": error.told.text("en"), "code": error.code}
    if isinstance(error, errors.RenderFailed):
        body["reason"] = error.reason
    return body
