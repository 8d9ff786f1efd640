"""Who may answer now, and in which place the others wait."""

from __future__ import annotations

import asyncio
import math
from collections import deque

from app.errors import TooBusy

_WAITING = 4  # times as many as answer at once may wait
_LEAST_WAITING = 16

# Of the last answers, whose mean tells how long the next one will take.
_REMEMBERED = 20
_LONGEST_WAIT = 300  # seconds that anybody is told to wait


class Turn:
    """A place in the line: 0 is the turn itself."""

    def __init__(self, place: int) -> None:
        self.place = place
        self._moved = asyncio.Event()

    async def moved(self) -> None:
        """Wait for the next place."""
        await self._moved.wait()
        self._moved.clear()

    def move(self, place: int) -> None:
        self.place = place
        self._moved.set()


class Turns:
    """So many at once, first come, first served; a bounded number waits."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._most = max(_LEAST_WAITING, _WAITING * at_once)
        self._answering = 0
        self._waiting: deque[Turn] = deque()
        self._seconds: deque[float] = deque(maxlen=_REMEMBERED)

    def ask(self) -> Turn:
        """Raises TooBusy where too many wait already."""
        if self._answering < self._at_once:
            self._answering += 1
            return Turn(0)
        if len(self._waiting) >= self._most:
            raise TooBusy(self._wait())
        turn = Turn(len(self._waiting) + 1)
        self._waiting.append(turn)
        return turn

    def end(self, turn: Turn, seconds: float | None = None) -> None:
        """Somebody has answered, in so many seconds, or doesn't want to wait any more."""
        if turn.place:
            self._waiting.remove(turn)
        else:
            self._answering -= 1
            if seconds is not None:
                self._seconds.append(seconds)
            if self._waiting and self._answering < self._at_once:
                self._answering += 1
                self._waiting.popleft().move(0)
        for place, waiting in enumerate(self._waiting, start=1):
            if waiting.place != place:
                waiting.move(place)

    def _wait(self) -> int:
        """Seconds until those who wait will have been answered, as far as that is known."""
        usual = sum(self._seconds) / len(self._seconds) if self._seconds else 1.0
        return min(max(math.ceil(usual * (len(self._waiting) + 1) / self._at_once), 1), _LONGEST_WAIT)
