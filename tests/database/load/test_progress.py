"""How far the loading is."""

from __future__ import annotations

import io

from database.load.progress import Progress
from database.messages import Messages


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_terminal_sees_one_moving_line() -> None:
    """With documents, pages, speed and the time that is left."""
    out, clock = Terminal(), Clock()
    progress = Progress(Messages("pt"), out, clock=clock)
    progress.expect_documents(2)
    progress.expect_pages(40)
    clock.now += 5
    progress.converted(10)
    assert out.getvalue().endswith("\r\x1b[K0/2 documentos · 10/40 páginas · 2.0 páginas/s · faltam 0:15")
    progress.finished("✓ a.pdf")
    assert "\r\x1b[K✓ a.pdf\n" in out.getvalue()


def test_elsewhere_there_are_plain_lines_now_and_then() -> None:
    """No control characters, and not a line for every page."""
    out, clock = io.StringIO(), Clock()
    progress = Progress(Messages("en"), out, clock=clock)
    progress.expect_documents(1)
    progress.expect_pages(100)
    for _ in range(100):
        clock.now += 0.3
        progress.converted(1)
    progress.end()
    lines = out.getvalue().splitlines()
    assert 4 <= len(lines) <= 6
    assert all("\r" not in line and "\x1b" not in line for line in lines)
