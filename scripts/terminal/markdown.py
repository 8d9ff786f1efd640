"""Markdown for a terminal while it is being written: styled line by line, and never painted again.

No library: those that render Markdown for terminals need all of it, or paint the screen anew with each token.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from scripts.terminal.look import BOLD, CYAN, DIM, ITALIC, UNDERLINED, Look

# What a line may still become, as long as it has no more than this.
_UNDECIDED = re.compile(r"[ \t]*(?:#{1,6}|[-*+_]|>|`{1,2}|~{1,2})?")
_WHOLE_LINE = re.compile(r"[ \t]*(?:`{3}|~{3}|[-*_]{2,}(?=[-*_\s]*\Z))")  # decided by what ends it

_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
_RULE = re.compile(r"[ \t]*([-*_])(?:[ \t]*\1){2,}\s*")
_HEADING = re.compile(r"[ \t]*(#{1,6})[ \t]+")
_BULLET = re.compile(r"([ \t]*)[-*+][ \t]+")
_QUOTE = re.compile(r"[ \t]*>[ \t]?")

_SPAN = re.compile(r"\\[!-/:-@\[-`{-~]|`+|\*{1,3}|\[(\d{1,3})\]|\n")
_UNFINISHED = re.compile(r"(?:\\|\\?(?:`+|\*+|\[\d{0,3}))\Z")

_RULE_WIDTH = 40


class Markdown:
    """Takes an answer's pieces and gives back what can be written of it; `link` is where source n stands."""

    def __init__(self, look: Look, link: Callable[[int], str]) -> None:
        self._look = look
        self._link = link
        self._held = ""
        self._begins = True  # a line
        self._fence = ""
        self._code = ""
        self._line: tuple[str, ...] = ()  # the styles of all of the line
        self._strong = self._stressed = False

    def take(self, piece: str) -> str:
        """What can be written after this piece; the rest is held until more has come."""
        if not self._look.styled:
            return piece
        self._held += piece
        return "".join(self._written(ended=False))

    def finish(self) -> str:
        """What was held, when the answer has ended."""
        if not self._look.styled:
            return ""
        return "".join(self._written(ended=True))

    def _written(self, *, ended: bool) -> Iterator[str]:
        while self._held:
            if self._begins and not self._is_decided(ended=ended):
                return
            if self._fence or (self._begins and (_FENCE.match(self._held) or self._is_rule())):
                if "\n" not in self._held and not ended:
                    return
                yield self._of_its_own()
                continue
            if self._begins:
                self._begins = False
                yield self._beginning()
                continue
            before = self._held
            yield from self._inline(ended=ended)
            if self._held == before or (self._held and not self._begins):
                return

    def _is_decided(self, *, ended: bool) -> bool:
        if ended or "\n" in self._held:
            return True
        return not _UNDECIDED.fullmatch(self._held) and not _WHOLE_LINE.match(self._held)

    def _is_rule(self) -> bool:
        return _RULE.fullmatch(self._held.partition("\n")[0]) is not None

    def _of_its_own(self) -> str:
        """A line of code, one that fences it, or a rule."""
        line, newline, self._held = self._held.partition("\n")
        fence = _FENCE.match(line)
        if fence and not self._fence:
            self._fence = fence[1]
            return self._look.style(line, DIM) + newline
        if self._fence:
            if fence and fence[1].startswith(self._fence) and not line[fence.end() :].strip():
                self._fence = ""
                return self._look.style(line, DIM) + newline
            return self._look.style(line, CYAN) + newline
        return self._look.style("─" * _RULE_WIDTH, DIM) + newline

    def _beginning(self) -> str:
        """What stands before the text of a line."""
        if heading := _HEADING.match(self._held):
            self._line = (BOLD, UNDERLINED) if len(heading[1]) == 1 else (BOLD,)
            self._held = self._held[heading.end() :]
            return ""
        if quote := _QUOTE.match(self._held):
            self._line = (DIM,)
            self._held = self._held[quote.end() :]
            return self._look.style("│ ", DIM)
        if bullet := _BULLET.match(self._held):
            self._held = self._held[bullet.end() :]
            return f"{bullet[1]}• "
        return ""

    def _inline(self, *, ended: bool) -> Iterator[str]:
        """Of one line, as far as it is clear."""
        text = self._held
        if not ended and (unfinished := _UNFINISHED.search(text)):
            text = text[: unfinished.start()]
        done = 0
        while span := _SPAN.search(text, done):
            yield self._styled(text[done : span.start()])
            done = span.end()
            if span[0] == "\n":
                yield "\n"
                self._line, self._code = (), ""
                self._strong = self._stressed = False
                self._begins = True
                break
            yield self._mark(span, self._held[done : done + 1])
        else:
            yield self._styled(text[done:])
            done = len(text)
        self._held = self._held[done:]

    def _mark(self, span: re.Match[str], following: str) -> str:
        mark = span[0]
        if self._code:
            if mark == self._code:
                self._code = ""
                return ""
            return self._styled(mark)
        if mark[0] == "`":
            self._code = mark
            return ""
        if span[1]:
            return self._look.link(self._look.style(mark, CYAN), self._link(int(span[1])))
        if mark[0] == "\\":
            return self._styled(mark[1])
        strong, stressed = len(mark) != 1, len(mark) != 2
        closes = (self._strong or not strong) and (self._stressed or not stressed)
        if not closes and (not following or following.isspace()):
            return self._styled(mark)
        self._strong ^= strong
        self._stressed ^= stressed
        return ""

    def _styled(self, text: str) -> str:
        codes = [*self._line]
        codes += [BOLD] if self._strong else []
        codes += [ITALIC] if self._stressed else []
        codes += [CYAN] if self._code else []
        return self._look.style(text, *dict.fromkeys(codes)) if codes else text
