"""What an answer consists of, and the NDJSON lines that carry it.

The chat lines have the field names of Ollama's own stream, so that every client of that can read
them; `sources`, `language` and `citations` are ours.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from app import schemas
from app.citations import Citation
from app.context import Context
from app.messages import Language
from app.representations import context, encode, source
from app.schemas import DoneReason


@dataclass(frozen=True, kw_only=True, slots=True)
class Queued:
    """Others are answered first: the place in the line, from 1."""

    place: int


@dataclass(frozen=True, slots=True)
class Understood:
    """A question that leans on what was said before, as it is answered."""

    question: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """What the answer may cite, and what had no room."""

    model: str
    language: Language
    context: Context


class Piece(NamedTuple):
    """Some of the answer's text. There are many: a tuple is made soonest."""

    model: str
    text: str


@dataclass(frozen=True, slots=True)
class Reset:
    """Another model answers from the beginning: the pieces so far are void."""

    model: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Passed:
    """A line of Ollama's that is passed on as it is, and what it says."""

    line: bytes
    part: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """The last event of an answer that is complete, or was stopped."""

    model: str
    reason: DoneReason
    citations: Sequence[Citation] = ()
    uncited: Sequence[tuple[int, int]] = ()
    nanoseconds: int = 0
    prompt_tokens: int | None = None
    answer_tokens: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """The last event of an answer that is not."""

    message: str
    code: str


_quoted = json.encoder.encode_basestring

_REMEMBERED = 128  # contexts

Event = Queued | Understood | Sources | Piece | Reset | Passed | Done | Failed

Say = Callable[[Event], None]
"""Takes the next event of an answer; it never waits."""

Line = Callable[[Event, str], bytes]
"""The line of an event of the answer with this name."""


def chat_line(event: Event, answer: str) -> bytes:
    """One line of `POST /`."""
    match event:
        case Piece(model=model, text=text):
            return _piece(model, text)
        case Passed(line=line):
            return line + b"\n"
        case Sources():
            return _sources({**_chat(event.model), "done": False}, event, answer)
        case _:
            return _line(_chat_line(event, answer))


def _chat_line(event: Queued | Understood | Reset | Done | Failed, answer: str) -> schemas.ChatLine:
    match event:
        case Queued(place=place):
            return {**_chat(""), "done": False, "id": answer, "queued": place}
        case Understood(question=question):
            return {**_chat(""), "done": False, "id": answer, "question": question}
        case Reset(model=model):
            return {**_chat(model), "done": False, "reset": True}
        case Done():
            return {**_chat(event.model), "done": True, **ending(event)}
        case Failed():
            return {"error": event.message, "code": event.code}


def response_line(event: Event, answer: str) -> bytes:
    """One line of `POST /gemini`: only those with text have a `response`."""
    match event:
        case Passed(line=line):
            return line + b"\n"
        case Sources():
            return _sources({"model": event.model}, event, answer)
        case _:
            return _line(_response_line(event, answer))


def _response_line(
    event: Queued | Understood | Piece | Reset | Done | Failed, answer: str
) -> schemas.ResponseLine:
    match event:
        case Piece(text=text):
            return {"response": text}
        case Queued(place=place):
            return {"id": answer, "queued": place}
        case Understood(question=question):
            return {"id": answer, "question": question}
        case Reset(model=model):
            return {"model": model, "reset": True}
        case Done():
            return {"model": event.model, "done": True, **ending(event)}
        case Failed():
            return {"error": event.message, "code": event.code}


def _piece(model: str, text: str) -> bytes:
    """The line of `_chat`, put together by hand: nearly all lines are of this kind."""
    seconds, nanoseconds = divmod(time.time_ns(), 10**9)
    line = f"{_opening(model, seconds)}.{nanoseconds // 1000:06d}{_BETWEEN}{_quoted(text)}{_CLOSING}"
    return line.encode("utf-8", "replace")


_BETWEEN, _CLOSING = 'Z","message":{"role":"assistant","content":', '},"done":false}\n'


@lru_cache(maxsize=8)
def _opening(model: str, seconds: int) -> str:
    """The same for thousands of tokens."""
    return f'{{"model":{_quoted(model)},"created_at":"{_second(seconds)}'


def _chat(model: str) -> schemas.Chat:
    return {"model": model, "created_at": now(), "message": {"role": "assistant", "content": ""}}


def now() -> str:
    """As Ollama writes moments."""
    seconds, nanoseconds = divmod(time.time_ns(), 10**9)
    return f"{_second(seconds)}.{nanoseconds // 1000:06d}Z"


def _second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def _sources(head: Mapping[str, object], event: Sources, answer: str) -> bytes:
    """The line of schemas.Sources, after its head."""
    named = encode({**head, "id": answer, "language": event.language})
    return named[:-1] + b"," + _given(event.context)[1:] + b"\n"


@lru_cache(_REMEMBERED)
def _given(read: Context) -> bytes:
    """Where many ask the same, it is the longest part of what they get."""
    given: schemas.Given = {
        "sources": [source(passage) for passage in read.passages],
        "context": context(read),
    }
    return encode(given)


def ending(event: Done) -> schemas.Ending:
    """What the last line says beside Ollama's own fields."""
    last: schemas.Ending = {
        "done_reason": event.reason,
        "citations": [citation(one) for one in event.citations],
        "uncited": [{"start": start, "end": end} for start, end in event.uncited],
        "total_duration": event.nanoseconds,
    }
    if event.prompt_tokens is not None:
        last["prompt_eval_count"] = event.prompt_tokens
    if event.answer_tokens is not None:
        last["eval_count"] = event.answer_tokens
    return last


def citation(one: Citation) -> schemas.Citation:
    cited: schemas.Citation = {"n": one.n, "start": one.start, "end": one.end}
    if one.support is not None:
        cited["support"] = one.support
        cited["missing"] = list(one.missing)
    return cited


def _line(value: Mapping[str, object]) -> bytes:
    return encode(value) + b"\n"
