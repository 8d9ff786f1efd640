"""How far something countable is: a line that is redrawn on a terminal, one now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

from scripts.start.progress import duration

_SECONDS_ON_TERMINAL = 0.2
_SECONDS_ELSEWHERE = 5.0
_CLEAR = "\r\x1b[K"


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """Tells how far things are, one after the other."""

    out: TextIO = field(default_factory=lambda: sys.stderr)
    clock: Callable[[], float] = time.monotonic

    @contextmanager
    def of(self, title: str, number: int) -> Iterator[Callable[[int], None]]:
        """Call what this gives with how many more are done; the last line, with the time, stays."""
        begun = shown = self.clock()
        done = 0
        lively = self.out.isatty()

        def count(more: int) -> None:
            nonlocal done, shown
            done += more
            now = self.clock()
            if now - shown < (_SECONDS_ON_TERMINAL if lively else _SECONDS_ELSEWHERE):
                return
            shown = now
            left = duration((now - begun) * (number - done) / done) if done else "…"
            self._write(f"{title}: {done} of {number}, {left} left", redrawn=lively)

        yield count
        self._write(f"{_CLEAR if lively else ''}{title}: {done} ({duration(self.clock() - begun)})")

    def _write(self, line: str, *, redrawn: bool = False) -> None:
        self.out.write(f"{_CLEAR}{line}" if redrawn else f"{line}\n")
        self.out.flush()
