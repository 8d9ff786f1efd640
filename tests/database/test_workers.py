"""Processes in which documents are opened."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from database.errors import SourceError
from database.workers import Workers


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workers() -> AsyncIterator[Workers]:
    async with Workers(1) as pool:
        yield pool


pytestmark = pytest.mark.asyncio(loop_scope="module")


def _add(a: int, b: int) -> int:
    return a + b


def _fail(message: str) -> None:
    raise SourceError("encrypted", message)


def _fill_memory() -> int:
    return len(bytearray(6 * 2**30))


def _sleep_noting(path: Path) -> None:
    path.write_text(str(os.getpid()))
    time.sleep(60)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_result_comes_back_from_another_process(workers: Workers) -> None:
    """And never from this one."""
    assert await workers.run(30, _add, 1, b=2) == 3
    assert await workers.run(30, os.getpid) != os.getpid()


async def test_an_error_of_the_reader_keeps_its_reason(workers: Workers) -> None:
    """It is raised here as it was there."""
    with pytest.raises(SourceError, match="needs one") as caught:
        await workers.run(30, _fail, "needs one")
    assert caught.value.reason == "encrypted"


async def test_what_takes_too_long_is_killed(workers: Workers) -> None:
    """The reason says so, and the next task runs."""
    with pytest.raises(SourceError) as caught:
        await workers.run(0.5, time.sleep, 60)
    assert caught.value.reason == "too_slow"
    assert await workers.run(30, _add, 1, 1) == 2


async def test_a_crash_of_the_reader_costs_only_its_document(workers: Workers) -> None:
    """As when the parser's C code fails."""
    with pytest.raises(SourceError) as caught:
        await workers.run(30, os._exit, 11)
    assert caught.value.reason == "broken"
    assert await workers.run(30, _add, 1, 1) == 2


@pytest.mark.skipif("sys.platform != 'linux'", reason="only Linux enforces a limit on address space")
async def test_what_takes_too_much_memory_is_stopped(workers: Workers) -> None:
    """The machine's own memory is never at stake."""
    with pytest.raises(SourceError) as caught:
        await workers.run(30, _fill_memory)
    assert caught.value.reason == "too_much_memory"


async def test_a_cancelled_task_ends_its_process(workers: Workers, tmp_path: Path) -> None:
    """Nobody waits for it: it must not go on."""
    note = tmp_path / "pid"
    task = asyncio.create_task(workers.run(60, _sleep_noting, note))
    while not note.exists() or not note.read_text():
        await asyncio.sleep(0.02)
    pid = int(note.read_text())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for _ in range(250):
        if not _alive(pid):
            break
        await asyncio.sleep(0.02)
    assert not _alive(pid)
