"""What is asked, and what it gives back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

from app.requests import CHAT_LIMIT
from database.retrieve import Retriever
from scripts.evaluation.dataset import Gold, Question
from scripts.evaluation.progress import Progress

DEPTH = 10  # passages that every pipeline ranks, however few it would give to a model

Level = Literal["page", "document"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A passage. `names` are those of its document's places; `relevance` is in 0..1."""

    names: tuple[str, ...]
    page: int | None
    text: str
    relevance: float

    def answers(self, gold: Gold, level: Level) -> bool:
        """Whether it is what a question asks for: the document, and the page unless any will do."""
        right = any(gold.names(name) for name in self.names)
        return right and (level == "document" or gold.page in (None, self.page))


class Pipeline(Protocol):
    """A way from a question to passages."""

    @property
    def name(self) -> str:
        """What tables call it."""

    @property
    def says(self) -> str:
        """How it works, in a line."""

    @property
    def k(self) -> int:
        """How many passages it gives to a model unless told otherwise."""

    async def search(self, question: str, language: str) -> Sequence[Found]:
        """At most DEPTH passages, best first. `language` is what the dataset says that the question is in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Acervo:
    """What this repository does. The question's language it finds out by itself, as it does when asked."""

    retriever: Retriever
    name: str = "acervo"
    says: str = "passages of up to 900 characters by their best statements, a page's together"
    k: int = CHAT_LIMIT

    async def search(self, question: str, language: str) -> Sequence[Found]:
        """Raises StoreUnavailable or EmbedderUnavailable."""
        return [
            Found(
                names=tuple(place.name for place in match.document.places),
                page=match.chunk.page,
                text="\n".join(chunk.text for chunk in match.chunks),
                relevance=match.relevance,
            )
            for match in await self.retriever.search(question, limit=DEPTH)
        ]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One question, the passages that one pipeline found, best first, and how long it took."""

    question: Question
    found: Sequence[Found]
    seconds: float

    @cached_property
    def rank(self) -> int | None:
        """From 1: the first passage that is on a right page."""
        return next((n for n, one in enumerate(self.found, start=1) if self.is_right(one)), None)

    def is_right(self, found: Found) -> bool:
        """Whether the passage is on one of the pages that answer."""
        return any(found.answers(gold, "page") for gold in self.question.gold)

    @property
    def relevance(self) -> float:
        """The best passage's; 0 where nothing was found."""
        return max((one.relevance for one in self.found), default=0.0)


async def ask(pipeline: Pipeline, questions: Sequence[Question], progress: Progress) -> list[Answer]:
    """Every question, one after the other. The first is asked twice: what comes once isn't timed."""
    for question in questions[:1]:
        await pipeline.search(question.question, question.language)
    answers = []
    with progress.of(f"{pipeline.name}: questions", len(questions)) as counted:
        for question in questions:
            begun = time.perf_counter()
            found = await pipeline.search(question.question, question.language)
            seconds = time.perf_counter() - begun
            answers.append(Answer(question=question, found=found, seconds=seconds))
            counted(1)
    return answers
