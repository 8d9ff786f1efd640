"""Nobody waits without knowing for what."""

from __future__ import annotations

import io

from scripts.evaluation.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(out: io.StringIO, seconds: float) -> str:
    """Four steps of so many seconds each."""
    now = 0.0

    def clock() -> float:
        return now

    with Progress(out=out, clock=clock).of("asked", 4) as counted:
        for _ in range(4):
            now += seconds
            counted(1)
    return out.getvalue()


def test_a_file_gets_a_line_now_and_then() -> None:
    """And one at the end."""
    assert (
        shown(io.StringIO(), 3.0) == "asked: 2 of 4, 6.0 s left\nasked: 4 of 4, 0.0 s left\nasked: 4 (12 s)\n"
    )
    assert shown(io.StringIO(), 0.1) == "asked: 4 (0.4 s)\n"


def test_a_terminal_gets_one_line_that_changes() -> None:
    """Which the last one takes the place of."""
    assert shown(Terminal(), 1.0).split("\r\x1b[K")[1:] == [
        "asked: 1 of 4, 3.0 s left",
        "asked: 2 of 4, 2.0 s left",
        "asked: 3 of 4, 1.0 s left",
        "asked: 4 of 4, 0.0 s left",
        "asked: 4 (4.0 s)\n",
    ]
