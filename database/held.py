"""What is bound to an event loop, used from other threads and other loops."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, suppress
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Held(Generic[T]):
    """Something open, in an event loop in a thread of its own, to be used from any thread and any loop.

    A collection's connections belong to the loop that they were opened in. `with` opens and closes it; errors
    of opening, using and closing are raised as they are.
    """

    def __init__(self, open_: Callable[[], AbstractAsyncContextManager[T]]) -> None:
        self._open = open_
        self._loop: asyncio.AbstractEventLoop
        self._stop = asyncio.Event()
        self._opened: Future[T] = Future()
        self._closed: Future[None] = Future()
        self._uses: set[asyncio.Task[Any]] = set()
        self._ending = False
        self._lock = threading.Lock()  # nothing is begun once the end has been
        self._thread = threading.Thread(target=self._run, name="acervo", daemon=True)

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread.start()
        try:
            self._opened.result()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        self._closed.result()

    def run(self, use: Callable[[T], Coroutine[Any, Any, R]]) -> R:
        """Use it and wait. Raises RuntimeError where it is closed."""
        call = self._begin(use)
        try:
            return call.result()
        except BaseException:
            call.cancel()  # Ctrl-C ends the waiting: then the work, too
            raise

    async def arun(self, use: Callable[[T], Coroutine[Any, Any, R]]) -> R:
        """The same from another event loop; cancelled, the work ends."""
        return await asyncio.wrap_future(self._begin(use))

    def _begin(self, use: Callable[[T], Coroutine[Any, Any, R]]) -> Future[R]:
        with self._lock:
            if self._ending:
                raise RuntimeError("It is closed: use it inside its `with` block.")
            return asyncio.run_coroutine_threadsafe(self._use(use), self._loop)

    async def _use(self, use: Callable[[T], Coroutine[Any, Any, R]]) -> R:
        task = asyncio.current_task()
        assert task is not None
        self._uses.add(task)
        try:
            return await use(self._opened.result())
        finally:
            self._uses.remove(task)

    def _end(self) -> None:
        with self._lock:
            self._ending = True
            with suppress(RuntimeError):  # opening failed, and the loop is closed already
                self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._hold())
        except BaseException as error:  # noqa: BLE001 - the thread's edge: raised where it is waited for
            (self._closed if self._opened.done() else self._opened).set_exception(error)
        else:
            self._closed.set_result(None)

    async def _hold(self) -> None:
        async with self._open() as opened:
            self._opened.set_result(opened)
            await self._stop.wait()
            if self._uses:
                await asyncio.wait(self._uses)
