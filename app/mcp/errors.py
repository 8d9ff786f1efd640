"""What a language model is told when something can't be done, in one sentence it can act on."""

from __future__ import annotations

import logging
import secrets

from pydantic import ValidationError

from app.errors import AppError, CollectionUnavailable, Internal, RequestError, UnknownDocument
from database.errors import ProblemError, StoreError
from database.messages import Messages

_WHICH_DOCUMENTS = "Use list_documents to find out which there are."

logger = logging.getLogger(__name__)


class Mistaken(AppError):
    """What was asked for can't be; the text says what can."""


def told(error: Exception, doing: str) -> str:
    """The sentence for it, with nothing of the server's inside. Failures of ours are logged."""
    if isinstance(error, ValidationError):
        return " ".join(_wrong(".".join(map(str, e["loc"])), e["msg"]) for e in error.errors())
    if isinstance(error, Mistaken):
        return str(error)
    if isinstance(error, UnknownDocument):
        return f"{error.told.text('en')} {_WHICH_DOCUMENTS}"
    if isinstance(error, RequestError):
        if isinstance(error.__cause__, ProblemError):
            logger.warning("the collection: %s", Messages("en").error(error.__cause__))
        return error.told.text("en")
    if isinstance(error, StoreError):
        logger.warning("the collection: %s", Messages("en").error(error))
        return CollectionUnavailable().told.text("en")
    if isinstance(error, ProblemError):
        logger.warning("the collection: %s", Messages("en").error(error))
        return error.text("en")
    log_id = secrets.token_hex(4)
    logger.error("%s failed (%s)", doing, log_id, exc_info=error)
    return Internal(log_id).told.text("en")


def _wrong(field: str, message: str) -> str:
    return f"The argument `{field}` is wrong: {message[:1].lower()}{message[1:]}."
