"""An answer in the lines of Ollama's `/api/chat` and `/api/generate`, or as the one object of both."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from app.compat.told import Told
from app.events import (
    Done,
    Event,
    Failed,
    Passed,
    Piece,
    Queued,
    Reset,
    Sources,
    Understood,
    citation,
    ending,
    now,
)
from app.fields import Json
from app.representations import encode, source

_MARK = "the text of a piece"
_quoted = json.JSONEncoder(ensure_ascii=False).encode

Wrap = Callable[[str], Json]
"""How a line holds text."""


def chat_text(text: str) -> Json:
    return {"message": {"role": "assistant", "content": text}}


def generated_text(text: str) -> Json:
    return {"response": text}


class OllamaLines:
    """Writes the lines of one answer, by the name that the client gave the model. `sources` stand in the
    first line, `citations` in the last, beside Ollama's own fields.
    """

    def __init__(self, model: str, wrap: Wrap, told: Told) -> None:
        self.told = told
        self._model = model
        self._wrap = wrap
        self._before = f'{{"model":{_quoted(model)},"created_at":'
        self._opening, _, self._closing = encode(wrap(_MARK)).decode()[1:-1].partition(_quoted(_MARK))
        self._passed: list[Mapping[str, Any]] = []
        self._asked = time.monotonic_ns()
        self._first_piece: int | None = None

    def __call__(self, event: Event, answer: str) -> bytes:
        text = self.told.take(event)
        match event:
            case Reset():
                return self._line(text)
            case Piece():
                if self._first_piece is None:
                    self._first_piece = time.monotonic_ns()
                return self._piece(text)
            case Passed(line=line, part=part):
                self._passed.append(part)
                return line + b"\n"
            case Queued(place=place):
                return self._line("", queued=place)
            case Understood(question=question):
                return self._line("", question=question)
            case Sources():
                return self._line("", **_beginning(event))
            case Done():
                return (self._line(text) if text else b"") + self._last(event)
            case Failed(message=message):
                return encode({"error": message}) + b"\n"

    def whole(self) -> Json:
        """All of an answer that has ended and didn't fail."""
        if self._passed:
            return _joined(self._passed)
        first = _beginning(self.told.sources) if self.told.sources else {}
        return {**self._fields(self.told.text), **first, "done": True, **self._ending()}

    def loaded(self, reason: str) -> Json:
        """What clients get that say nothing: the model is in its place."""
        return {**self._fields(""), "done": True, "done_reason": reason}

    def _piece(self, text: str) -> bytes:
        """The line of `_line`, put together by hand: nearly all lines are of this kind."""
        line = f'{self._before}"{now()}",{self._opening}{_quoted(text)}{self._closing},"done":false}}\n'
        return line.encode("utf-8", "replace")

    def _line(self, text: str, **more: object) -> bytes:
        return encode({**self._fields(text), "done": False, **more}) + b"\n"

    def _last(self, event: Done) -> bytes:
        return encode({**self._fields(""), "done": True, **self._ending()}) + b"\n"

    def _fields(self, text: str) -> Json:
        return {"model": self._model, "created_at": now(), **self._wrap(text)}

    def _ending(self) -> Json:
        """With the times from which clients reckon tokens a second; `outcome` is our own reason."""
        done = self.told.done or Done(model=self._model, reason="cancelled")
        ended = time.monotonic_ns()
        first = self._first_piece or ended
        return {
            **ending(done),
            "done_reason": "length" if done.reason == "length" else "stop",
            "outcome": done.reason,
            "citations": [citation(one) for one in self.told.citations],
            "uncited": [{"start": start, "end": end} for start, end in self.told.uncited],
            "total_duration": ended - self._asked,
            "load_duration": 0,
            "prompt_eval_duration": first - self._asked,
            "eval_duration": ended - first,
        }


def _beginning(sources: Sources) -> Json:
    """Without `context`: what we call so is another thing in `/api/generate`."""
    return {
        "language": sources.language,
        "sources": [source(passage) for passage in sources.context.passages],
    }


def _joined(parts: list[Mapping[str, Any]]) -> Json:
    """What Ollama gives where it doesn't stream."""
    whole = dict(parts[-1])
    if "message" in whole:
        messages = [part.get("message") or {} for part in parts]
        message = {**whole["message"], "content": _text(messages, "content")}
        if thought := _text(messages, "thinking"):
            message["thinking"] = thought
        if calls := [call for one in messages for call in one.get("tool_calls") or ()]:
            message["tool_calls"] = calls
        whole["message"] = message
    else:
        whole["response"] = _text(parts, "response")
        if thought := _text(parts, "thinking"):
            whole["thinking"] = thought
    if tokens := [one for part in parts for one in part.get("logprobs") or ()]:
        whole["logprobs"] = tokens
    return whole


def _text(parts: list[Mapping[str, Any]], name: str) -> str:
    return "".join(text for part in parts if isinstance(text := part.get(name), str))
