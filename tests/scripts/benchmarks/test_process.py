"""Memory and processor time are read from what Linux counts."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from scripts.benchmarks.process import memory, processor_seconds

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
