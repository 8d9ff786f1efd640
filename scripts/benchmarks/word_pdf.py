"""PDF files of many pages that can be told from each other by one word, which stands on the last page."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pymupdf

_LINES = 22  # of prose, on a page: two or three passages
_WORDS_A_LINE = 13
_LAYOUT_EVERY = 10  # pages
_LEADING = 31.0
_TOP, _LEFT, _SIZE = 60.0, 60.0, 10.0

_WORDS = """
ability account agreement amount annual approval article asset audience balance basis benefit board
border budget building capital category chapter charge circle claim clause client committee
condition contract council country course credit customer date deadline decision delivery department
deposit detail director district document duty effect election employee energy estimate evidence
exchange expense factor figure finance firm forest function fund garden goal government growth
harbour health history income industry interest issue journal judge labour language law lease letter
level library licence limit loan market measure meeting member method minister mountain network
notice office opinion order owner paper payment pension period permit plan policy port price process
product profit project property proposal quarter rate reason record region report request research
resource result review risk river road rule salary schedule school section service share signature
society source staff standard statement street subject supply support surface system tax term title
total trade training transport treasury valley value vehicle village volume voter water weight
winter worker
"""


def write(path: Path, *, pages: int, word: str) -> Path:
    """Different text for each word. Every tenth page holds rows that only the layout model understands."""
    chance = random.Random(word)  # noqa: S311  (the same file for the same word, which is all it is for)
    with pymupdf.open() as file:  # type: ignore[no-untyped-call]
        for number in range(pages):
            page = file.new_page()
            if number % _LAYOUT_EVERY == _LAYOUT_EVERY - 2:
                _write_rows(page, chance)
            else:
                _write_prose(page, chance, word if number == pages - 1 else "")
        file.save(path)
    return path


def _write_prose(page: pymupdf.Page, chance: random.Random, word: str) -> None:
    lines = [_sentence(chance, _WORDS_A_LINE) for _ in range(_LINES)]
    if word:
        lines[-1] = f"The word of this document is {word}."
    for number, line in enumerate(lines):
        _put(page, _LEFT, number, line)


def _write_rows(page: pymupdf.Page, chance: random.Random) -> None:
    """Cells side by side, in places that make no table, between lines of prose."""
    for number in range(_LINES):
        if number % 4:
            _put(page, _LEFT, number, _sentence(chance, _WORDS_A_LINE))
            continue
        for left in itertools.accumulate(chance.choices((110, 130, 150), k=3), initial=_LEFT):
            _put(page, left, number, _sentence(chance, 2))


def _sentence(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(_WORDS.split(), k=words))


def _put(page: pymupdf.Page, left: float, line: int, text: str) -> None:
    page.insert_text((left, _TOP + line * _LEADING), text, fontsize=_SIZE)
