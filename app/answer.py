"""Answers a question: read → prompt → model → events."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from app.context import BYTES_PER_TOKEN, Context, Passage
from app.conversation import standalone
from app.errors import ModelError, PromptTooLong
from app.events import Done, Failed, Piece, Reset, Say, Sources, Understood
from app.messages import SENTENCES, Language
from app.models.base import Kind, Prompt, Usage
from app.models.relay import Begins, relay
from app.models.route import Candidate
from app.prompt import build_prompt, room_for_passages
from app.reading import Question, Reader
from app.retrieve import Retriever
from app.schemas import DoneReason
from app.support import Checked, check
from database.asked import Asked, AskedPages
from database.errors import DatabaseError
from database.messages import Messages

# Below this the best passage is about something else (docs/retrieval.md has what others give). A language
# model reads the passages and refuses by itself, so it is given the benefit of the doubt; quotations are not
# read by anybody before the person, who is better served by the nearest pages than by the wrong sentence.
LEAST_ON_TOPIC: dict[Kind, float] = {"openai": 0.3, "ollama": 0.3, "gemini": 0.3, "extractive": 0.5}

# A prompt of fewer tokens of passages than this can't hold even one.
_LEAST_ROOM = 450

_REMEMBERED = 128  # prompts: as many as contexts

logger = logging.getLogger(__name__)


async def answer(
    question: Question,
    reader: Reader,
    candidates: Sequence[Candidate],
    say: Say,
    asked: AskedPages | None = None,
) -> None:
    """Says one Sources, any number of Pieces, then one Done or Failed. A Reset makes void what was said
    before; an Understood comes first where the question leans on what was said in the conversation.

    The candidates (at least one) are tried in order until one has answered. Raises RequestError before
    the first event, never after.
    """
    begun = time.monotonic_ns()
    alone = await standalone(question.text, question.written_in, question.history, candidates)
    if alone != question.text:
        question = replace(question, text=alone)
        say(Understood(alone))
    context = await reader.read(question, _room(question, candidates))
    passages = context.passages
    empty = not passages and await reader.is_empty()
    if asked and (pages := _without_layout(passages)):
        await asyncio.to_thread(asked.add, pages)
    name = candidates[0].status.name
    say(Sources(model=name, language=question.language, context=context))
    if passages:
        await _ask_in_turn(question, context, candidates, reader.retriever, say, begun)
        return
    say(Piece(name, SENTENCES["no_documents" if empty else "refusal"][question.language]))
    say(_done(name, "no_answer", begun))


async def _ask_in_turn(
    question: Question,
    context: Context,
    candidates: Sequence[Candidate],
    retriever: Retriever,
    say: Say,
    begun: int,
) -> None:
    """The answer of the first candidate that gets to its end; who dies on the way leaves it to the next."""
    passages = context.passages
    best = max(passage.on_topic for passage in passages)
    able = [one for one in candidates if best >= LEAST_ON_TOPIC[one.status.kind]]
    unable = [one.status.name for one in candidates if one not in able]
    speaks: Begins | None = None
    failure: ModelError | None = None

    def hear(part: Begins | str) -> None:
        nonlocal speaks
        if isinstance(part, Begins):
            if speaks:
                say(Reset(part.name))
            speaks = part
        elif speaks:
            say(Piece(speaks.name, part))

    if candidates[0] in able:
        try:
            usage = await relay(_prompt(question.text, question.language, context), able, hear)
            assert speaks is not None, "an answer ends only after somebody began"
            if usage.reason != "no_answer":
                say(await _checked(speaks, passages, retriever, begun, usage))
                return
            say(Piece(speaks.name, SENTENCES["refusal"][question.language]))
            say(_done(speaks.name, "no_answer", begun, usage=usage))
            return
        except ModelError as error:
            failure = error
    if unable:
        # Whoever is left quotes what nobody reads first: rather nothing than something else.
        if speaks:
            say(Reset(unable[0]))
        say(Piece(unable[0], SENTENCES["refusal"][question.language]))
        say(_done(unable[0], "no_answer", begun))
    elif failure:
        say(Failed(message=failure.told.text(question.language), code="model_unavailable"))


@lru_cache(_REMEMBERED)
def _prompt(question: str, language: Language, context: Context) -> Prompt:
    """Where many ask the same, it is put into words once."""
    return build_prompt(question, language, context.passages)


async def _checked(
    speaks: Begins, passages: Sequence[Passage], retriever: Retriever, begun: int, usage: Usage
) -> Done:
    """The end of an answer, with how far its citations support it. An answer is no worse for not having been
    checked.
    """
    text, citations = speaks.shown.text, speaks.shown.citations()
    try:
        checked = await check(text, citations, passages, retriever.alike)
    except DatabaseError as error:
        logger.warning("an answer's citations could not be checked: %s", Messages("en").error(error))
        checked = Checked(citations=citations, uncited=())
    return _done(speaks.name, usage.reason, begun, checked, usage)


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


def _done(
    model: str,
    reason: DoneReason,
    begun: int,
    checked: Checked | None = None,
    usage: Usage | None = None,
) -> Done:
    return Done(
        model=model,
        reason=reason,
        citations=checked.citations if checked else (),
        uncited=checked.uncited if checked else (),
        nanoseconds=time.monotonic_ns() - begun,
        prompt_tokens=usage.prompt_tokens if usage else None,
        answer_tokens=usage.answer_tokens if usage else None,
    )
