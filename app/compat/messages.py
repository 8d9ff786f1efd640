"""What clients of other protocols say: their messages, as a question with what was said before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.errors import PromptMissing
from app.fields import Fields
from app.requests import MOST_MESSAGES, ChatRequest, parse_chat

_OURS = ("documents", "filter", "language", "limit")

# What Open WebUI and others begin a message with that no person wrote: titles, tags, follow-up questions.
_CHORE = "### Task:"


def text_of(content: str | Sequence[Mapping[str, Any]] | None) -> str:
    """A message's text, in one piece. Pictures and sounds have none."""
    if content is None or isinstance(content, str):
        return content or ""
    texts = (part.get("text") for part in content if part.get("type") in ("text", "input_text"))
    return "\n".join(text for text in texts if isinstance(text, str))


def parse_question(fields: Fields, messages: Sequence[Mapping[str, Any]]) -> ChatRequest:
    """The last thing that the person said, after what was said before. System texts are the client's, and
    not followed: how answers from the documents are written is ours.

    Raises BadRequest, PromptMissing, PromptTooLong.
    """
    said = [
        {"role": message["role"], "content": text}
        for message in messages
        if message["role"] in ("user", "assistant") and (text := text_of(message.get("content")).strip())
    ]
    while said and said[-1]["role"] != "user":
        said.pop()
    if not said:
        raise PromptMissing("messages")
    ours = {name: fields[name] for name in _OURS if name in fields}
    return parse_chat({**ours, "prompt": said[-1]["content"], "history": said[:-1][-MOST_MESSAGES:]})


def chore(messages: Sequence[Mapping[str, Any]]) -> str:
    """What a program, and no person, wants of the last message; empty where it is a question."""
    text = text_of(messages[-1].get("content")).strip() if messages else ""
    return text if text.startswith(_CHORE) else ""
