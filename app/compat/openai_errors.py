"""Errors in the shape that clients of OpenAI's protocol read."""

from __future__ import annotations

from app.errors import PromptTooLong, RequestError, UnknownModel
from app.fields import Json
from app.messages import Language, Sentence

PREFIX = "/v1/"

# What these clients know by a name and a status of their own.
_CODES = {UnknownModel.code: "model_not_found", PromptTooLong.code: "context_length_exceeded"}
_STATUSES = {PromptTooLong.code: 400}


def openai_error(message: str, code: str, status: int, field: str | None = None) -> Json:
    kind = "invalid_request_error" if status < 500 else "server_error"
    return {
        "error": {"message": message, "type": kind, "param": field, "code": openai_code(code)},
    }


def openai_code(code: str) -> str:
    return _CODES.get(code, code)


def openai_status(code: str, status: int) -> int:
    return _STATUSES.get(code, status)


def of_request(error: RequestError, language: Language) -> Json:
    """With the field that is wrong, where one is."""
    told = error.told
    field = told.values.get("field") if isinstance(told, Sentence) else None
    status = openai_status(error.code, error.status)
    return openai_error(told.text(language), error.code, status, str(field) if field else None)
