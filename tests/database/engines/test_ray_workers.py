"""Processes in which documents are opened, on two machines."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from database.engines.base import Processes
from database.errors import SourceError
from database.load.converters import converter_for
from database.load.converters.base import Page
from database.load.converters.pdf import PDF
from database.workers import Workers
from tests.database.engines.notes import ends, hang_the_first_time, noted, sleep_noting
from tests.database.fakes import write_pdf

pytestmark = pytest.mark.asyncio(loop_scope="module")


def _add(a: int, b: int) -> int:
    return a + b


def _fail(message: str) -> None:
    raise SourceError("encrypted", message)


def _fill_memory() -> int:
    return len(bytearray(6 * 2**30))


def _timeless(pages: Sequence[Page]) -> list[Page]:
    return [replace(page, seconds=0.0) for page in pages]


async def test_every_core_of_the_cluster_works(workers: Processes) -> None:
    """Two machines of one core: two actors at the same time, and in each a process of its own."""
    assert workers.processes == 2
    parents = await asyncio.gather(*(workers.run(30, sleep_noting, os.devnull, 1.0) for _ in range(2)))
    assert len(set(parents)) == 2
    assert os.getpid() not in parents
    assert await workers.run(30, _add, 1, b=2) == 3


async def test_pages_are_the_same_as_on_this_machine(workers: Processes, tmp_path: Path) -> None:
    """The same function on the same bytes, wherever it runs."""
    path = write_pdf(tmp_path / "a.pdf", "O objeto deste edital.", "As organizações têm prazo.", "Anexo I.")
    converter = converter_for(PDF)
    assert converter is not None
    async with Workers(1) as here:
        outline = await here.run(60, converter.outline, path)
        expected = await here.run(60, converter.convert, path, range(3))
    assert await workers.run(60, converter.outline, path) == outline
    parts = [workers.run(60, converter.convert, path, range(n, n + 1)) for n in range(3)]
    pages = [page for part in await asyncio.gather(*parts) for page in part]
    assert all(page.blocks for page in pages)
    assert _timeless(pages) == _timeless(expected)


async def test_an_error_of_the_reader_keeps_its_reason(workers: Processes) -> None:
    """It is raised here as it was there, without Ray around it."""
    with pytest.raises(SourceError, match="needs one") as caught:
        await workers.run(30, _fail, "needs one")
    assert type(caught.value) is SourceError
    assert caught.value.reason == "encrypted"


async def test_what_takes_too_long_is_killed(workers: Processes, tmp_path: Path) -> None:
    """Within its limit, and the next call runs."""
    note = str(tmp_path / "note")
    await workers.run(30, _add, 1, 1)
    began = time.monotonic()
    with pytest.raises(SourceError) as caught:
        await workers.run(1.0, sleep_noting, note, 60)
    assert caught.value.reason == "too_slow"
    assert time.monotonic() - began < 10
    assert await ends((await noted(note))[0][0])
    assert await workers.run(30, _add, 1, 1) == 2


async def test_a_crash_of_the_reader_costs_only_its_document(workers: Processes) -> None:
    """The actor lives on: only its process died."""
    with pytest.raises(SourceError) as caught:
        await workers.run(30, os._exit, 11)
    assert caught.value.reason == "broken"
    assert await workers.run(30, _add, 1, 1) == 2


@pytest.mark.skipif("sys.platform != 'linux'", reason="only Linux enforces a limit on address space")
async def test_what_takes_too_much_memory_is_stopped(workers: Processes) -> None:
    """The other machine's memory isn't at stake either."""
    assert sys.platform == "linux"
    with pytest.raises(SourceError) as caught:
        await workers.run(30, _fill_memory)
    assert caught.value.reason == "too_much_memory"


async def test_a_cancelled_call_ends_its_process_and_frees_its_worker(
    workers: Processes, tmp_path: Path
) -> None:
    """On every machine: otherwise nothing would be left to take the next calls."""
    note = str(tmp_path / "note")
    tasks = [asyncio.create_task(workers.run(60, sleep_noting, note, 60)) for _ in range(2)]
    running = await noted(note, 2)
    for task in tasks:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError] * 2
    for child, _ in running:
        assert await ends(child)
    began = time.monotonic()
    await asyncio.gather(*(workers.run(30, sleep_noting, os.devnull, 0.1) for _ in range(2)))
    assert time.monotonic() - began < 15


async def test_an_actor_that_dies_is_replaced_and_its_call_tried_again(
    workers: Processes, tmp_path: Path
) -> None:
    """Its process ends with it: nobody would stop it at its limit."""
    note = str(tmp_path / "note")
    task = asyncio.create_task(workers.run(60, hang_the_first_time, note))
    (child, actor), *_ = await noted(note)
    os.kill(actor, signal.SIGKILL)
    assert await task != actor
    assert len(await noted(note)) == 2
    assert await ends(child)
