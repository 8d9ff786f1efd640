"""Something that is held open in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import pytest

from database.held import Held


class Thing:
    """Knows the loop that it was opened in, and what became of it."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.cancelled = threading.Event()
        self.open = True

    async def name(self) -> str:
        assert asyncio.get_running_loop() is self.loop
        await asyncio.sleep(0)
        return threading.current_thread().name

    async def wait(self, seconds: float) -> bool:
        """Whether it was still open at the end."""
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return self.open

    async def fail(self) -> None:
        raise LookupError("as it is")


things: list[Thing] = []


@asynccontextmanager
async def opened() -> AsyncIterator[Thing]:
    things.append(Thing())
    yield things[-1]
    things[-1].open = False


def test_it_is_used_in_its_own_loop_from_anywhere() -> None:
    """From a thread without a loop, from several threads, from one event loop after another."""
    with Held(opened) as held:
        assert held.run(Thing.name) == "acervo"
        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(lambda _: held.run(Thing.name), range(20))) == {"acervo"}
        for _ in range(2):
            assert asyncio.run(held.arun(Thing.name)) == "acervo"
    assert not things[-1].open
    assert "acervo" not in {thread.name for thread in threading.enumerate()}


def test_errors_come_as_they_are() -> None:
    """Of using, of opening and of closing."""

    @asynccontextmanager
    async def failing(at: str) -> AsyncIterator[Thing]:
        if at == "opening":
            raise LookupError("opening")
        yield Thing()
        raise LookupError("closing")

    with Held(opened) as held:
        with pytest.raises(LookupError, match="as it is"):
            held.run(Thing.fail)
        with pytest.raises(LookupError, match="as it is"):
            asyncio.run(held.arun(Thing.fail))
        assert held.run(Thing.name) == "acervo"
    with pytest.raises(LookupError, match="opening"), Held(lambda: failing("opening")):
        raise AssertionError("it isn't open")
    with pytest.raises(LookupError, match="closing"), Held(lambda: failing("closing")) as held:
        assert held.run(Thing.name) == "acervo"
    with pytest.raises(ZeroDivisionError), Held(opened):
        raise ZeroDivisionError
    assert "acervo" not in {thread.name for thread in threading.enumerate()}


def test_after_the_end_nothing_begins_and_what_has_begun_is_finished() -> None:
    """A search that runs meanwhile gets its answer before the connections go."""
    with ThreadPoolExecutor(1) as pool:
        with Held(opened) as held:
            running = pool.submit(held.run, lambda thing: thing.wait(0.3))
            time.sleep(0.1)
        assert running.result() is True
    with pytest.raises(RuntimeError, match="closed"):
        held.run(Thing.name)
    with pytest.raises(RuntimeError, match="closed"):
        asyncio.run(held.arun(Thing.name))


def test_what_nobody_waits_for_any_more_ends() -> None:
    """A cancelled call is cancelled in the other loop."""

    async def cancel() -> None:
        task = asyncio.create_task(held.arun(lambda thing: thing.wait(30)))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with Held(opened) as held:
        asyncio.run(cancel())
        assert things[-1].cancelled.wait(5)
