"""Work in a thread."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from database.moving.threads import in_thread


async def test_a_cancelled_call_ends_after_its_thread() -> None:
    """Who closes the file then, closes it under nobody's hands."""
    began, ended = threading.Event(), threading.Event()

    def work() -> None:
        began.set()
        time.sleep(0.2)
        ended.set()

    task = asyncio.create_task(in_thread(work))
    await asyncio.to_thread(began.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_results_and_errors_come_back() -> None:
    """As they are."""
    assert await in_thread(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        await in_thread(divmod, 7, 0)
