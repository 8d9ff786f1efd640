"""Opens the reranker that the settings name."""

from __future__ import annotations

import asyncio

from database.rerankers.base import Reranker
from database.rerankers.cross_encoder import CrossEncoderReranker
from database.settings import Settings


async def open_reranker(settings: Settings) -> Reranker | None:
    """None where RERANKER_MODEL names none. Raises RerankerUnavailable."""
    if settings.reranker_model is None:
        return None
    return await asyncio.to_thread(CrossEncoderReranker, settings.reranker_model)
