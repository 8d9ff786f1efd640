"""A language model of Ollama's, on one's own hardware.

The stream is heard line by line (app/models/exchange.py): Ollama's Python client costs several times the
processor time a token, and takes a stream that was cut for one that is complete.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp

from app.errors import ModelBroken, ModelRefused, ModelUnreachable
from app.events import Passed
from app.messages import Sentence, sentence
from app.models.base import PASSING, TEMPERATURE, Kind, Prompt, Status, Take, Usage, answer_tokens
from app.models.exchange import Broken, Hear, Refused, Request, Silent, Unreached, parse, post
from app.models.ollama_library import CONNECT_SECONDS, Installed, Library, read_library, same_model
from app.models.remembered import Remembered

# Loading a large model from a slow disk takes a minute or two, and sends nothing meanwhile.
FIRST_TOKEN_SECONDS = 120.0
NEXT_TOKEN_SECONDS = 30.0

_LOGGED_CHARACTERS = 500
_REDIRECTS = 2  # from one's own network to https, say


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

    async def write(self, prompt: Prompt, take: Take) -> Usage:
        model = await self._model()
        usage: Usage | None = None

        def hear(line: bytes) -> bool:
            nonlocal usage
            text, last = _parse(model.name, line)
            if text:
                take(text)
            if last:
                usage = _usage(last)
            return last is not None

        await self._ask(model, "/api/chat", _request(model, prompt), hear)
        if usage is None:
            raise _cut(model)
        return usage

    async def passed(self, path: str, fields: Mapping[str, Any], take: Callable[[Passed], None]) -> None:
        """What Ollama answers to a client's own request, line by line; the last one is done. The window is
        that of our own prompts where the client names none, since another one would load the model anew.

        Raises ModelError, and what `take` raises.
        """
        model = await self._model()
        done = False

        def hear(line: bytes) -> bool:
            nonlocal done
            part = _part(model.name, line)
            take(Passed(line=line, part=part))
            done = bool(part.get("done"))
            return done

        options = {"num_ctx": model.window, **fields.get("options", {})}
        body = {**fields, "model": model.name, "stream": True, "options": options}
        await self._ask(model, path, body, hear)
        if not done:
            raise _cut(model)

    async def close(self) -> None:
        """Stop asking Ollama what it has."""
        await self._library.close()

    async def _model(self) -> Installed:
        """Raises ModelUnreachable."""
        if model := (await self._library.get()).model:
            return model
        raise ModelUnreachable(self._wanted, f"not to be had from {self._host}")

    async def _ask(self, model: Installed, path: str, body: Mapping[str, Any], hear: Hear) -> None:
        """Hear the lines of what it answers. Raises ModelError, and what `hear` raises."""
        request = Request(
            address=f"{self._host}{path}", body=body, redirects=_REDIRECTS, connect_seconds=CONNECT_SECONDS
        )
        try:
            await post(request, hear, self._seconds)
        except Unreached as error:
            self._library.forget()
            detail = f"{self._host}: {error}"
            raise ModelUnreachable(model.name, detail, passing=not error.timed_out) from error
        except Refused as error:
            self._library.forget()
            raise ModelRefused(
                model.name,
                str(error)[:_LOGGED_CHARACTERS],
                passing=error.status in PASSING,
                of_request=_said(error.excerpt) if error.status == 400 else "",
            ) from error
        except (Silent, Broken) as error:
            raise ModelBroken(model.name, str(error)) from error

    def _seconds(self, heard: bool) -> float:
        return self._next_token_seconds if heard else self._first_token_seconds

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


def _cut(model: Installed) -> ModelBroken:
    return ModelBroken(model.name, "the stream ended before the answer did")


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
