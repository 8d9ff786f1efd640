"""A language model behind any server that speaks OpenAI's protocol: vLLM, llama.cpp's, LM Studio.

The stream is heard line by line, as Ollama's is. These servers put each event's
JSON on one line, so that a line is an event; comments and other fields are passed over.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from pydantic import SecretStr

from app.errors import ModelBroken, ModelRefused, ModelUnreachable
from app.messages import Sentence, sentence
from app.models.base import PASSING, TEMPERATURE, Kind, Prompt, Status, Take, Usage, answer_tokens
from app.models.exchange import Broken, Hear, Refused, Request, Silent, Unreached, parse, post
from app.models.openai_listing import CONNECT_SECONDS, Listed, Listing, authorization, read_listing
from app.models.remembered import Remembered

# A long prompt takes a processor without a GPU a minute or two to read, and LM Studio loads a model first.
FIRST_TOKEN_SECONDS = 120.0
NEXT_TOKEN_SECONDS = 60.0
# An answer that is complete doesn't wait longer than this to learn how many tokens it took.
_COUNT_SECONDS = 2.0

# llama.cpp's server lists its models to everybody, and refuses a key only when it is asked to answer.
_KEY_REFUSED_SECONDS = 60.0

_LOGGED_CHARACTERS = 500
_SHOWN_NAMES = 5
_DONE = b"[DONE]"


class OpenAIModel:
    """Asks the server at `base_url` for the model `wanted`; where that is None, for its first one."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        key: SecretStr | None,
        wanted: str | None,
        *,
        first_token_seconds: float = FIRST_TOKEN_SECONDS,
        next_token_seconds: float = NEXT_TOKEN_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._base_url = base_url
        self._key = key
        self._wanted = wanted
        self._first_token_seconds = first_token_seconds
        self._next_token_seconds = next_token_seconds
        self._clock = clock
        self._key_refused_at: float | None = None
        self._listing: Remembered[Listing] = Remembered(
            lambda: read_listing(session, base_url, key, wanted), lambda listing: listing.model is not None
        )

    @property
    def kind(self) -> Kind:
        return "openai"

    async def status(self) -> Status:
        listing = await self._listing.get()
        model = listing.model
        if model is None or self._key_is_refused():
            return Status(
                name=model.name if model else self._own_name(),
                kind="openai",
                available=False,
                reason=self._why_not(listing),
            )
        reason = sentence("openai_ready", address=self._base_url)
        return Status(name=model.name, kind="openai", available=True, reason=reason, window=model.window)

    async def write(self, prompt: Prompt, take: Take) -> Usage:
        model = (await self._listing.get()).model
        if model is None:
            raise ModelUnreachable(self._own_name(), f"not to be had from {self._base_url}")
        heard = _Heard()

        def hear(data: bytes) -> bool:
            self._key_refused_at = None
            if data == _DONE:
                heard.done = True
            else:
                part = self._part(model, data)
                heard.note(part)
                if part.text:
                    take(part.text)
            return heard.done

        await self._ask(model, prompt, hear, heard)
        return self._ended(model, heard)

    async def close(self) -> None:
        """Stop asking the server what it has."""
        await self._listing.close()

    async def _ask(self, model: Listed, prompt: Prompt, hear: Hear, heard: _Heard) -> None:
        """Hear the data of the events. Who has told how the answer ended may end as it likes.

        Raises ModelError, and what `hear` raises.
        """

        def seconds(_: bool) -> float:
            if heard.finish:
                return min(_COUNT_SECONDS, self._next_token_seconds)
            return self._next_token_seconds if heard.began else self._first_token_seconds

        request = Request(
            address=f"{self._base_url}/chat/completions",
            body=_request(model, prompt),
            headers=authorization(self._key),
            wanted="text/event-stream",  # and no redirects: neither key nor passages are for another server
            connect_seconds=CONNECT_SECONDS,
        )
        try:
            await post(request, hear, seconds, _data)
        except Unreached as error:
            self._listing.forget()
            detail = self._for_log(f"{self._base_url}: {error}")
            raise ModelUnreachable(model.name, detail, passing=not error.timed_out) from error
        except Refused as error:
            if error.status == 401:
                self._key_refused_at = self._clock()
            self._listing.forget()
            passing = error.status in PASSING
            raise ModelRefused(model.name, self._for_log(str(error)), passing=passing) from error
        except (Silent, Broken) as error:
            if not heard.finish:
                failure = ModelUnreachable if isinstance(error, Silent) and not heard.began else ModelBroken
                raise failure(model.name, self._for_log(f"the stream broke: {error}")) from error

    def _part(self, model: Listed, data: bytes) -> _Part:
        """Raises ModelRefused or ModelBroken."""
        try:
            part = _parse(data)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            shown = self._for_log(data.decode("utf-8", "replace"))
            raise ModelBroken(model.name, f"not a part of a chat stream: {shown!r}") from error
        if part.error:
            raise ModelRefused(model.name, self._for_log(part.error))
        return part

    def _ended(self, model: Listed, heard: _Heard) -> Usage:
        """Raises ModelRefused or ModelBroken where the answer isn't one, or not whole."""
        match heard.finish:
            case "" if not heard.done:
                raise ModelBroken(model.name, "the stream ended before the answer did")
            case "content_filter":
                raise ModelRefused(model.name, "finished with content_filter")
            case "abort" | "error":  # vLLM's, where it gave up
                raise ModelBroken(model.name, f"finished with {heard.finish}")
            case finish:
                return Usage(
                    reason="length" if finish == "length" else "stop",
                    prompt_tokens=_count(heard.usage.get("prompt_tokens")),
                    answer_tokens=_count(heard.usage.get("completion_tokens")),
                )

    def _own_name(self) -> str:
        return self._wanted or self.kind

    def _key_is_refused(self) -> bool:
        refused_at = self._key_refused_at
        return refused_at is not None and self._clock() - refused_at < _KEY_REFUSED_SECONDS

    def _why_not(self, listing: Listing) -> Sentence:
        if listing.outcome == "unreachable":
            return sentence("openai_unreachable", address=self._base_url)
        if listing.outcome == "key_refused" or self._key_is_refused():
            return sentence("openai_key_refused", address=self._base_url)
        if self._wanted and listing.names:
            names = ", ".join(listing.names[:_SHOWN_NAMES])
            return sentence("openai_not_listed", address=self._base_url, wanted=self._wanted, names=names)
        return sentence("openai_no_model", address=self._base_url)

    def _for_log(self, text: str) -> str:
        """The beginning of what a server says, without the key: some repeat what they refuse."""
        if self._key:
            text = text.replace(self._key.get_secret_value(), "[OPENAI_API_KEY]")
        return text[:_LOGGED_CHARACTERS]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    """What one event says. `thinks`: the model reasons, which is no answer yet."""

    text: str
    thinks: bool
    finish: str
    usage: dict[str, Any]
    error: str


