"""Shows that a long step goes on: what, for how long, and the last thing the tool said."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.start import messages
from scripts.start.console import Console, printable

FRAMES = "|/-\\"
FRAME_SECONDS = 0.15
HEARTBEAT_SECONDS = 15.0  # where lines can't be redrawn: seldom enough for a log, often enough to see life
PLAIN_WIDTH = 100  # of what the tool said: pip names every package in one line
TAIL_BYTES = 4096  # of the log, read for its last line


@contextmanager
def step(console: Console, title: str, log: Path | None = None) -> Iterator[None]:
    """Show `title` as going on until the block ends, then as done (or failed) with the time it took."""
    started = time.monotonic()
    over = threading.Event()
    show = _redraw if console.lively else _heartbeat
    shown = threading.Thread(target=show, args=(console, title, log, started, over), daemon=True)
    shown.start()
    outcome = messages.STEP_FAILED
    try:
        yield
        outcome = messages.STEP_DONE
    finally:
        over.set()
        shown.join()
        seconds = time.monotonic() - started
        console.line(f"{title}: {console.text(outcome)} ({duration(seconds)})")


def duration(seconds: float) -> str:
    """Seconds as people read them: `3.2 s`, `48 s`, `2 min 05 s`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"


def last_line(log: Path) -> str:
    """The last line of a log that holds anything, or nothing."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return next((shown for line in reversed(text.splitlines()) if (shown := printable(line).strip())), "")


def _redraw(console: Console, title: str, log: Path | None, started: float, over: threading.Event) -> None:
    frame = 0
    while not over.wait(FRAME_SECONDS):
        frame += 1
        width = shutil.get_terminal_size().columns - 1
        elapsed = duration(time.monotonic() - started)
        said = last_line(log) if log else ""
        line = f"{FRAMES[frame % len(FRAMES)]} {title} ({elapsed})  {said}"
        console.out.write(f"\r\x1b[K{line[:width]}")
        console.out.flush()
    console.out.write("\r\x1b[K")
    console.out.flush()


def _heartbeat(console: Console, title: str, log: Path | None, started: float, over: threading.Event) -> None:
    console.line(f"{title} …")
    while not over.wait(HEARTBEAT_SECONDS):
        said = last_line(log) if log else ""
        console.line(f"  {duration(time.monotonic() - started)}  {said[:PLAIN_WIDTH]}".rstrip())
