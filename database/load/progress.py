"""Shows how far the loading is: one moving line on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TextIO

from database.messages import Messages

_EVERY_SECONDS_ON_TERMINAL = 0.2
_EVERY_SECONDS_ELSEWHERE = 5.0
_CLEAR = "\r\x1b[K"


@dataclass(slots=True)
class Progress:
    """Counts documents and pages. A page counts when it is converted; a format without pages is one.

    `sentence` is the key of the moving line: others count passages as pages are counted here.
    """

    messages: Messages
    out: TextIO = field(default_factory=lambda: sys.stderr)
    clock: Callable[[], float] = time.monotonic
    sentence: str = "progress"
    documents: int = 0
    documents_done: int = 0
    pages: int = 0
    pages_done: int = 0
    _begun: float = 0.0
    _shown: float = 0.0

    def __post_init__(self) -> None:
        self._begun = self.clock()

    def expect_documents(self, number: int) -> None:
        self.documents += number

    def expect_pages(self, number: int) -> None:
        self.pages += number
        self._show()

    def converted(self, pages: int) -> None:
        self.pages_done += pages
        self._show()

    def finished(self, line: str = "") -> None:
        """A document is done; `line`, if any, says how it went and stays."""
        self.documents_done += 1
        if line:
            self.say(line)
        self._show()

    def say(self, line: str) -> None:
        self.out.write(f"{_CLEAR if self._terminal else ''}{line}\n")
        self.out.flush()

    def end(self) -> None:
        if self._terminal:
            self.out.write(_CLEAR)
            self.out.flush()

    @property
    def seconds(self) -> float:
        return self.clock() - self._begun

    @property
    def pages_per_second(self) -> float:
        return self.pages_done / self.seconds if self.seconds else 0.0

    @property
    def _terminal(self) -> bool:
        return self.out.isatty()

    def _show(self) -> None:
        pause = _EVERY_SECONDS_ON_TERMINAL if self._terminal else _EVERY_SECONDS_ELSEWHERE
        now = self.clock()
        if now - max(self._shown, self._begun) < pause:
            return
        self._shown = now
        left = self.pages - self.pages_done
        line = self.messages(
            self.sentence,
            documents=self.documents_done,
            all_documents=self.documents,
            pages=self.pages_done,
            all_pages=self.pages,
            speed=f"{self.pages_per_second:.1f}",
            left=_duration(left / self.pages_per_second) if self.pages_done else "…",
        )
        self.out.write(f"{_CLEAR}{line}" if self._terminal else f"{line}\n")
        self.out.flush()


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
