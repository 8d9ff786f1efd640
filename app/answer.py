"""Answers a question: retrieve → prompt → model → events."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from app.citations import Citations
from app.context import BYTES_PER_TOKEN, Passage, gather
from app.descriptions import Filter
from app.errors import CollectionUnavailable, ModelBroken, ModelError, PromptTooLong
from app.events import Done, DoneReason, Event, Failed, Piece, Sources
from app.messages import LANGUAGES, SENTENCES, Language
from app.models.base import Kind, Usage
from app.models.route import Candidate
from app.prompt import build_prompt, passage_tokens, room_for_passages
from app.retrieve import Retriever, retrieve
from app.selection import spread
from database.asked import Asked, AskedPages
from database.errors import StoreError
from database.stores.base import Store

# Below this the best passage is about something else (docs/retrieval.md has what others give). A language
# model reads the passages and refuses by itself, so it is given the benefit of the doubt; quotations are not
# read by anybody before the person, who is better served by the nearest pages than by the wrong sentence.
LEAST_RELEVANCE: dict[Kind, float] = {"ollama": 0.22, "gemini": 0.22, "extractive": 0.5}

# A prompt of fewer tokens of passages than this can't hold even one.
_LEAST_ROOM = 450

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is asked, of which documents (ids; None: all; and a filter), and in which language the answer is
    to be.
    """

    text: str
    written_in: Language
    language: Language
    documents: tuple[str, ...] | None
    filter: Filter | None = None
    limit: int


async def answer(
    question: Question,
    store: Store,
    retriever: Retriever,
    candidates: Sequence[Candidate],
    asked: AskedPages | None = None,
) -> AsyncGenerator[Event, None]:
    """One Sources, any number of Pieces, then one Done or Failed.

    The candidates (at least one) are tried in order until one begins to answer. Raises
    RequestError before the first event, never after.
    """
    begun = time.monotonic_ns()
    matches = await retrieve(
        store,
        retriever,
        question.text,
        documents=question.documents,
        chosen=question.filter,
        limit=question.limit,
        language=question.written_in,
    )
    try:
        context = await gather(
            store, spread(question.text, matches), _room(question, candidates), passage_tokens
        )
        passages = context.passages
        empty = not matches and (await store.count()).documents == 0
    except StoreError as error:
        raise CollectionUnavailable from error

    if asked and (pages := _without_layout(passages)):
        await asyncio.to_thread(asked.add, pages)
    name = candidates[0].status.name
    yield Sources(model=name, language=question.language, context=context)
    if not passages:
        yield Piece(name, SENTENCES["no_documents" if empty else "refusal"][question.language])
        yield _done(name, "no_answer", begun)
        return
    async with aclosing(_ask_in_turn(question, passages, candidates, begun)) as events:
        async for event in events:
            yield event


async def _ask_in_turn(
    question: Question, passages: Sequence[Passage], candidates: Sequence[Candidate], begun: int
) -> AsyncGenerator[Event, None]:
    """The first candidate's answer that begins. One that began and broke off can't be taken back."""
    prompt = build_prompt(question.text, question.language, passages)
    best = max(passage.relevance for passage in passages)
    failure: ModelError | None = None
    for candidate in candidates:
        name = candidate.status.name
        if best < LEAST_RELEVANCE[candidate.status.kind]:
            yield Piece(name, SENTENCES["refusal"][question.language])
            yield _done(name, "no_answer", begun)
            return
        citations = Citations(frozenset(passage.n for passage in passages))
        usage: Usage | None = None
        began = False
        try:
            async with aclosing(candidate.model.stream(prompt)) as parts:
                async for part in parts:
                    if isinstance(part, Usage):
                        usage = part
                    elif text := citations.bind(part):
                        began = True
                        yield Piece(name, text)
            if rest := citations.finish():
                began = True
                yield Piece(name, rest)
            if usage is None or not began:
                raise ModelBroken(name, "the answer is empty")
        except ModelError as error:
            logger.warning("%s%s", error, "" if began else " (another model may answer)")
            failure = error
            if began:
                break
            continue
        yield _done(name, _reason(citations.text, usage), begun, citations, usage)
        return
    assert failure is not None
    yield Failed(message=failure.told.text(question.language), code="model_unavailable")


def _without_layout(passages: Sequence[Passage]) -> list[Asked]:
    """Pages that may wait for their tables: whoever asks again soon finds them."""
    return [
        (passage.document.id, passage.page)
        for passage in passages
        if passage.page is not None and not passage.document.finished
    ]


def _room(question: Question, candidates: Sequence[Candidate]) -> int:
    """Tokens for the passages, so that whoever answers can read all of them."""
    window = min(candidate.status.window for candidate in candidates)
    room = room_for_passages(question.text, question.language, window)
    if room < _LEAST_ROOM:
        raise PromptTooLong(max(0, len(question.text) - (_LEAST_ROOM - room) * BYTES_PER_TOKEN))
    return room


def _reason(text: str, usage: Usage) -> DoneReason:
    """A model refuses as it was told to, in so many words; small ones in the wrong language."""
    refusals = tuple(SENTENCES["refusal"][language].rstrip(".") for language in LANGUAGES)
    return "no_answer" if text.strip().startswith(refusals) else usage.reason


def _done(
    model: str,
    reason: DoneReason,
    begun: int,
    citations: Citations | None = None,
    usage: Usage | None = None,
) -> Done:
    return Done(
        model=model,
        reason=reason,
        citations=citations.citations() if citations else (),
        nanoseconds=time.monotonic_ns() - begun,
        prompt_tokens=usage.prompt_tokens if usage else None,
        answer_tokens=usage.answer_tokens if usage else None,
    )
