"""The lines of a body that a model's server sends bit by bit, within time limits.

What came together is read together. `asyncio.timeout` for each token costs as much as reading it; one timer
that is looked at when it is due, next to nothing.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable
from typing import Any

import aiohttp

_LONGEST = 2**17  # bytes of a line; what is longer is no token

_decode = json.JSONDecoder().raw_decode


class Lines:
    """Reads the lines of a body; `told` gives what one says, b"" where that is nothing."""

    def __init__(self, body: aiohttp.StreamReader, told: Callable[[bytes], bytes] = bytes.strip) -> None:
        self._body = body
        self._told = told
        self._rest = b""  # a line whose end has not come
        self._loop = asyncio.get_running_loop()
        self._until = math.inf
        self._timer: asyncio.TimerHandle | None = None

    async def read(self, seconds: float) -> list[bytes]:
        """What the lines that have come say; nothing at the end. Raises TimeoutError where nothing is said
        for so long, and ValueError for a line that is too long.
        """
        self._expect(seconds)
        while came := await self._body.readany():
            *lines, self._rest = (self._rest + came).split(b"\n")
            if len(self._rest) > _LONGEST:
                raise ValueError("a line without end")
            if said := [told for line in lines if (told := self._told(line))]:
                self._until = math.inf
                return said
        last, self._rest = self._told(self._rest), b""
        return [last] if last else []

    def end(self) -> None:
        """Nothing is waited for any more."""
        if self._timer:
            self._timer.cancel()

    def _expect(self, seconds: float) -> None:
        self._until = self._loop.time() + seconds
        if self._timer is None or self._timer.when() > self._until:
            self._look_at(self._until)

    def _look_at(self, moment: float) -> None:
        self.end()
        self._timer = self._loop.call_at(moment, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._loop.time() >= self._until:
            self._body.set_exception(TimeoutError())
        elif self._until < math.inf:
            self._look_at(self._until)


def parse(line: bytes) -> Any:
    """The JSON of a line; finding out its encoding, as `json.loads` does, takes longer. Raises ValueError."""
    text = line.decode()
    value, end = _decode(text)
    if end != len(text):
        raise ValueError("more than one value")
    return value
