"""Memory and processor time are read from what Linux counts."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from scripts.benchmarks.process import (
    family_processor_seconds,
    memory,
    processor_seconds,
    proportional_memory,
    resident_memory,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")

BALLAST = 64 * 2**20
_CHILD = f"ballast = b'x' * {BALLAST}; print('ready', flush=True); input()"


def test_a_child_counts_with_its_parent() -> None:
    """The worker that draws pages is part of the server."""
    before = memory(os.getpid())
    command = [sys.executable, "-c", _CHILD]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:  # noqa: S603
        assert child.stdout
        child.stdout.readline()
        during = memory(os.getpid())
        child.communicate(b"\n")

    assert during.resident - before.resident >= BALLAST
    assert during.peak >= during.resident


def test_work_takes_processor_time() -> None:
    """And waiting takes none worth counting."""
    before = processor_seconds(os.getpid())
    deadline = time.process_time() + 0.3
    while time.process_time() < deadline:
        pass

    assert 0.2 <= processor_seconds(os.getpid()) - before <= 1.5


def test_a_child_that_has_ended_has_taken_processor_time() -> None:
    """As the processes that a pool replaces."""
    before = family_processor_seconds(os.getpid())
    code = "import time\nwhile time.process_time() < 0.3: pass"
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603

    assert family_processor_seconds(os.getpid()) - before >= 0.25


def test_shared_pages_count_in_part() -> None:
    """The libraries of two interpreters are in memory once."""
    command = [sys.executable, "-c", _CHILD]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:  # noqa: S603
        assert child.stdout
        child.stdout.readline()
        held, resident = proportional_memory(child.pid), resident_memory(child.pid)
        child.communicate(b"\n")

    assert BALLAST <= held < resident


def test_a_process_that_is_gone_holds_nothing() -> None:
    """It may end while it is looked at."""
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        pass

    assert proportional_memory(child.pid) == resident_memory(child.pid) == 0
    assert family_processor_seconds(child.pid) == 0
