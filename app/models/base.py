"""What every language model promises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from app.context import Passage
from app.messages import Language, Sentence

Kind = Literal["openai", "ollama", "gemini", "extractive"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# The most tokens that an answer may have, and the share of a small window that is kept free for it.
_ANSWER_TOKENS = 1_024
_ANSWER_SHARE = 4

# The context window that a prompt is built for, where the model has as much: eight passages and
# the longest question fit, and the key-value cache of an 8B model stays near 1 GiB.
WINDOW_TOKENS = 8_192

# What servers say when they are too busy, or are just beginning, and may not be a moment later.
PASSING = frozenset((429, 500, 502, 503, 504))

# The same question deserves the same answer; 0 makes small models repeat themselves.
TEMPERATURE = 0.2


def answer_tokens(window: int) -> int:
    """The tokens of a context window that are the answer's."""
    return min(_ANSWER_TOKENS, window // _ANSWER_SHARE)


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
    """How an answer ended and what it took; None where the model doesn't count tokens. `no_answer`: it said
    that it doesn't know.
    """

    reason: Literal["stop", "length", "no_answer"]
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


Take = Callable[[str], None]
"""Takes a piece of text."""


class Enough(Exception):
    """Raised by who takes an answer: no more of it is wanted."""


class ChatModel(Protocol):
    """Answers a prompt, piece by piece."""

    @property
    def kind(self) -> Kind:
        """The family; it names the model where its own name isn't known."""

    async def status(self) -> Status:
        """Whether it can answer, as known now: once it was asked, within milliseconds. Never raises."""

    async def write(self, prompt: Prompt, take: Take) -> Usage:
        """Write an answer: `take` gets each piece as the model makes it, none empty, and never waits.

        Whatever ends it, cancelling it or an exception of `take` (which is raised here), lets go of the model
        at once. Raises ModelError, also where the answer ends without the model having said that it is
        complete.
        """
