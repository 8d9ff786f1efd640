"""The answers that are being written, whoever reads them: a lost connection loses nothing.

An answer is written by a task of its own, and its lines are kept until it has ended and some time beyond.
Readers follow the lines from wherever they are. Where nobody reads any more and nobody comes back, or a
reader says that it is enough, the model is let go.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from app.errors import Internal, RequestError, UnknownAnswer
from app.events import Done, Event, Failed, Line, Queued, Say, Sources
from app.messages import Language
from app.turns import Turn, Turns

# After so long without a reader an answer is given up: tunnels and trains take some seconds.
COMING_BACK_SECONDS = 10.0
# An answer that has ended can be read so much longer, by who lost the connection at its end.
KEPT_SECONDS = 60.0
_MOST_KEPT = 500  # answers that have ended; a long one has 300 kB

_ID_BYTES = 16  # nobody guesses another one's

Write = Callable[[Say], Coroutine[None, None, None]]
"""Says the events of an answer, one after the other."""

Hear = Callable[[bytes], bool]
"""Takes a line, and never waits; false where it can't take it now."""

logger = logging.getLogger(__name__)


class _Listener(NamedTuple):
    hear: Hear
    left: asyncio.Future[int]


class Answer:
    """One answer: its lines so far, and the task that writes them."""

    def __init__(
        self,
        write: Write,
        line: Line,
        language: Language,
        turns: Turns,
        turn: Turn,
        coming_back_seconds: float,
    ) -> None:
        self.id = secrets.token_urlsafe(_ID_BYTES)
        self.lines: list[bytes] = []
        self.ended = False
        self._line = line
        self._language = language
        self._coming_back_seconds = coming_back_seconds
        self._model = ""
        self._failure: BaseException | None = None
        self._readers = 0
        self.known = False
        """Whether a reader got lines of it, and so can come back."""
        self._giving_up: asyncio.TimerHandle | None = None
        self._listeners: list[_Listener] = []
        self._loop = asyncio.get_running_loop()
        self.task = self._loop.create_task(self._run(write, turns, turn))

    @contextmanager
    def reader(self) -> Iterator[None]:
        """Somebody reads. When the last one leaves, the answer waits for a while; where it has told nobody
        its name, nobody can come back.
        """
        self._readers += 1
        if self._giving_up:
            self._giving_up.cancel()
            self._giving_up = None
        try:
            yield
        finally:
            self._readers -= 1
            if not self._readers and not self.ended:
                seconds = self._coming_back_seconds if self.known else 0
                self._giving_up = self._loop.call_later(seconds, self.task.cancel)

    async def begun(self) -> None:
        """Wait for the first line. Raises what kept it from being written."""
        if not self.lines:
            await self.told(lambda _: False)
        if self._failure:
            raise self._failure

    async def told(self, hear: Hear) -> int:
        """From now on `hear` gets each line in the breath in which it is written: no task wakes for it. This
        returns, with the number of lines up to there, once it can't take one or the answer has ended.
        """
        if self.ended:
            return len(self.lines)
        listener = _Listener(hear, self._loop.create_future())
        self._listeners.append(listener)
        try:
            return await listener.left
        finally:
            self._leave(listener)

    def stop(self) -> None:
        """It is enough: the stream ends with a line that says so."""
        self.task.cancel()

    async def close(self) -> None:
        self.task.cancel()
        await asyncio.wait((self.task,))

    async def _run(self, write: Write, turns: Turns, turn: Turn) -> None:
        begun: float | None = None
        try:
            while turn.place:
                self._add(Queued(place=turn.place))
                await turn.moved()
            begun = time.monotonic()
            await write(self._add)
        except asyncio.CancelledError:
            self._add(Done(model=self._model, reason="cancelled"))
        except Exception as error:  # noqa: BLE001 - told to the reader, with or without a status
            self._fail(error)
        finally:
            turns.end(turn, time.monotonic() - begun if begun is not None else None)
            self.ended = True
            for listener in self._listeners:
                self._leave(listener)

    def _fail(self, error: Exception) -> None:
        """With a status of its own as long as nothing was sent, as the last line else."""
        if not self.lines:
            self._failure = error
        elif isinstance(error, RequestError):
            self._add(Failed(message=error.told.text(self._language), code=error.code))
        else:
            log_id = secrets.token_hex(4)
            logger.error("an answer failed (%s)", log_id, exc_info=error)
            self._add(Failed(message=Internal(log_id).told.text(self._language), code=Internal.code))

    def _add(self, event: Event) -> None:
        if isinstance(event, Sources):
            self._model = event.model
        line = self._line(event, self.id)
        for listener in self._listeners:
            if not listener.hear(line):
                self._leave(listener)
        self.lines.append(line)

    def _leave(self, listener: _Listener) -> None:
        """It has heard the lines so far, and hears no more."""
        self._listeners = [one for one in self._listeners if one is not listener]
        if not listener.left.done():
            listener.left.set_result(len(self.lines))


class Answers:
    """By their names, which only those know who asked."""

    def __init__(self, at_once: int) -> None:
        self._turns = Turns(at_once)
        self._answers: dict[str, Answer] = {}
        self._ended: deque[str] = deque()  # those that ended last; some may be forgotten already

    def start(
        self, write: Write, line: Line, language: Language, *, coming_back_seconds: float | None = None
    ) -> Answer:
        """`write` is called once it is the answer's turn; `language` is that of what the reader is told.
        Readers have so long to come back: COMING_BACK_SECONDS unless it is said; none where its lines don't
        tell its name.

        Raises TooBusy.
        """
        seconds = COMING_BACK_SECONDS if coming_back_seconds is None else coming_back_seconds
        answer = Answer(write, line, language, self._turns, self._turns.ask(), seconds)
        self._answers[answer.id] = answer
        if seconds:
            answer.task.add_done_callback(lambda _: self._keep_for_a_while(answer))
        else:
            answer.task.add_done_callback(lambda _: self._answers.pop(answer.id, None))
        return answer

    def get(self, id_: str) -> Answer:
        """Raises UnknownAnswer, also of one that ended long ago."""
        if (answer := self._answers.get(id_)) is None:
            raise UnknownAnswer
        return answer

    async def close(self) -> None:
        """Let go of all models."""
        await asyncio.gather(*(answer.close() for answer in self._answers.values() if not answer.ended))

    def _keep_for_a_while(self, answer: Answer) -> None:
        asyncio.get_running_loop().call_later(KEPT_SECONDS, self._answers.pop, answer.id, None)
        self._ended.append(answer.id)
        if len(self._ended) > _MOST_KEPT:
            self._answers.pop(self._ended.popleft(), None)
