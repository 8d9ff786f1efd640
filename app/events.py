"""What an answer consists of, and the NDJSON lines that carry it.

The chat lines have the field names of Ollama's own stream, so that every client of that can read
them; `sources`, `language` and `citations` are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from app.citations import Citation
from app.context import Context
from app.messages import Language
from app.representations import context, encode, source

DoneReason = Literal["stop", "length", "no_answer"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """The first event: what the answer may cite, and what had no room."""

    model: str
    language: Language
    context: Context


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of the answer's text."""

    model: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """The last event of an answer that is complete."""

    model: str
    reason: DoneReason
    citations: Sequence[Citation]
    nanoseconds: int
    prompt_tokens: int | None
    answer_tokens: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """The last event of an answer that is not."""

    message: str
    code: str


Event = Sources | Piece | Done | Failed


def chat_line(event: Event) -> bytes:
    """One line of `POST /`."""
    match event:
        case Piece(model=model, text=text):
            return _line(_chat(model, text, done=False))
        case Sources():
            return _line({**_chat(event.model, "", done=False), **_beginning(event)})
        case Done():
            return _line({**_chat(event.model, "", done=True), **_ending(event)})
        case Failed():
            return _line({"error": event.message, "code": event.code})


def response_line(event: Event) -> bytes:
    """One line of `POST /gemini`: only those with text have a `response`."""
    match event:
        case Piece(text=text):
            return _line({"response": text})
        case Sources():
            return _line({"model": event.model, **_beginning(event)})
        case Done():
            return _line({"model": event.model, "done": True, **_ending(event)})
        case Failed():
            return _line({"error": event.message, "code": event.code})


def _chat(model: str, text: str, *, done: bool) -> dict[str, object]:
    return {
        "model": model,
        "created_at": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "message": {"role": "assistant", "content": text},
        "done": done,
    }


def _beginning(event: Sources) -> dict[str, object]:
    return {
        "language": event.language,
        "sources": [source(passage) for passage in event.context.passages],
        "context": context(event.context),
    }


def _ending(event: Done) -> dict[str, object]:
    counts = {"prompt_eval_count": event.prompt_tokens, "eval_count": event.answer_tokens}
    return {
        "done_reason": event.reason,
        "citations": [{"n": c.n, "start": c.start, "end": c.end} for c in event.citations],
        "total_duration": event.nanoseconds,
        **{name: count for name, count in counts.items() if count is not None},
    }


def _line(value: dict[str, object]) -> bytes:
    return encode(value) + b"\n"
