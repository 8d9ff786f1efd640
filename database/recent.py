"""What was computed lately, for as long as nothing has changed that it was computed from."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """The last `most` things, by their keys. Who asks for one that is being computed waits for it with the
    others; one who leaves takes it from nobody. All of this happens in one event loop.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._state: object = None
        self._known: OrderedDict[Hashable, asyncio.Task[T]] = OrderedDict()

    async def get(self, state: object, key: Hashable, compute: Callable[[], Awaitable[T]]) -> T:
        """What `compute` gives, or gave in this state. Raises what it raises; then it is computed anew."""
        if state != self._state:
            self._state, self._known = state, OrderedDict()
        if (task := self._known.get(key)) is None:
            task = self._known[key] = asyncio.ensure_future(_coroutine(compute))
            task.add_done_callback(self._forget_failures(key))
        self._known.move_to_end(key)
        while len(self._known) > self._most:
            self._known.popitem(last=False)
        return await asyncio.shield(task)

    def _forget_failures(self, key: Hashable) -> Callable[[asyncio.Task[T]], None]:
        def forget(task: asyncio.Task[T]) -> None:
            if (task.cancelled() or task.exception()) and self._known.get(key) is task:
                del self._known[key]

        return forget


async def _coroutine(compute: Callable[[], Awaitable[T]]) -> T:
    return await compute()
