"""One prompt, answered by the first model that can: retried, handed over, begun anew."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from app.errors import ModelBroken, ModelError
from app.models.base import Enough, Prompt, Usage
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
    """The model of this name answers from here on, and what it says is `shown`; what another one said is
    void.
    """

    name: str
    shown: Shown


Hear = Callable[[Begins | str], None]
"""Takes who begins, and the next piece of text to show."""


async def relay(prompt: Prompt, candidates: Sequence[Candidate], hear: Hear) -> Usage:
    """What `hear` gets is one Begins and pieces of text; where a model dies while it answers, the next one
    begins.

    Raises the last one's ModelError where none is left.
    """
    failure: ModelError | None = None
    for candidate in candidates:
        try:
            return await _asked_again(candidate, prompt, hear)
        except ModelError as error:
            logger.warning("%s", error)
            failure = error
    assert failure is not None, "there is a candidate"
    raise failure


async def _asked_again(candidate: Candidate, prompt: Prompt, hear: Hear) -> Usage:
    candidate.breaker.asked()
    for seconds in (*RETRIES, None):
        speaker = _Speaker(candidate, prompt, hear)
        try:
            usage = await _asked(candidate, prompt, speaker)
        except ModelError as error:
            if speaker.began or seconds is None or not error.passing:
                candidate.breaker.failed()
                raise
            logger.info("%s (asked again in %.1f s)", error, seconds)
            await asyncio.sleep(seconds)
        else:
            candidate.breaker.worked()
            return usage
    raise AssertionError("the last time is the last")


async def _asked(candidate: Candidate, prompt: Prompt, speaker: _Speaker) -> Usage:
    """Raises ModelBroken also where an answer ends without a word."""
    try:
        usage = await candidate.model.write(prompt, speaker.take)
    except Enough:
        usage = Usage(reason="length")
    speaker.finish()
    if speaker.refuses:
        usage = replace(usage, reason="no_answer")
    if not speaker.began:
        raise ModelBroken(candidate.status.name, "the answer is empty")
    return usage


class _Speaker:
    """A candidate that answers: what may be shown of it is heard, after one Begins."""

    def __init__(self, candidate: Candidate, prompt: Prompt, hear: Hear) -> None:
        self.began = False
        self._candidate = candidate
        self._shown = Shown(prompt.passages)
        self._opening = Opening()
        self._hear = hear

    @property
    def refuses(self) -> bool:
        return self._opening.refuses

    def take(self, piece: str) -> None:
        """Raises Enough."""
        self._tell(self._opening.take(self._shown.take(piece)))
        if self._opening.refuses or self._shown.length > _MOST_CHARACTERS:
            raise Enough

    def finish(self) -> None:
        """What was held back is heard, and who refuses has begun, too."""
        self._tell(self._opening.take(self._shown.finish()) + self._opening.finish())
        if self.refuses:
            self._begin()

    def _tell(self, text: str) -> None:
        if text:
            self._begin()
            self._hear(text)

    def _begin(self) -> None:
        if not self.began:
            self.began = True
            self._hear(Begins(self._candidate.status.name, self._shown))
