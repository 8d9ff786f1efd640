"""Markdown that is read while it streams: where its lines begin, and what of it is code.

Text is code only where every reader of Markdown agrees that it is. Where that is in doubt it is read as text,
so that what seems to be code can't hide a picture.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod

from app.fences import Fence

# How much is held back, in characters, before what has begun is taken for text.
_LONGEST_CODE = 300  # a span within a line
_LONGEST_RUN = 100  # of backticks or tildes
_LONGEST_INFO = 100  # after the marks that open a block of code
_LONGEST_PREFIX = 200

# What may stand in a line before its block begins: marks of lists and quotes, boxes and labels of notes.
_PREFIX = re.compile(r"(?:[ \t>*+\-\d.)]|\[[^\[\]\n]*+\]?+:?+)*+")
_INDENT = re.compile(r" {0,3}")


class MarkdownStream(ABC):
    """Text that comes in pieces and goes out as soon as it is decided what becomes of it.

    What comes out doesn't depend on how the text was cut into pieces.
    """

    def __init__(self, *, within: bool) -> None:
        """`within`: it is part of a line, not all of a text."""
        self._text = ""  # what is not decided yet, from _at on
        self._at = 0
        self._ended = False
        self._out: list[str] = []
        self._tail = ""  # the last characters that were shown
        self._prefix: str | None = None if within else ""  # the line so far; None once its block has begun
        self._fence: Fence | None = None
        self._murky = within  # whether readers may disagree about code, until the paragraph ends
        self._lost = within  # … until the answer ends

    def finish(self) -> str:
        """What was held back, when the answer has ended."""
        self._ended = True
        return self._read("")

    @abstractmethod
    def _step(self) -> bool:
        """Decide about what comes next. False where that takes more text."""

    def _read(self, piece: str) -> str:
        self._text += piece
        self._at = 0
        self._out = []
        while self._at < len(self._text) and self._step():
            pass
        self._text = self._text[self._at :]
        return "".join(self._out)

    # What is shown

    def _show(self, text: str) -> None:
        if text[:1] == "(" and self._tail.endswith("]"):
            self._pass(" ")  # [1](… would become a link
        elif text[:1] == "[" and self._tail.endswith("!"):
            self._pass(" ")
        self._pass(text)

    def _pass(self, text: str) -> None:
        self._out.append(text)
        self._note(text)

    def _show_until(self, end: int) -> None:
        if end > self._at:
            self._show(self._text[self._at : end])
            self._at = end

    def _show_next(self, count: int) -> bool:
        self._show_until(self._at + count)
        return True

    def _put(self, text: str, end: int) -> bool:
        """Show `text` in place of what stands up to `end`."""
        self._show(text)
        self._at = end
        return True

    def _note(self, text: str) -> None:
        self._tail = (self._tail + text)[-16:]
        if "\n" in text:
            self._prefix = text[text.rfind("\n") + 1 :]
        elif self._prefix is not None:
            self._prefix += text
        if self._prefix and not _PREFIX.fullmatch(self._prefix[:_LONGEST_PREFIX]):
            self._prefix = None
        elif self._prefix and len(self._prefix) > _LONGEST_PREFIX:
            self._prefix = None
            self._lost = self._murky = True

    def _waits(self, begun: re.Pattern[str]) -> bool:
        """Whether all that is left is the beginning of something."""
        return not self._ended and begun.fullmatch(self._text, self._at) is not None

    # Code

    def _code(self) -> bool:
        end = self._end_of_run("`")
        if not end:
            return False
        opens = end - self._at >= 3 and self._prefix is not None
        if opens and "`" not in self._text[end : end + _LONGEST_INFO + 1].partition("\n")[0]:
            return self._open_fence(end)
        span = self._span(end)
        if span is None:
            return False
        if span:
            self._pass(self._text[self._at : span])
            self._at = span
            return True
        self._murky = True
        # What follows may lose its backticks with an address, and then this opens a block.
        self._lost = self._lost or opens
        return self._show_next(end - self._at)

    def _span(self, end: int) -> int | None:
        """Where the code ends whose first marks end at `end`; 0 in doubt, None where more text will tell."""
        if self._murky:
            return 0
        last, undecided = self._line_end(end, end + _LONGEST_CODE)
        closing = closing_run(self._text, end, last, end - self._at)
        if undecided and closing in (0, len(self._text)):
            return None
        # A bar ends the cell of a table, and with it the code.
        return 0 if "|" in self._text[end:closing] else closing

    def _tildes(self) -> bool:
        end = self._end_of_run("~")
        if not end:
            return False
        opens = end - self._at >= 3 and self._prefix is not None
        return self._open_fence(end) if opens else self._show_next(end - self._at)

    def _end_of_run(self, mark: str) -> int:
        """Where the run of marks ends that begins here; 0 where more text will tell."""
        last, end = min(self._at + _LONGEST_RUN, len(self._text)), self._at
        while end < last and self._text[end] == mark:
            end += 1
        decided = end < len(self._text) or end == self._at + _LONGEST_RUN or self._ended
        return end if decided else 0

    def _open_fence(self, end: int) -> bool:
        line, newline, _ = self._text[end : end + _LONGEST_INFO + 1].partition("\n")
        too_long = len(line) > _LONGEST_INFO
        if not (newline or too_long or self._ended):
            return False
        prefix = self._prefix or ""
        if self._lost or too_long or not _INDENT.fullmatch(prefix):
            # In a list or a quote the block ends where that does, which takes a reader of Markdown to tell.
            self._lost = self._murky = True
            return self._show_next(end - self._at)
        self._fence = Fence(mark=self._text[self._at], length=end - self._at, indent=len(prefix))
        self._murky = False
        self._pass(self._text[self._at : end + len(line) + len(newline)])
        self._at = end + len(line) + len(newline)
        return True

    def _go_on_in(self, fence: Fence) -> bool:
        end = fence.read(self._text, self._at, self._ended)
        if end is None:
            return False
        if fence.over:
            self._fence = None
            self._lost = self._murky = not fence.closed
        code = self._text[self._at : end]
        self._out.append(code)
        self._tail = (self._tail + code)[-16:]
        self._prefix = ""  # A block is over where a line begins.
        self._at = end
        return True

    def _line_end(self, start: int, last: int) -> tuple[int, bool]:
        """Where the line ends, before `last` in any case, and whether more text may move that."""
        newline = self._text.find("\n", start, last)
        if newline >= 0:
            return newline, False
        return min(last - 1, len(self._text)), len(self._text) < last and not self._ended


def closing_run(text: str, start: int, last: int, length: int) -> int:
    """Where the first run of so many backticks ends, no later than `last`; 0 where there is none."""
    for run in re.compile("`+").finditer(text, start):
        if run.end() > last:
            return 0
        if len(run[0]) == length:
            return run.end()
    return 0
