"""What goes on meanwhile, on standard error: on a terminal, one line that goes away."""

from __future__ import annotations

import shutil
import time
from typing import TextIO

from database.visible import visible_name
from scripts.start.messages import Sentence
from scripts.start.progress import duration
from scripts.terminal import messages
from scripts.terminal.answer import Answer
from scripts.terminal.server import Line

_CLEAR = "\r\x1b[K"


class Waiting:
    """Tells the person who waits; nothing where `quiet`."""

    def __init__(self, err: TextIO, language: str, *, lively: bool, quiet: bool) -> None:
        self._err = err
        self._language = language
        self._lively = lively
        self._quiet = quiet
        self._shown = False
        self._begun = time.monotonic()

    def begin(self) -> None:
        if self._lively:  # in a file, it is no news
            self._for_now(messages.SEARCHING)

    def hear(self, line: Line, answer: Answer) -> None:
        """Before the line is written."""
        if queued := line.fields.get("queued"):
            self._for_now(messages.QUEUED, place=queued)
        elif "question" in line.fields:
            self.tell(messages.UNDERSTOOD, question=visible_name(answer.question))
        elif "sources" in line.fields:
            self._for_now(messages.ANSWERING, model=visible_name(answer.model))
        elif "reset" in line.fields:
            self._for_now(messages.BEGINS_ANEW, model=visible_name(answer.model))

    def tell(self, sentence: Sentence, **values: object) -> None:
        """What stays."""
        self.clear()
        self._write(f"{sentence.say(self._language, **values)}\n")

    def lost(self) -> None:
        self._for_now(messages.COMING_BACK)

    def clear(self) -> None:
        """Standard output may be the same terminal."""
        if self._shown:
            self._write(_CLEAR)
            self._shown = False

    def end(self, answer: Answer) -> None:
        """Who answered, and how long it took."""
        self.clear()
        if self._lively and answer.model:
            self._write(f"{visible_name(answer.model)}, {duration(time.monotonic() - self._begun)}\n")

    def _for_now(self, sentence: Sentence, **values: object) -> None:
        said = sentence.say(self._language, **values)
        if self._lively:
            width = shutil.get_terminal_size().columns - 1  # what is wrapped would stay
            self._write(f"{_CLEAR}{said[:width]}")
            self._shown = not self._quiet
        else:
            self._write(f"{said}\n")

    def _write(self, text: str) -> None:
        if not self._quiet:
            self._err.write(text)
            self._err.flush()
