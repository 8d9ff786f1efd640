"""Blocks of code in an answer that streams, and where they end for every reader of Markdown."""

from __future__ import annotations

import re

_BLANKS = re.compile(r"[ \t]*")
_LONGEST_LINE_OF_MARKS = 64


class Fence:
    """A block of code that `length` marks have opened, `indent` (up to 3) blanks from the line's beginning.

    It may stand in a list, so a line with less indent can be within the block or after it.
    """

    def __init__(self, *, mark: str, length: int, indent: int) -> None:
        self._mark = mark
        self._length = length
        self._indent = indent
        self._within_line = False
        self.closed = False
        self.over = False
        """Closed, or at a line after which readers disagree whether it is."""

    def read(self, text: str, start: int, ended: bool) -> int | None:
        """Up to where the text from `start` on is the block's own; None where more text will tell."""
        if not self._within_line:
            verdict = self._line(text, start, ended)
            if verdict is not True:
                return verdict
        newline = text.find("\n", start)
        self._within_line = newline < 0
        return newline + 1 if newline >= 0 else len(text)

    def _line(self, text: str, start: int, ended: bool) -> int | bool | None:
        """True where a line of code begins; where the block is over: up to where the line belongs to it."""
        blanks = _BLANKS.match(text, start)
        begins = blanks.end() if blanks else start
        if begins - start > _LONGEST_LINE_OF_MARKS:
            return self._give_up(start)
        if begins == len(text):
            return True if ended else None
        if text[begins] == "\n":
            return True
        indent = len(text[start:begins].expandtabs(4))
        if indent < self._indent:
            return self._give_up(start)
        if text[begins] != self._mark:
            return True
        rest = text[begins : begins + _LONGEST_LINE_OF_MARKS].partition("\n")[0]
        whole = begins + len(rest) < len(text) or ended
        marks = len(rest) - len(rest.lstrip(self._mark))
        if rest.strip("`~ \t"):
            return True
        if len(rest) >= _LONGEST_LINE_OF_MARKS:
            return self._give_up(start)
        if not whole:
            return None
        alone = not rest[marks:].strip(" \t")
        if marks < 3 or (alone and marks < self._length) or (self._indent == 0 and indent > 3):
            return True
        if not alone or indent > 3:
            return self._give_up(start)
        self.closed = self.over = True
        return min(begins + len(rest) + 1, len(text))

    def _give_up(self, start: int) -> int:
        self.over = True
        return start
