"""What clients of other protocols say: their messages, as a question with what was said before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.errors import BadRequest, PromptMissing
from app.fields import Fields
from app.messages import sentence
from app.requests import MOST_MESSAGES, ChatRequest, parse_chat

# More than any client keeps of a conversation; the body has a limit, too.
MOST_SAID = 10_000

_ALLOWED = '[{"role": "user", "content": "…"}, …]'
_OURS = ("documents", "filter", "language", "limit")

# What Open WebUI and others begin a message with that no person wrote: titles, tags, follow-up questions.
_CHORE = "### Task:"


def parse_messages(fields: Fields) -> list[dict[str, Any]]:
    """The client's messages, each with a role and, where it has any, a content of text or of parts.

    Raises BadRequest.
    """
    wrong = BadRequest(sentence("wrong_type", field="messages", allowed=_ALLOWED))
    value = fields.get("messages")
    if not isinstance(value, list) or len(value) > MOST_SAID:
        raise wrong
    for message in value:
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            raise wrong
        content = message.get("content")
        if isinstance(content, list):
            if not all(isinstance(part, dict) for part in content):
                raise wrong
        elif content is not None and not isinstance(content, str):
            raise wrong
    return value


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
