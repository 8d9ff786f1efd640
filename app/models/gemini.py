"""Google's Gemini, where the settings hold a key for it.

The library never closes the response of a stream that is left in the middle, and Gemini would go
on writing, and counting, tokens for nobody. So the session tells us of every response it opens.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextvars import ContextVar
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import aiohttp
from pydantic import SecretStr

from app.errors import ModelBroken, ModelError, ModelRefused, ModelUnreachable
from app.messages import sentence
from app.models.base import PASSING, TEMPERATURE, Kind, Prompt, Status, Take, Usage

if TYPE_CHECKING:
    from google.genai.types import GenerateContentResponse

FIRST_TOKEN_SECONDS = 30.0
NEXT_TOKEN_SECONDS = 60.0

# Gemini's models count what they think as part of the answer, so this is more than an answer's own length.
_ANSWER_TOKENS = 4_096

_LOGGED_CHARACTERS = 500

_opened: ContextVar[list[aiohttp.ClientResponse]] = ContextVar("opened")


class GeminiModel:
    """Asks the Gemini API. `base_url` replaces Google's own address."""

    def __init__(
        self,
        key: SecretStr | None,
        name: str,
        *,
        base_url: str | None = None,
        first_token_seconds: float = FIRST_TOKEN_SECONDS,
        next_token_seconds: float = NEXT_TOKEN_SECONDS,
    ) -> None:
        self._key = key
        self._name = name
        self._base_url = base_url
        self._first_token_seconds = first_token_seconds
        self._next_token_seconds = next_token_seconds
        self._client: Any = None
        self._session: aiohttp.ClientSession | None = None

    @property
    def kind(self) -> Kind:
        return "gemini"

    async def status(self) -> Status:
        return Status(
            name=self._name,
            kind="gemini",
            available=self._key is not None,
            reason=sentence("gemini_ready" if self._key else "gemini_no_key"),
        )

    async def write(self, prompt: Prompt, take: Take) -> Usage:
        if self._key is None:
            raise ModelUnreachable(self._name, "no GOOGLE_API_KEY")
        opened: list[aiohttp.ClientResponse] = []
        _opened.set(opened)
        parts = await self._ask(self._key, prompt)
        seconds = self._first_token_seconds
        part: GenerateContentResponse | None = None
        finish = ""
        try:
            while (following := await self._next(parts, seconds)) is not None:
                part = following
                seconds = self._next_token_seconds
                if part.prompt_feedback and part.prompt_feedback.block_reason:
                    raise ModelRefused(self._name, f"blocked: {part.prompt_feedback.block_reason}")
                finish = _finish(part) or finish
                if text := _text(part):
                    take(text)
        finally:
            for response in opened:
                response.close()
            if isinstance(parts, AsyncGenerator):
                await parts.aclose()
        if part is None or not finish:
            raise ModelBroken(self._name, "the stream ended before the answer did")
        if finish not in ("STOP", "MAX_TOKENS"):
            raise ModelRefused(self._name, f"finished with {finish}")
        return _usage(part, finish)

    async def close(self) -> None:
        """Close the connections to Google."""
        if self._session is not None:
            await self._session.close()

    async def _ask(self, key: SecretStr, prompt: Prompt) -> AsyncIterator[GenerateContentResponse]:
        client = await self._connected(key)  # not in Gemini's time: importing the library is ours
        try:
            async with asyncio.timeout(self._first_token_seconds):
                parts: AsyncIterator[
                    GenerateContentResponse
                ] = await client.aio.models.generate_content_stream(
                    model=self._name,
                    contents=prompt.user,
                    config={
                        "system_instruction": prompt.system,
                        "temperature": TEMPERATURE,
                        "max_output_tokens": _ANSWER_TOKENS,
                    },
                )
                return parts
        except Exception as error:
            raise self._translated(error) from error

    async def _next(
        self, parts: AsyncIterator[GenerateContentResponse], seconds: float
    ) -> GenerateContentResponse | None:
        """The next part; None at the end."""
        try:
            async with asyncio.timeout(seconds):
                return await anext(parts, None)
        except Exception as error:
            raise self._translated(error) from error

    async def _connected(self, key: SecretStr) -> Any:
        """The library's client, made when first needed: importing the library takes most of a second."""
        if self._client is None:
            genai = await asyncio.to_thread(importlib.import_module, "google.genai")
            if self._client is None:  # still: others may have waited for the import, too
                self._session = _noting_session()
                self._client = genai.Client(
                    api_key=key.get_secret_value(),
                    vertexai=False,
                    http_options={
                        "base_url": self._base_url,
                        "api_version": "v1beta",  # the one that has always taken system instructions
                        "aiohttp_client": self._session,
                        # Its own way is to try again after up to ten seconds; another model answers sooner.
                        "retry_options": {"attempts": 1},
                    },
                )
        return self._client

    def _translated(self, error: Exception) -> ModelError:
        from google.genai.errors import APIError

        detail = f"{type(error).__name__}: {error}"[:_LOGGED_CHARACTERS]
        if isinstance(error, APIError):
            return ModelRefused(self._name, detail, passing=error.code in PASSING)
        if isinstance(error, TimeoutError):
            return ModelUnreachable(self._name, detail)
        if isinstance(error, (aiohttp.ClientConnectionError, OSError)):
            return ModelUnreachable(self._name, detail, passing=True)
        return ModelBroken(self._name, detail)


def _noting_session() -> aiohttp.ClientSession:
    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(_note_response)
    return aiohttp.ClientSession(trace_configs=[trace])


async def _note_response(
    _: aiohttp.ClientSession, __: SimpleNamespace, end: aiohttp.TraceRequestEndParams
) -> None:
    """Runs in the context of the answer whose request it was."""
    _opened.get([]).append(end.response)


def _text(part: GenerateContentResponse) -> str:
    """The text of the first candidate, without what the model thought on the way."""
    candidates = part.candidates or []
    content = candidates[0].content if candidates else None
    return "".join(
        piece.text for piece in (content and content.parts) or [] if piece.text and not piece.thought
    )


def _finish(part: GenerateContentResponse) -> str:
    reason = part.candidates[0].finish_reason if part.candidates else None
    return str(reason.value) if reason else ""


def _usage(part: GenerateContentResponse, finish: str) -> Usage:
    counted = part.usage_metadata
    return Usage(
        reason="length" if finish == "MAX_TOKENS" else "stop",
        prompt_tokens=counted.prompt_token_count if counted else None,
        answer_tokens=counted.candidates_token_count if counted else None,
    )
