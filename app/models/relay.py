"""One prompt, answered by the first model that can: retried, handed over, begun anew."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from app.errors import ModelBroken, ModelError
from app.models.base import Prompt, Usage
from app.models.route import Candidate
from app.refusals import Opening
from app.shown import Shown

# Before anything was heard of it, a model that fails in passing is asked once more after so long.
RETRIES = (0.3,)

# What a model says without end, whatever it was told about the length.
_MOST_CHARACTERS = 40_000

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Begins:
    """This candidate answers from here on, and what it says is `shown`; what another one said is void."""

    candidate: Candidate
    shown: Shown

    @property
    def name(self) -> str:
        return self.candidate.status.name


async def relay(
    prompt: Prompt, candidates: Sequence[Candidate]
) -> AsyncGenerator[Begins | str | Usage, None]:
    """One Begins, pieces of text to show, then one Usage; where a model dies while it answers, the next one
    begins.

    Raises the last one's ModelError where none is left.
    """
    failure: ModelError | None = None
    for candidate in candidates:
        try:
            async with aclosing(_asked_again(candidate, prompt)) as parts:
                async for part in parts:
                    yield part
            return
        except ModelError as error:
            logger.warning("%s", error)
            failure = error
    assert failure is not None, "there is a candidate"
    raise failure


async def _asked_again(candidate: Candidate, prompt: Prompt) -> AsyncGenerator[Begins | str | Usage, None]:
    candidate.breaker.asked()
    for seconds in (*RETRIES, None):
        began = False
        try:
            async with aclosing(_asked(candidate, prompt)) as parts:
                async for part in parts:
                    began = True
                    yield part
            candidate.breaker.worked()
            return
        except ModelError as error:
            if began or seconds is None or not error.passing:
                candidate.breaker.failed()
                raise
            logger.info("%s (asked again in %.1f s)", error, seconds)
            await asyncio.sleep(seconds)


async def _asked(candidate: Candidate, prompt: Prompt) -> AsyncGenerator[Begins | str | Usage, None]:
    """Raises ModelBroken also where an answer ends without a word, or without having been ended."""
    shown = Shown(prompt.passages)
    opening = Opening()
    usage: Usage | None = None
    began = False
    async with aclosing(candidate.model.stream(prompt)) as parts:
        async for part in parts:
            if isinstance(part, Usage):
                usage = part
            elif text := opening.take(shown.take(part)):
                if not began:
                    yield Begins(candidate, shown)
                    began = True
                yield text
            if shown.length > _MOST_CHARACTERS:
                usage = Usage(reason="length")
            if opening.refuses or shown.length > _MOST_CHARACTERS:
                break
    rest = opening.take(shown.finish()) + opening.finish()
    if opening.refuses:
        usage = replace(usage or Usage(reason="stop"), reason="no_answer")
    if not began and (rest or opening.refuses):
        yield Begins(candidate, shown)
        began = True
    if rest:
        yield rest
    if usage is None or not began:
        raise ModelBroken(candidate.status.name, "the answer is empty")
    yield usage
