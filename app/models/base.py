"""What every language model promises."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Literal, Protocol

from app.context import Passage
from app.messages import Language, Sentence

Kind = Literal["ollama", "gemini", "extractive"]

# Tokens kept free for the answer, and the most that one may have.
ANSWER_TOKENS = 1_024

# The context window that a prompt is built for, where the model has as much: eight passages and
# the longest question fit, and the key-value cache of an 8B model stays near 1 GiB.
WINDOW_TOKENS = 8_192

# The same question deserves the same answer; 0 makes small models repeat themselves.
TEMPERATURE = 0.2


@dataclass(frozen=True, kw_only=True, slots=True)
class Prompt:
    """What a model is asked: the question with its passages, and both put into words for it."""

    question: str
    language: Language
    passages: tuple[Passage, ...]
    system: str
    user: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """How an answer ended and what it took; None where the model doesn't count tokens."""

    reason: Literal["stop", "length"]
    prompt_tokens: int | None = None
    answer_tokens: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """Whether a model can answer now, and why (or why not)."""

    name: str
    kind: Kind
    available: bool
    reason: Sentence
    window: int = WINDOW_TOKENS


class ChatModel(Protocol):
    """Answers a prompt, piece by piece."""

    @property
    def kind(self) -> Kind:
        """The family; it names the model where its own name isn't known."""

    async def status(self) -> Status:
        """Whether it can answer, as known now: once it was asked, within milliseconds. Never raises."""

    def stream(self, prompt: Prompt) -> AsyncGenerator[str | Usage, None]:
        """The pieces of the answer as the model makes them, none empty, then one Usage.

        Closing the generator, or cancelling its task, lets go of the model at once. Raises
        ModelError, also where the answer ends without the model having said that it is complete.
        """
