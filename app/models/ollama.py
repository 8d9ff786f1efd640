"""A language model of Ollama's, on one's own hardware.

The stream is read line by line from the connection: Ollama's Python client costs nearly twice the
processor time a token, and takes a stream that was cut for one that is complete.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import aiohttp

from app.errors import ModelBroken, ModelRefused, ModelUnreachable
from app.events import Passed
from app.messages import Sentence, sentence
from app.models.base import PASSING, TEMPERATURE, Kind, Prompt, Status, Usage, answer_tokens
from app.models.lines import Lines, parse
from app.models.ollama_library import CONNECT_SECONDS, Installed, Library, read_library, same_model
from app.models.remembered import Remembered

# Loading a large model from a slow disk takes a minute or two, and sends nothing meanwhile.
FIRST_TOKEN_SECONDS = 120.0
NEXT_TOKEN_SECONDS = 30.0

_LOGGED_CHARACTERS = 500
_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)


class OllamaModel:
    """Asks the Ollama at `host` for the model `wanted`, or for another one that is installed there."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        host: str,
        wanted: str,
        *,
        first_token_seconds: float = FIRST_TOKEN_SECONDS,
        next_token_seconds: float = NEXT_TOKEN_SECONDS,
    ) -> None:
        self._session = session
        self._host = host
        self._wanted = wanted
        self._first_token_seconds = first_token_seconds
        self._next_token_seconds = next_token_seconds
        self._library: Remembered[Library] = Remembered(
            lambda: read_library(session, host, wanted), lambda library: library.model is not None
        )

    @property
    def kind(self) -> Kind:
        return "ollama"

    async def status(self) -> Status:
        library = await self._library.get()
        model = library.model
        if model is None:
            return Status(name=self._wanted, kind="ollama", available=False, reason=self._why_not(library))
        if same_model(model.name, self._wanted):
            reason = sentence("ollama_ready", host=self._host)
        else:
            reason = sentence("ollama_substitute", wanted=self._wanted)
        return Status(name=model.name, kind="ollama", available=True, reason=reason, window=model.window)

    async def stream(self, prompt: Prompt) -> AsyncGenerator[str | Usage, None]:
        model = (await self._library.get()).model
        if model is None:
            raise ModelUnreachable(self._wanted, f"not to be had from {self._host}")
        response = await self._ask(model, "/api/chat", _request(model, prompt))
        lines = Lines(response.content)
        seconds = self._first_token_seconds
        try:
            while came := await self._read(model, lines, seconds):
                for line in came:
                    text, last = _parse(model.name, line)
                    if text:
                        yield text
                    if last:
                        yield _usage(last)
                        return
                seconds = self._next_token_seconds
            raise ModelBroken(model.name, "the stream ended before the answer did")
        finally:
            lines.end()
            response.close()

    async def passed(self, path: str, fields: Mapping[str, Any]) -> AsyncGenerator[Passed, None]:
        """What Ollama answers to a client's own request, line by line; the last one is done. The window is
        that of our own prompts where the client names none, since another one would load the model anew.
        """
        model = (await self._library.get()).model
        if model is None:
            raise ModelUnreachable(self._wanted, f"not to be had from {self._host}")
        options = {"num_ctx": model.window, **fields.get("options", {})}
        body = {**fields, "model": model.name, "stream": True, "options": options}
        response = await self._ask(model, path, body)
        lines = Lines(response.content)
        seconds = self._first_token_seconds
        try:
            while came := await self._read(model, lines, seconds):
                for line in came:
                    part = _part(model.name, line)
                    yield Passed(line=line, part=part)
                    if part.get("done"):
                        return
                seconds = self._next_token_seconds
            raise ModelBroken(model.name, "the stream ended before the answer did")
        finally:
            lines.end()
            response.close()

    async def close(self) -> None:
        """Stop asking Ollama what it has."""
        await self._library.close()

    async def _ask(self, model: Installed, path: str, body: Mapping[str, Any]) -> aiohttp.ClientResponse:
        """The response whose body is the stream. Ollama sends its head with the first token."""
        try:
            async with asyncio.timeout(self._first_token_seconds):
                response = await self._session.post(f"{self._host}{path}", json=body, timeout=_TIMEOUT)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self._library.forget()
            passing = not isinstance(error, TimeoutError)
            raise ModelUnreachable(model.name, f"{self._host}: {error!r}", passing=passing) from error
        if response.status != 200:
            self._library.forget()
            excerpt = await _excerpt(response)
            raise ModelRefused(
                model.name,
                f"status {response.status}: {excerpt}",
                passing=response.status in PASSING,
                of_request=_said(excerpt) if response.status == 400 else "",
            )
        return response

    async def _read(self, model: Installed, lines: Lines, seconds: float) -> list[bytes]:
        try:
            return await lines.read(seconds)
        except TimeoutError as error:
            raise ModelBroken(model.name, f"silent for {seconds:.0f} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise ModelBroken(model.name, f"the stream broke: {error!r}") from error

    def _why_not(self, library: Library) -> Sentence:
        if library.reachable:
            return sentence("ollama_not_installed", wanted=self._wanted)
        return sentence("ollama_unreachable", host=self._host)


def _request(model: Installed, prompt: Prompt) -> dict[str, Any]:
    """The body of /api/chat. Without num_ctx Ollama drops the beginning of what is too long, silently."""
    request: dict[str, Any] = {
        "model": model.name,
        "stream": True,
        "messages": [
            {"role": "system", "content": prompt.system},
            {"role": "user", "content": prompt.user},
        ],
        "options": {
            "num_ctx": model.window,
            "num_predict": answer_tokens(model.window),
            "temperature": TEMPERATURE,
        },
    }
    if model.thinks:
        # Quoting what stands in a passage needs no reasoning, and people would wait for it.
        request["think"] = False
    return request


def _parse(name: str, line: bytes) -> tuple[str, dict[str, Any] | None]:
    """The text of a line of the stream, and the line itself where it is the last. Raises ModelRefused or
    ModelBroken.
    """
    part = _part(name, line)
    try:
        text = (part.get("message") or {}).get("content") or ""
        if not isinstance(text, str):
            raise TypeError("content is not text")
        return text, part if part.get("done") else None
    except (TypeError, AttributeError) as error:
        raise _unreadable(name, line) from error


def _part(name: str, line: bytes) -> dict[str, Any]:
    """A line of the stream. Raises ModelRefused or ModelBroken."""
    try:
        part = parse(line)
    except (ValueError, RecursionError) as error:
        raise _unreadable(name, line) from error
    if not isinstance(part, dict):
        raise _unreadable(name, line)
    if "error" in part:
        raise ModelRefused(name, str(part["error"])[:_LOGGED_CHARACTERS])
    return part


def _unreadable(name: str, line: bytes) -> ModelBroken:
    return ModelBroken(name, f"not a line of a chat stream: {line[:_LOGGED_CHARACTERS]!r}")


def _said(body: str) -> str:
    """The sentence in the body of an error; none where it isn't Ollama's."""
    try:
        said = json.loads(body)["error"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
    return said if isinstance(said, str) else ""


def _usage(part: dict[str, Any]) -> Usage:
    return Usage(
        reason="length" if part.get("done_reason") == "length" else "stop",
        prompt_tokens=_count(part.get("prompt_eval_count")),
        answer_tokens=_count(part.get("eval_count")),
    )


def _count(value: object) -> int | None:
    return value if isinstance(value, int) else None


async def _excerpt(response: aiohttp.ClientResponse) -> str:
    """The beginning of an error's body, for the log."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            return (await response.content.read(_LOGGED_CHARACTERS)).decode("utf-8", "replace")
    except (aiohttp.ClientError, TimeoutError, OSError):
        return ""
    finally:
        response.close()
