"""Functions that note where they run, for tests to look at from outside."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path


def sleep_noting(note: str, seconds: float) -> int:
    """The id of the process that began this one. The note's path is a str: no file is sent."""
    with Path(note).open("a", encoding="utf-8") as file:
        file.write(f"{os.getpid()} {os.getppid()}\n")
    time.sleep(seconds)
    return os.getppid()


def wait_noting(note: str, leave: str) -> int:
    """As sleep_noting, until there is a file by that name."""
    parent = sleep_noting(note, 0.0)
    while not Path(leave).exists():
        time.sleep(0.02)
    return parent


def hang_the_first_time(note: str) -> int:
    """Where it was noted before, it returns at once."""
    again = Path(note).exists()
    return sleep_noting(note, 0.0 if again else 60.0)


async def noted(note: str, number: int = 1) -> list[tuple[int, int]]:
    """So many notes, once they are there: a process that converts, and the one that began it."""
    while True:
        lines = Path(note).read_text(encoding="utf-8").splitlines() if Path(note).exists() else []
        if len(lines) >= number:
            return [(int(child), int(parent)) for child, parent in (line.split() for line in lines)]
        await asyncio.sleep(0.02)


async def ends(pid: int) -> bool:
    """Whether the process ends within some seconds."""
    for _ in range(500):
        if not _alive(pid):
            return True
        await asyncio.sleep(0.02)
    return False


async def first_to_end(*pids: int) -> int:
    """Of these processes."""
    while True:
        for pid in pids:
            if not _alive(pid):
                return pid
        await asyncio.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
