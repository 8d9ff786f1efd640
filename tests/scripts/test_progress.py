"""A long step shows that it goes on, and how it ended."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest

from scripts.start.console import Console
from scripts.start.progress import FRAME_SECONDS, duration, last_line, step


def _console(*, lively: bool) -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return Console(out=out, err=io.StringIO(), language="en", lively=lively), out


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.04, "0.0 s"), (3.21, "3.2 s"), (48.4, "48 s"), (59.7, "1 min 00 s"), (125, "2 min 05 s")],
)
def test_durations_read_like_durations(seconds: float, shown: str) -> None:
    """Tenths while they matter, minutes when they do."""
    assert duration(seconds) == shown


def test_plain_output_holds_no_control_characters() -> None:
    """A file or a CI log gets lines."""
    console, out = _console(lively=False)

    with step(console, "Building"):
        pass

    assert out.getvalue().splitlines() == ["Building …", "Building: done (0.0 s)"]


def test_a_terminal_sees_the_last_thing_the_tool_said(tmp_path: Path) -> None:
    """Something moves, with the time and the tool's own words."""
    console, out = _console(lively=True)
    log = tmp_path / "pip.log"
    log.write_text("Collecting torch\n")

    with step(console, "Installing", log):
        deadline = time.monotonic() + 10
        while "Collecting torch" not in out.getvalue() and time.monotonic() < deadline:
            time.sleep(FRAME_SECONDS / 3)

    assert "Installing (0." in out.getvalue()
    assert "Collecting torch" in out.getvalue()
    assert "\r\x1b[KInstalling: done" in out.getvalue()


def test_a_step_that_fails_says_so() -> None:
    """And lets the failure through."""
    console, out = _console(lively=False)

    with pytest.raises(RuntimeError), step(console, "Building"):
        raise RuntimeError

    assert out.getvalue().splitlines()[-1] == "Building: failed (0.0 s)"


def test_the_last_line_is_read_from_the_end_of_a_long_log(tmp_path: Path) -> None:
    """Blank lines at the end are passed over."""
    log = tmp_path / "long.log"
    log.write_text("x" * 100_000 + "\nlast\n\n \n")

    assert last_line(log) == "last"


def test_no_log_yet_is_no_last_line(tmp_path: Path) -> None:
    """The tool may not have started."""
    assert last_line(tmp_path / "none.log") == ""
