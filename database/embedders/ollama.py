"""Embeddings by a model of Ollama's. https://docs.ollama.com/api/embed"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import aiohttp
import numpy as np

from database.embedders.base import TokenCounts
from database.embedders.pieces import halves
from database.embedders.prompts import prompts_for
from database.embedders.questions import Questions
from database.embedders.vectors import unit
from database.errors import EmbedderUnavailable
from database.problems import Problem
from database.stores.base import Vectors

CONNECT_SECONDS = 2.0  # on one's own network a server that accepts no connection within this is not there
ANSWER_SECONDS = 300.0  # for a batch: a large model without a GPU, which is loaded from a slow disk first
QUESTION_SECONDS = 60.0  # for a person, whose question may wait for the model to be loaded

_BATCH = 32
_AT_ONCE = 2  # requests: one that is computed, and one that waits there
_TRIES = 2  # a connection that was kept open may have been closed meanwhile

# More would be memory that no passage needs.
_MOST_TOKENS = 2_048

_LEAST_CHARACTERS = 2  # what Ollama finds too long still isn't long
_TOO_LONG = "exceeds the context length"
_LOGGED_CHARACTERS = 500


class OllamaEmbedder:
    """Asks the Ollama at `host`, once it is needed. Its connections belong to the event loop that asks."""

    def __init__(
        self,
        model: str,
        host: str,
        *,
        connect_seconds: float = CONNECT_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
        question_seconds: float = QUESTION_SECONDS,
    ) -> None:
        self._model = model
        self._host = host
        self._timeout = aiohttp.ClientTimeout(total=answer_seconds, sock_connect=connect_seconds)
        self._prompts = prompts_for(model)
        self._questions = Questions(self._embed_questions)
        self._question_seconds = question_seconds
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._session: aiohttp.ClientSession | None = None
        self._dimensions: int | None = None
        self._max_tokens: int | None = None

    @property
    def name(self) -> str:
        return f"ollama:{self._model}"

    @property
    def dimensions(self) -> int | None:
        return self._dimensions

    @property
    def max_tokens(self) -> int | None:
        return self._max_tokens

    def warm(self) -> None:
        """Ollama loads the model with the first request."""

    async def rest(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return await self._embed(texts, self._prompts.document)

    async def embed_query(self, text: str) -> Vectors:
        return await self._questions.embed(text)

    async def count_tokens(self, texts: Sequence[str]) -> TokenCounts | None:
        """Ollama counts only what it has embedded."""
        return None

    async def _embed_questions(self, texts: list[str]) -> Vectors:
        try:
            async with asyncio.timeout(self._question_seconds):
                return await self._embed(texts, self._prompts.query)
        except TimeoutError as error:
            raise self._away(error) from error

    async def _embed(self, texts: Sequence[str], prompt: str) -> Vectors:
        if self._max_tokens is None:
            self._max_tokens = await self._window()
        batches = [texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH)]
        vectors = [await self._whole(batch, prompt, self._max_tokens) for batch in batches]
        if not vectors:
            return np.zeros((0, self._dimensions or 0), dtype=np.float32)
        return np.concatenate(vectors)

    async def _whole(self, texts: Sequence[str], prompt: str, tokens: int) -> Vectors:
        """Nothing of a text is cut off: one that is too long has the middle of its halves' vectors."""
        try:
            return await self._batch([prompt + text for text in texts], tokens)
        except _TooLong as error:
            if len(texts) > 1:
                middle = len(texts) // 2
                parts = [await self._whole(part, prompt, tokens) for part in (texts[:middle], texts[middle:])]
                return np.concatenate(parts)
            if len(texts[0]) < _LEAST_CHARACTERS:
                raise EmbedderUnavailable("ollama_failed", model=self._model, detail=error) from error
            both = await self._whole(halves(texts[0]), prompt, tokens)
            return unit(both.sum(axis=0, keepdims=True))

    async def _batch(self, texts: Sequence[str], tokens: int) -> Vectors:
        body = await self._post(
            "/api/embed",
            # What is too long is refused, not cut. Newer versions of Ollama refuse it in any case.
            {"input": list(texts), "truncate": False, "options": {"num_ctx": tokens}},
        )
        try:
            vectors = np.asarray(body["embeddings"], dtype=np.float32)
            if vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all():
                raise ValueError(f"{len(texts)} texts, but an array of {vectors.shape}")
        except (LookupError, TypeError, ValueError) as error:
            raise EmbedderUnavailable("ollama_failed", model=self._model, detail=error) from error
        self._dimensions = vectors.shape[1]
        return unit(vectors)

    async def _window(self) -> int:
        """Tokens that the model takes, of which Ollama is asked to set aside no more than are needed."""
        shown = await self._post("/api/show", {})
        info = shown.get("model_info") or {}
        window = info.get(f"{info.get('general.architecture')}.context_length")
        return min(window, _MOST_TOKENS) if isinstance(window, int) else _MOST_TOKENS

    async def _post(self, path: str, request: dict[str, Any]) -> dict[str, Any]:
        """Raises EmbedderUnavailable, _TooLong."""
        async with self._turns:
            for attempt in range(_TRIES):
                try:
                    return await self._answer(path, request)
                except (TimeoutError, aiohttp.ClientError, OSError) as error:
                    if not _lost(error) or attempt == _TRIES - 1:
                        raise self._away(error) from error
        raise AssertionError("the last attempt returns or raises")

    async def _answer(self, path: str, request: dict[str, Any]) -> dict[str, Any]:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        asked = {"model": self._model, **request}
        async with self._session.post(f"{self._host}{path}", json=asked) as response:
            text = await response.text(errors="replace")
            if response.status == 200:
                return self._parsed(text)
        detail = f"status {response.status}: {text[:_LOGGED_CHARACTERS]}"
        if _TOO_LONG in text:
            raise _TooLong(detail)
        problem: Problem = "ollama_model_missing" if response.status == 404 else "ollama_failed"
        raise EmbedderUnavailable(problem, model=self._model, detail=detail)

    def _away(self, error: Exception) -> EmbedderUnavailable:
        return EmbedderUnavailable(
            "ollama_away", model=self._model, detail=f"{self._host}: {type(error).__name__}: {error}"
        )

    def _parsed(self, text: str) -> dict[str, Any]:
        try:
            body = json.loads(text)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise EmbedderUnavailable("ollama_failed", model=self._model, detail=text[:_LOGGED_CHARACTERS])
        return body


def _lost(error: Exception) -> bool:
    """Whether there was a connection, and it broke."""
    broke = isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError)
    return broke and not isinstance(error, aiohttp.ClientConnectorError)


class _TooLong(Exception):
    """A text has more tokens than the model takes."""
