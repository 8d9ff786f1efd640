"""Computes together what is asked at the same time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Batches(Generic[T, R]):
    """Asks `compute` for so many batches at a time; what comes meanwhile is the next one.

    `compute` takes up to `most` things and gives the result of each, in their order. Nothing waits while
    less than `at_once` batches are computed. All of this happens in one event loop.
    """

    def __init__(
        self, compute: Callable[[list[T]], Awaitable[Sequence[R]]], *, most: int, at_once: int = 1
    ) -> None:
        self._compute = compute
        self._most = most
        self._at_once = at_once
        self._waiting: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._working: list[asyncio.Task[None]] = []

    async def ask(self, thing: T) -> R:
        """Raises what `compute` raises: an error of a batch is one of everybody in it."""
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((thing, answer))
        self._working = [worker for worker in self._working if not worker.done()]
        if len(self._working) < self._at_once:
            self._working.append(asyncio.create_task(self._work_off()))
        return await answer

    async def _work_off(self) -> None:
        while batch := self._next():
            try:
                results = await self._compute([thing for thing, _ in batch])
                for (_, answer), result in zip(batch, results, strict=True):
                    if not answer.done():
                        answer.set_result(result)
            except Exception as error:  # noqa: BLE001 - raised where it is waited for
                for _, answer in batch:
                    if not answer.done():
                        answer.set_exception(error)
            finally:
                for _, answer in batch:
                    answer.cancel()  # where this task was cancelled itself

    def _next(self) -> list[tuple[T, asyncio.Future[R]]]:
        """Without those that nobody waits for any more."""
        batch: list[tuple[T, asyncio.Future[R]]] = []
        while self._waiting and len(batch) < self._most:
            thing, answer = self._waiting.popleft()
            if not answer.done():
                batch.append((thing, answer))
        return batch
