"""Tools run to their end, and end when we are asked to stop."""

from __future__ import annotations

import signal
import sys
import threading
import time

import pytest

from scripts.start import messages
from scripts.start.errors import CommandError, Stopped, ToolError
from tests.scripts.fakes import FakeClone, gone

# Starts a child of its own, notes both and sleeps on.
_WITH_CHILD = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


def test_what_a_tool_says_goes_to_its_log(clone: FakeClone) -> None:
    """Errors, too; the console shows the step alone."""
    log = clone.places.log("tool")

    clone.tools.run(["sh", "-c", "echo one; echo two >&2"], tool="sh", title="Working", log=log)

    assert log.read_text() == "one\ntwo\n"
    assert clone.out.getvalue().startswith("Working …\nWorking: done (")


def test_a_tool_that_fails_is_told_with_its_status(clone: FakeClone) -> None:
    """And where it wrote."""
    log = clone.places.log("tool")

    with pytest.raises(ToolError) as caught:
        clone.tools.run(["sh", "-c", "exit 3"], tool="sh", title="Working", log=log)

    assert caught.value.sentence is messages.TOOL_FAILED
    assert (caught.value.values["status"], caught.value.log) == (3, log)


def test_a_tool_that_is_not_there_is_told(clone: FakeClone) -> None:
    """By its name and the system's reason."""
    with pytest.raises(CommandError) as caught:
        clone.tools.run([clone.root / "none"], tool="none", title="Working", log=clone.places.log("tool"))

    assert caught.value.sentence is messages.TOOL_MISSING


def test_nothing_starts_once_somebody_asked_to_stop(clone: FakeClone) -> None:
    """Ctrl-C between two steps counts."""
    clone.stop.note(signal.SIGINT)

    with pytest.raises(Stopped) as caught:
        clone.tools.status(["sh", "-c", "touch started"], log=clone.places.log("tool"))

    assert caught.value.signal_number == signal.SIGINT
    assert not (clone.root / "started").exists()


def test_asked_to_stop_a_tool_ends_with_its_children(clone: FakeClone) -> None:
    """npm's and pip's own helpers are not left behind."""
    log = clone.places.log("tool")

    def ask_once_it_runs() -> None:
        while not (log.exists() and log.read_text().endswith("\n")):
            time.sleep(0.02)
        clone.stop.note(signal.SIGTERM)

    asking = threading.Thread(target=ask_once_it_runs)
    asking.start()
    with pytest.raises(Stopped):
        clone.tools.status([sys.executable, "-c", _WITH_CHILD], log=log)
    asking.join()

    assert gone(int(log.read_text()))
