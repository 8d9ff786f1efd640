"""The numbers that Word gives paragraphs: "1.2", "§ 3º", "a)". The text lacks them, but people cite them."""

from __future__ import annotations

import re
from typing import Any

_LEVEL = re.compile(r"%(\d)")
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
          (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_MOST_ROMAN = 3_999

BULLET = "-"


class Numbering:
    """Counts the paragraphs of every list, in reading order."""

    def __init__(self, root: Any | None) -> None:
        """`root` is the tree of the document's numbering part; None where it has none."""
        self._levels: dict[str, dict[int, tuple[str, str, int]]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._lists: dict[str, str] = {}
        if root is None:
            return
        for abstract in root.iter("abstractNum"):
            levels = {_number(level.get("ilvl")): _level(level) for level in abstract.iter("lvl")}
            self._levels[abstract.get("abstractNumId", "")] = levels
        for number in root.iter("num"):
            reference = number.find("abstractNumId")
            if reference is not None:
                self._lists[number.get("numId", "")] = reference.get("val", "")

    def label(self, list_id: str, level: int) -> str:
        """What stands before the list's next paragraph of this level; "" where nothing does."""
        abstract = self._lists.get(list_id, "")
        levels = self._levels.get(abstract, {})
        if level not in levels:
            return ""
        style, text, start = levels[level]
        if style == "bullet":
            return BULLET
        counts = self._counts.setdefault(abstract, {})
        counts[level] = counts.get(level, start - 1) + 1
        for deeper in [n for n in counts if n > level]:
            del counts[deeper]
        if style == "none":
            return ""

        def shown(match: re.Match[str]) -> str:
            n = int(match[1]) - 1
            of_level = levels.get(n, ("decimal", "", 1))
            return _written(counts.get(n, of_level[2]), of_level[0])

        return _LEVEL.sub(shown, text).strip()


def _level(level: Any) -> tuple[str, str, int]:
    """How it is counted, how it is written, and where it begins."""

    def value(name: str, otherwise: str) -> str:
        element = level.find(name)
        return otherwise if element is None else str(element.get("val", otherwise))

    return value("numFmt", "decimal"), value("lvlText", ""), _number(value("start", "1"))


def _written(number: int, style: str) -> str:
    if style in ("lowerLetter", "upperLetter") and number > 0:
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter if style == "lowerLetter" else letter.upper()
    if style in ("lowerRoman", "upperRoman") and 0 < number <= _MOST_ROMAN:
        roman = _roman(number)
        return roman if style == "lowerRoman" else roman.upper()
    if style == "decimalZero":
        return f"{number:02d}"
    if style == "ordinal":
        return f"{number}º"
    return str(number)


def _roman(number: int) -> str:
    written = ""
    for value, letters in _ROMAN:
        while number >= value:
            written += letters
            number -= value
    return written


def _number(text: str | None) -> int:
    return int(text) if text and re.fullmatch(r"\d{1,6}", text) else 0
