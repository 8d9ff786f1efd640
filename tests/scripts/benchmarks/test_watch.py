"""A loader's memory is told by what its processes are for."""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from scripts.benchmarks.watch import Watch
from tests.scripts.benchmarks.test_process import BALLAST

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")


def hold(ballast: int) -> int:
    """In another process: its id, some time after it holds so much."""
    held = b"x" * ballast
    time.sleep(0.5)
    return os.getpid() if held else 0


def test_workers_and_embedder_are_told_apart() -> None:
    """The embedder is whatever process is said to be it."""
    context = get_context("spawn")
    with ProcessPoolExecutor(1, context) as embedders, ProcessPoolExecutor(1, context) as workers:
        embedder = embedders.submit(hold, 1).result()
        working = workers.submit(hold, BALLAST)
        watch = Watch(pid=os.getpid(), embedder=lambda: embedder)
        while not working.done():
            watch.sample()
            time.sleep(0.02)

    assert watch.parts["workers"] >= BALLAST > watch.parts["embedder"] > 0
    assert watch.together >= watch.parts["loader"] + BALLAST


def test_what_was_held_is_remembered() -> None:
    """A peak stays when the memory is given back."""
    watch = Watch(pid=os.getpid(), embedder=lambda: None)
    ballast = b"x" * BALLAST
    watch.sample()
    peak = watch.together
    del ballast
    watch.sample()

    assert watch.together == peak >= BALLAST
