"""A time limit for what is read piece by piece.

`asyncio.timeout` for each token costs as much as reading it; one timer that is looked at when it is due,
next to nothing.
"""

from __future__ import annotations

import asyncio
import math

import aiohttp


class Watch:
    """Ends the reading of a body that sends nothing for too long: what reads it gets TimeoutError."""

    def __init__(self, body: aiohttp.StreamReader) -> None:
        self._body = body
        self._loop = asyncio.get_running_loop()
        self._until = math.inf
        self._timer: asyncio.TimerHandle | None = None

    def expect(self, seconds: float) -> None:
        """Something must come within so many seconds."""
        self._until = self._loop.time() + seconds
        if self._timer is None or self._timer.when() > self._until:
            self._look_at(self._until)

    def rest(self) -> None:
        """Nothing is waited for."""
        self._until = math.inf

    def end(self) -> None:
        if self._timer:
            self._timer.cancel()

    def _look_at(self, moment: float) -> None:
        self.end()
        self._timer = self._loop.call_at(moment, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._loop.time() >= self._until:
            self._body.set_exception(TimeoutError())
        elif self._until < math.inf:
            self._look_at(self._until)
