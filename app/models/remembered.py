"""A value that costs a network call to know, remembered so that no answer waits for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")

# While things work, what changes (another model is installed) may be seen a little later.
GOOD_SECONDS = 15.0
# While they don't, somebody is probably mending them, and the next question should profit.
BAD_SECONDS = 2.0
# How long a question waits to learn that they work again; a refused connection takes 1 ms.
PATIENCE_SECONDS = 0.3


class Remembered(Generic[T]):
    """Asks once for any number of callers, and renews behind their backs.

    A good value that has aged is given at once while it is renewed; whoever relies on it must
    cope with it being wrong, as with any value about another process. A bad one is renewed first,
    within PATIENCE_SECONDS.
    """

    def __init__(
        self,
        ask: Callable[[], Awaitable[T]],
        is_good: Callable[[T], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._is_good = is_good
        self._clock = clock
        self._value: tuple[T, float] | None = None
        self._asking: asyncio.Task[T] | None = None

    async def get(self) -> T:
        """Raises what asking raises where nothing is remembered."""
        if self._value is None:
            return await asyncio.shield(self._renew())
        value, asked_at = self._value
        good = self._is_good(value)
        if self._clock() - asked_at < (GOOD_SECONDS if good else BAD_SECONDS):
            return value
        asking = self._renew()
        if good:
            return value
        done, _ = await asyncio.wait((asking,), timeout=PATIENCE_SECONDS)
        return asking.result() if done else value

    def forget(self) -> None:
        """The value has turned out to be wrong."""
        self._value = None

    async def close(self) -> None:
        """Stop asking."""
        if self._asking and not self._asking.done():
            self._asking.cancel()
            await asyncio.wait((self._asking,))

    def _renew(self) -> asyncio.Task[T]:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._keep())
        return self._asking

    async def _keep(self) -> T:
        value = await self._ask()
        self._value = (value, self._clock())
        return value
