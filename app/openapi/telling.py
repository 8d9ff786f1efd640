"""How a protocol tells errors: their statuses, the type of their bodies, and an example of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app import errors, schemas
from app.compat import openai_errors
from app.compat.schemas import OpenAIError
from app.errors import RequestError

Json = dict[str, Any]
Kind = type[RequestError]


@dataclass(frozen=True, kw_only=True, slots=True)
class Telling:
    """`body` is the type of an error's body, `told` the body of an example, `with_codes` the schema that says
    which codes may stand in it.
    """

    body: Callable[[Kind], Any]
    status: Callable[[Kind], int]
    code: Callable[[Kind], str]
    told: Callable[[RequestError], Json]
    with_codes: Callable[[list[str]], Json]


# Those that tell more than a sentence and a code.
_BODIES: dict[Kind, Any] = {
    errors.RenderFailed: schemas.RenderError,
    errors.FileTooLarge: schemas.UploadError,
    errors.NoSpace: schemas.UploadError,
}


def _ours(error: RequestError) -> Json:
    body: Json = {"error": error.told.text("en"), "code": error.code}
    if isinstance(error, errors.RenderFailed):
        body["reason"] = error.reason
    return body


def _openais(error: RequestError) -> Json:
    return dict(openai_errors.of_request(error, "en"))


OURS = Telling(
    body=lambda kind: _BODIES.get(kind, schemas.Error),
    status=lambda kind: kind.status,
    code=lambda kind: kind.code,
    told=_ours,
    with_codes=lambda codes: {"properties": {"code": {"enum": codes}}},
)
OPENAIS = Telling(
    body=lambda _: OpenAIError,
    status=lambda kind: openai_errors.openai_status(kind.code, kind.status),
    code=lambda kind: openai_errors.openai_code(kind.code),
    told=_openais,
    with_codes=lambda codes: {"properties": {"error": {"properties": {"code": {"enum": codes}}}}},
)
