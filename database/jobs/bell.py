"""How a server tells its worker that there is something to do, or that it is to end."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress


class Bell:
    """Rings when there may be something to do; closed when there will be nothing more."""

    def __init__(self) -> None:
        self.closed = False
        self._rung = asyncio.Event()

    @property
    def rung(self) -> bool:
        """Whether it has been since it was last heard."""
        return self._rung.is_set()

    def ring(self) -> None:
        self._rung.set()

    def close(self) -> None:
        self.closed = True
        self._rung.set()

    async def heard(self) -> None:
        """Wait for the next ring; those since the last one that was heard count, once."""
        await self._rung.wait()
        if not self.closed:
            self._rung.clear()

    async def heard_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.heard()
                return True
        return False

    def listen(self, descriptor: int, loop: asyncio.AbstractEventLoop) -> None:
        """Ring for whatever comes, until the other end is closed. Blocks: it has a thread of its own."""
        with suppress(RuntimeError):  # the loop has ended
            while os.read(descriptor, 4096):
                loop.call_soon_threadsafe(self.ring)
            loop.call_soon_threadsafe(self.close)
