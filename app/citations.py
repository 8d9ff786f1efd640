"""Binds the [n] markers of an answer to its sources.

Models write [1], [1, 3] and 【2】, split over tokens as their vocabulary has it, and now and then
the number of a source that doesn't exist. What leaves here has [n] for known numbers only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from database.sentences import sentences

_OPENING = re.compile(r" ?[\[【]")
_MARKER = re.compile(r" ?[\[【]\s*(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\s*[\]】]")
_BEGINNING = re.compile(r" ?[\[【]\s*(?:\d{1,3}\s*[,;]\s*)*(?:\d{1,3}\s*)?")
_LONGEST_MARKER = 40  # characters; what is longer is text in brackets
_GROUP = re.compile(r"(?:\s*\[\d{1,3}\])*\s*")
_SHOWN = re.compile(r"\[(\d{1,3})\]")
_OPEN = re.compile(r"[\[【][\s\d,;]*\Z")


@dataclass(frozen=True, kw_only=True, slots=True)
class Citation:
    """Source `n` supports the characters [start, end) of the answer, counted in Unicode code points: so far,
    0..1, as it could be checked (app.support); None where it wasn't. `missing` are its numbers and names that
    none of its sources holds.
    """

    n: int
    start: int
    end: int
    support: float | None = None
    missing: tuple[str, ...] = ()


class Citations:
    """Takes an answer's pieces and gives back what may be shown of it."""

    def __init__(self, known: frozenset[int]) -> None:
        self._known = known
        self._held = ""  # the beginning of a marker that the next piece may complete
        self._tail = ""  # the last characters that were shown
        self._skip_blank = False

    def bind(self, piece: str) -> str:
        """What can be shown after this piece. Empty while a marker is incomplete."""
        if not (self._held or self._skip_blank or "[" in piece or "【" in piece):
            self._tail = (self._tail + piece)[-_LONGEST_MARKER:]
            return piece
        text = self._held + piece
        self._held = ""
        out: list[str] = []
        done = 0
        while opening := _OPENING.search(text, done):
            self._show(out, text[done : opening.start()])
            done = opening.start()
            marker = _MARKER.match(text, done)
            if marker:
                self._show_markers(out, text[done] == " ", marker.group(1))
                done = marker.end()
            elif len(text) - done <= _LONGEST_MARKER and _BEGINNING.fullmatch(text, done):
                self._held = text[done:]
                return "".join(out)
            else:
                self._show(out, text[done : opening.end()])
                done = opening.end()
        self._show(out, text[done:])
        return "".join(out)

    def finish(self) -> str:
        """What was held back, when the answer has ended."""
        out: list[str] = []
        self._show(out, self._held)
        self._held = ""
        return "".join(out)

    def _show(self, out: list[str], text: str) -> None:
        if self._skip_blank and text:
            self._skip_blank = False
            text = text.removeprefix(" ")
        if text:
            out.append(text)
            self._tail = (self._tail + text)[-_LONGEST_MARKER:]

    def _show_markers(self, out: list[str], spaced: bool, numbers: str) -> None:
        known = [n for n in map(int, re.findall(r"\d+", numbers)) if n in self._known]
        if not known:
            if _OPEN.search(self._tail):
                self._show(out, "…")  # without this "[[9]9]" would come together to [9]
                return
            # Without this "the text [9] goes on" would keep both blanks.
            self._skip_blank = not spaced and self._tail[-1:] in ("", " ", "\n")
            return
        if spaced:
            self._show(out, " ")
        for n in known:
            self._skip_blank = False
            self._show(out, f"[{n}]")


def cited(text: str, known: frozenset[int]) -> list[Citation]:
    """Which part of an answer, as it was shown, each of its markers supports: the sentence before it."""
    markers = ((int(marker[1]), marker.start()) for marker in _SHOWN.finditer(text))
    return [_citation(text, n, start) for n, start in markers if n in known]


def _citation(text: str, n: int, marker: int) -> Citation:
    """The span of the sentence before a marker, without that sentence's own markers at either end."""
    line = text.rfind("\n", 0, marker) + 1
    before = re.sub(r"(?:\s*\[\d{1,3}\])+\s*$", "", text[line:marker]).rstrip()
    spans = sentences(before)
    start, end = spans[-1] if spans else (0, 0)
    leading = _GROUP.match(before, start, end)
    start = leading.end() if leading else start
    bullet = re.compile(r"(?:[-*+•]|\d{1,3}[.)]|#{1,6}|>)\s+").match(before, start, end)
    start = bullet.end() if bullet else start
    return Citation(n=n, start=line + start, end=line + end)
