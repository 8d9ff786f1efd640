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
    """Counts documents, pages and passages, stage by stage.

    A page counts when its text is read, a passage when it is embedded, and a page once more when it is laid
    out; a format without pages is one. `sentence` is the key of the moving line of the first stage: others
    count passages as pages are counted here; `vectors_sentence` is that of the second.
    """

    messages: Messages
    out: TextIO = field(default_factory=lambda: sys.stderr)
    clock: Callable[[], float] = time.monotonic
    sentence: str = "progress"
    vectors_sentence: str = "progress_vectors"
    documents: int = 0
    documents_done: int = 0
    pages: int = 0
    pages_done: int = 0
    passages: int = 0
    passages_done: int = 0
    layouts: int = 0
    layouts_done: int = 0
    _begun: float = 0.0
    _shown: float = 0.0
    _stage: str = ""
    _stage_begun: tuple[float, int] = (0.0, 0)

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

    def expect_passages(self, number: int) -> None:
        self.passages += number
        self._show()

    def await_passages(self, number: int) -> None:
        """So many are left to be embedded, whatever was expected."""
        self.passages = self.passages_done + number
        self._show()

    def embedded(self, passages: int) -> None:
        self.passages_done += passages
        self._show()

    def await_layout(self, pages: int) -> None:
        """So many are left to be laid out, whatever was expected."""
        self.layouts = self.layouts_done + pages
        self._show()

    def laid_out(self, pages: int) -> None:
        self.layouts_done += pages
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
    def _terminal(self) -> bool:
        return self.out.isatty()

    def _show(self) -> None:
        pause = _EVERY_SECONDS_ON_TERMINAL if self._terminal else _EVERY_SECONDS_ELSEWHERE
        now = self.clock()
        if now - max(self._shown, self._begun) < pause:
            return
        self._shown = now
        line = self._line(now)
        self.out.write(f"{_CLEAR}{line}" if self._terminal else f"{line}\n")
        self.out.flush()

    def _line(self, now: float) -> str:
        """Of the stage that people wait for: the first that isn't through."""
        if self.layouts:
            sentence, done, expected = "progress_layout", self.layouts_done, self.layouts
        elif self.passages and self.pages_done >= self.pages and self.documents_done >= self.documents:
            sentence, done, expected = self.vectors_sentence, self.passages_done, self.passages
        else:
            sentence, done, expected = self.sentence, self.pages_done, self.pages
        if sentence != self._stage:
            self._stage = sentence
            first = sentence == self.sentence
            self._stage_begun = (self._begun, 0) if first else (now, done)
        begun, done_before = self._stage_begun
        seconds = now - begun
        speed = (done - done_before) / seconds if seconds else 0.0
        return self.messages(
            sentence,
            documents=self.documents_done,
            all_documents=self.documents,
            pages=done,
            all_pages=expected,
            speed=f"{speed:.1f}",
            left=_duration((expected - done) / speed) if speed else "…",
        )


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
