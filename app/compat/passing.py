"""A client talks to a model of Ollama's as it is: its own messages, no documents."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from app.compat.errors import ModelFailed, RefusedByModel
from app.compat.offers import AsItIs
from app.errors import ModelError, ModelRefused
from app.events import Say

# How a model writes. What else Ollama takes there (threads, layers, memory) is for who runs it.
OPTIONS = (
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "typical_p",
    "num_predict",
    "num_ctx",
    "stop",
    "seed",
    "repeat_penalty",
    "repeat_last_n",
    "presence_penalty",
    "frequency_penalty",
)

logger = logging.getLogger(__name__)


async def pass_on(path: str, fields: Mapping[str, Any], asked: AsItIs, say: Say) -> None:
    """Says what Ollama answers to a request for `path` with these fields.

    Raises RefusedByModel, ModelFailed.
    """
    breaker = asked.candidate.breaker
    breaker.asked()
    try:
        await asked.model.passed(path, fields, say)
    except ModelError as error:
        if isinstance(error, ModelRefused) and error.of_request:
            raise RefusedByModel(error.name, error.of_request) from error
        breaker.failed()
        logger.warning("%s", error)
        raise ModelFailed(error) from error
    breaker.worked()