@dataclass(kw_only=True, slots=True)
class _Heard:
    """What the events so far say of the answer's beginning and end."""

    began: bool = False
    finish: str = ""
    done: bool = False
    usage: dict[str, Any] = field(default_factory=dict)

    def note(self, part: _Part) -> None:
        self.began = self.began or bool(part.text) or part.thinks
        self.finish = part.finish or self.finish
        self.usage = part.usage or self.usage


def _request(model: Listed, prompt: Prompt) -> dict[str, Any]:
    """The body of /chat/completions."""
    return {
        "model": model.name,
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": TEMPERATURE,
        "max_tokens": answer_tokens(model.window),
        "messages": [
            {"role": "system", "content": prompt.system},
            {"role": "user", "content": prompt.user},
        ],
    }


def _data(line: bytes) -> bytes:
    """What a line says of an event. Comments keep a connection open, and nobody waiting."""
    name, _, value = line.partition(b":")
    return value.strip() if name in (b"data", b"error") else b""


def _parse(data: bytes) -> _Part:
    """Raises one of several errors where this is no part of a chat stream."""
    part = parse(data)
    choices = part.get("choices") or [{}]  # the last part has no choice, but what the answer took
    delta = choices[0].get("delta") or {}
    text = delta.get("content") or ""
    if not isinstance(text, str):
        raise TypeError("content is not text")
    return _Part(
        text=text,
        thinks=bool(delta.get("reasoning_content") or delta.get("reasoning")),
        finish=str(choices[0].get("finish_reason") or ""),
        usage=dict(part.get("usage") or {}),
        error=_error(part),
    )


def _error(part: dict[str, Any]) -> str:
    """What an error says, under `error` or, in llama.cpp's and vLLM's older versions, on its own."""
    if part.get("error"):
        return str(part["error"])
    if part.get("object") == "error" or ("message" in part and "choices" not in part):
        return str(part.get("message") or "an error without a message")
    return ""


def _count(value: object) -> int | None:
    return value if isinstance(value, int) else None
