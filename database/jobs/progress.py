"""How far one job is, told to whoever started the worker."""

from __future__ import annotations

import time
from collections.abc import Callable
from io import StringIO

from database.load.progress import Progress
from database.messages import Messages

Tell = Callable[[dict[str, object]], None]

_EVERY_SECONDS = 0.1  # between two lines about the pages of one document


class JobProgress(Progress):
    """Counts the pages of one document, and prints nothing."""

    def __init__(self, messages: Messages, tell: Tell) -> None:
        super().__init__(messages, out=StringIO())
        self._tell = tell
        self._told = (0.0, "")

    def expect_pages(self, number: int) -> None:
        super().expect_pages(number)
        self._report()

    def converted(self, pages: int) -> None:
        super().converted(pages)
        self._report()

    def expect_passages(self, number: int) -> None:
        super().expect_passages(number)
        self._report()

    def embedded(self, passages: int) -> None:
        super().embedded(passages)
        self._report()

    def say(self, line: str) -> None:
        """Whoever listens has sentences of their own."""

    def _report(self) -> None:
        """`embedding` says that the text is found already."""
        status = "embedding" if self.passages else "converting"
        told_at, told = self._told
        now = time.monotonic()
        if status != told or now - told_at >= _EVERY_SECONDS:
            self._told = (now, status)
            self._tell(
                {
                    "status": status,
                    "pages": self.pages,
                    "pages_done": self.pages_done,
                    "passages": self.passages,
                    "passages_done": self.passages_done,
                }
            )
