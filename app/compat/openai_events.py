"""An answer as OpenAI's chat completions have it: as server-sent events, or as one object."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from app.citations import Citation
from app.compat.openai_errors import openai_error
from app.compat.told import Told, named, pages
from app.context import Passage
from app.errors import Internal
from app.events import Done, Event, Failed, Passed, Piece, Queued, Reset, Sources, Understood
from app.fields import Json
from app.representations import encode, image_path

DONE = b"data: [DONE]\n\n"
# Comments keep a connection open while nothing is said; clients pass over them.
_WAITING = b": waiting\n\n"


class OpenAIEvents:
    """Writes the events of one answer, by the name that the client gave the model. What is cited stands in
    the last delta, as `annotations`. `address` is that of this server, as the client knows it.
    """

    def __init__(self, model: str, told: Told, address: str, *, usage: bool) -> None:
        self.told = told
        self._address = address
        self._with_usage = usage
        self._id = f"chatcmpl-{secrets.token_hex(12)}"
        self._created = int(time.time())
        self._model = model
        self._began = False
        self._heard = _Heard()
        self._opening, self._closing = self._around_text()

    def __call__(self, event: Event, answer: str) -> bytes:
        text = self.told.take(event)
        match event:
            case Piece() if self._began:
                return self._text(text)
            case Queued() | Understood():
                return _WAITING
            case Passed(part=part):
                return self._beginning() + self._passed(part)
            case Sources() | Piece() | Reset():
                return self._beginning() + (self._text(text) if text else b"")
            case Done(reason=reason):
                self._heard.finish = "length" if reason == "length" else "stop"
                self._heard.counted(event.prompt_tokens, event.answer_tokens)
                last: Json = {"annotations": self._annotations()} if self.told.sources else {}
                return self._beginning() + (self._text(text) if text else b"") + self._ending(last)
            case Failed(message=message, code=code):
                return _event(openai_error(message, code, Internal.status)) + DONE

    def whole(self) -> Json:
        """All of an answer that has ended and didn't fail."""
        heard = self._heard
        message: Json = {"role": "assistant", "content": self.told.text or heard.text, "refusal": None}
        if self.told.sources:
            message["annotations"] = self._annotations()
        if heard.thought:
            message["reasoning"] = heard.thought
        if heard.calls:
            message["tool_calls"] = heard.calls
            message["content"] = message["content"] or None
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": heard.finish}
        return {**self._fields("chat.completion"), "choices": [choice], "usage": heard.usage()}

    def _passed(self, part: Mapping[str, Any]) -> bytes:
        """A line of Ollama's, in this protocol."""
        delta = self._heard.take(part)
        chunk = self._chunk(delta) if delta else b""
        return chunk + self._ending({}) if part.get("done") else chunk

    def _beginning(self) -> bytes:
        if self._began:
            return b""
        self._began = True
        return self._chunk({"role": "assistant", "content": ""})

    def _ending(self, delta: Json) -> bytes:
        last = self._chunk(delta, finish=self._heard.finish)
        if self._with_usage:
            fields = self._fields("chat.completion.chunk")
            last += _event({**fields, "choices": [], "usage": self._heard.usage()})
        return last + DONE

    def _text(self, text: str) -> bytes:
        """`_chunk` of a text, put together by hand: nearly all events are of this kind."""
        return self._opening + _quoted(text).encode("utf-8", "replace") + self._closing

    def _around_text(self) -> tuple[bytes, bytes]:
        mark = "text-of-this-answer"
        before, _, after = self._chunk({"content": mark}).partition(f'"{mark}"'.encode())
        return before, after

    def _chunk(self, delta: Json, finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _event({**self._fields("chat.completion.chunk"), "choices": [choice]})

    def _fields(self, kind: str) -> Json:
        return {"id": self._id, "object": kind, "created": self._created, "model": self._model}

    def _annotations(self) -> list[Json]:
        """By the numbers of their sources. Open WebUI takes the n-th address for what [n] means: a source
        before the last one that is cited has its place among them, and an address of its own.
        """
        cited = self.told.citations
        made: list[Json] = []
        taken: set[str] = set()
        for n in range(1, max((one.n for one in cited), default=0) + 1):
            if passage := self.told.passage(n):
                url = self._url(passage)
                url = f"{url}#{n}" if url in taken else url
                taken.add(url)
                found = [one for one in cited if one.n == n] or [Citation(n=n, start=0, end=0)]
                made += [_annotation(one, passage, url) for one in found]
        return made

    def _url(self, passage: Passage) -> str:
        """What shows a source: the page with the passage marked, else the page of the web, else the file."""
        document = passage.document
        path = image_path(document, passage.page, passage.chunks)
        if path is None and document.source.startswith(("http://", "https://")):
            return document.source
        return f"{self._address}{path or f'/documents/{quote(document.id)}/file'}"


class _Heard:
    """What a model has said so far that a client talks to as it is, and how an answer ended."""

    def __init__(self) -> None:
        self.text = ""
        self.thought = ""
        self.calls: list[Json] = []
        self.finish = "stop"
        self._prompt_tokens = 0
        self._answer_tokens = 0

    def take(self, part: Mapping[str, Any]) -> Json:
        """The delta of a line; none where it says nothing."""
        message = part.get("message")
        message = message if isinstance(message, dict) else {}
        delta: Json = {}
        if text := message.get("content"):
            self.text += str(text)
            delta["content"] = text
        if thought := message.get("thinking"):
            self.thought += str(thought)
            delta["reasoning"] = thought
        if calls := message.get("tool_calls"):
            made = [_call(call) for call in calls if isinstance(call, dict)]
            delta["tool_calls"] = [{"index": len(self.calls) + i, **call} for i, call in enumerate(made)]
            self.calls += made
        if part.get("done"):
            cut = part.get("done_reason") == "length"
            self.finish = "length" if cut else "tool_calls" if self.calls else "stop"
            self.counted(part.get("prompt_eval_count"), part.get("eval_count"))
        return delta

    def counted(self, prompt: object, answer: object) -> None:
        """Tokens; who doesn't count them has none."""
        self._prompt_tokens = prompt if isinstance(prompt, int) else 0
        self._answer_tokens = answer if isinstance(answer, int) else 0

    def usage(self) -> Json:
        return {
            "prompt_tokens": self._prompt_tokens,
            "completion_tokens": self._answer_tokens,
            "total_tokens": self._prompt_tokens + self._answer_tokens,
        }


def _annotation(one: Citation, passage: Passage, url: str) -> Json:
    page = f", p. {passage.page}" if passage.page is not None else ""
    return {
        "type": "url_citation",
        "url_citation": {
            "url": url,
            "title": f"{named(passage)}{page}",
            "start_index": one.start,
            "end_index": one.end,
            "n": one.n,
            "document": {"id": passage.document.id, "name": passage.document.name},
            "page": passage.page,
            "pages": list(pages(passage)),
            "support": one.support,
            "missing": list(one.missing),
        },
    }


def _call(call: Mapping[str, Any]) -> Json:
    function = call.get("function") or {}
    return {
        "id": str(call.get("id") or f"call_{secrets.token_hex(4)}"),
        "type": "function",
        "function": {
            "name": function.get("name"),
            "arguments": json.dumps(function.get("arguments") or {}, ensure_ascii=False),
        },
    }


def _event(value: Mapping[str, object]) -> bytes:
    return b"data: " + encode(value) + b"\n\n"


_quoted = json.JSONEncoder(ensure_ascii=False).encode
