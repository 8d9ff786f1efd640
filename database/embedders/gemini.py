"""Embeddings by a model of Google's Gemini API. https://ai.google.dev/gemini-api/docs/embeddings"""

from __future__ import annotations

import asyncio
import importlib
import re
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Literal, TypeVar

import aiohttp
import numpy as np
from pydantic import SecretStr

from database.embedders.base import TokenCounts
from database.embedders.pieces import pieces
from database.embedders.prompts import NO_PROMPTS, prompts_for
from database.embedders.questions import Questions
from database.embedders.vectors import joined, unit
from database.errors import EmbedderUnavailable
from database.problems import Problem
from database.stores.base import Vectors

ANSWER_SECONDS = 60.0
PASSAGES_SECONDS = 180.0  # that passages wait for a limit of requests a minute to pass
QUESTION_SECONDS = 5.0  # that a person does

# A quarter of what the models give if not told otherwise; Google measures half a point less on MTEB. They are
# trained so that the first numbers of a vector are a vector themselves.
_DIMENSIONS = 768

_BATCH = 100  # the most that one request may hold
_AT_ONCE = 2
_FIRST_WAIT = 1.0
_ASSUMED_TOKENS = 2_048
_LOGGED_CHARACTERS = 500
_AGAIN = frozenset({429, 500, 502, 503, 504})

Task = Literal["RETRIEVAL_DOCUMENT", "RETRIEVAL_QUERY"]

R = TypeVar("R")


class GeminiEmbedder:
    """Asks the Gemini API; passages and questions go to Google. `base_url` replaces Google's own address."""

    def __init__(
        self,
        model: str,
        key: SecretStr | None,
        *,
        base_url: str | None = None,
        answer_seconds: float = ANSWER_SECONDS,
        passages_seconds: float = PASSAGES_SECONDS,
        question_seconds: float = QUESTION_SECONDS,
        first_wait: float = _FIRST_WAIT,
    ) -> None:
        """Raises EmbedderUnavailable where there is no key."""
        if key is None:
            raise EmbedderUnavailable("gemini_key_missing", model=model)
        self._model = model
        self._key = key
        self._base_url = base_url
        self._answer_seconds = answer_seconds
        self._passages_seconds = passages_seconds
        self._question_seconds = question_seconds
        self._first_wait = first_wait
        self._prompts = prompts_for(model)
        self._questions = Questions(self._embed_questions)
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._session: aiohttp.ClientSession | None = None
        self._client: Any = None
        self._max_tokens: int | None = None

    @property
    def name(self) -> str:
        return f"gemini:{self._model}"

    @property
    def dimensions(self) -> int:
        return _DIMENSIONS

    @property
    def max_tokens(self) -> int | None:
        return self._max_tokens

    def warm(self) -> None:
        """Google's models are always there."""

    async def rest(self) -> None:
        session, self._session, self._client = self._session, None, None
        if session is not None:
            await session.close()

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return await self._embed(texts, "RETRIEVAL_DOCUMENT", self._prompts.document, self._passages_seconds)

    async def embed_query(self, text: str) -> Vectors:
        return await self._questions.embed(text)

    async def count_tokens(self, texts: Sequence[str]) -> TokenCounts | None:
        """Google counts, too, but at the price of a request for each text."""
        return None

    async def _embed_questions(self, texts: list[str]) -> Vectors:
        return await self._embed(texts, "RETRIEVAL_QUERY", self._prompts.query, self._question_seconds)

    async def _embed(self, texts: Sequence[str], task: Task, prompt: str, patience: float) -> Vectors:
        """Google cuts what is too long, and doesn't say so: it is sent in pieces.

        A token is a character at least.
        """
        if self._max_tokens is None:
            self._max_tokens = await self._patiently(self._input_limit, patience)
        most = self._max_tokens - len(prompt)
        cut = [pieces(text, most) for text in texts]
        sent = [prompt + piece for text in cut for piece in text]
        vectors = [np.zeros((0, _DIMENSIONS), dtype=np.float32)]
        for start in range(0, len(sent), _BATCH):
            batch = sent[start : start + _BATCH]
            vectors.append(await self._patiently(partial(self._batch, batch, task), patience))
        return joined(np.concatenate(vectors), [len(text) for text in cut])

    async def _batch(self, texts: Sequence[str], task: Task) -> Vectors:
        config: dict[str, Any] = {"output_dimensionality": _DIMENSIONS}
        if self._prompts == NO_PROMPTS:  # the newer models are told by their prompts instead
            config["task_type"] = task
        answer = await self._connected.models.embed_content(
            model=self._model,
            # Each by itself: of texts alone, some models make one vector for all of them.
            contents=[{"role": "user", "parts": [{"text": text}]} for text in texts],
            config=config,
        )
        vectors = np.asarray([one.values for one in answer.embeddings or []], dtype=np.float32)
        if vectors.shape != (len(texts), _DIMENSIONS):
            raise ValueError(f"{len(texts)} texts, but an array of {vectors.shape}")
        return unit(vectors)  # Google normalises only the longest ones

    async def _input_limit(self) -> int:
        model = await self._connected.models.get(model=self._model)
        return int(model.input_token_limit or _ASSUMED_TOKENS)

    async def _patiently(self, ask: Callable[[], Awaitable[R]], patience: float) -> R:
        """Ask again after what may pass, for `patience` seconds. Raises EmbedderUnavailable."""
        now = asyncio.get_running_loop().time
        until = now() + patience
        wait = self._first_wait
        async with self._turns:
            await self._connect()
            while True:
                try:
                    async with asyncio.timeout(self._answer_seconds):
                        return await ask()
                except Exception as error:
                    pause = max(wait, _told_to_wait(error))
                    if not _may_pass(error) or now() + pause > until:
                        raise self._unavailable(error) from error
                await asyncio.sleep(pause)
                wait *= 2

    @property
    def _connected(self) -> Any:
        return self._client.aio

    async def _connect(self) -> None:
        """Make the library's client when first needed: importing the library takes most of a second."""
        if self._client is not None:
            return
        genai = await asyncio.to_thread(importlib.import_module, "google.genai")
        if self._client is None:  # still: others may have waited for the import, too
            self._session = aiohttp.ClientSession()
            self._client = genai.Client(
                api_key=self._key.get_secret_value(),
                vertexai=False,
                http_options={
                    "base_url": self._base_url,
                    "api_version": "v1beta",
                    "aiohttp_client": self._session,
                    "retry_options": {"attempts": 1},  # it doesn't heed how long it is told to wait
                },
            )

    def _unavailable(self, error: Exception) -> EmbedderUnavailable:
        from google.genai.errors import APIError

        problem: Problem
        if isinstance(error, APIError):
            problem = "gemini_limit" if error.code == 429 else "gemini_refused"
            problem = "gemini_away" if error.code >= 500 else problem
        elif isinstance(error, TimeoutError | aiohttp.ClientError | OSError):
            problem = "gemini_away"
        else:
            problem = "gemini_refused"
        detail = f"{type(error).__name__}: {error}"[:_LOGGED_CHARACTERS]
        return EmbedderUnavailable(problem, model=self._model, detail=detail)


def _may_pass(error: Exception) -> bool:
    return getattr(error, "code", None) in _AGAIN or isinstance(error, aiohttp.ClientConnectionError)


def _told_to_wait(error: Exception) -> float:
    """Seconds, of google.rpc.RetryInfo among an error's details; 0 where there is none."""
    told = re.search(r"'retryDelay': '([\d.]+)s'", str(getattr(error, "details", "")))
    return float(told[1]) if told else 0.0
