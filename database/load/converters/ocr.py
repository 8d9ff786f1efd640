"""Reads the letters in pictures of pages, through Tesseract where it is installed.

What it finds is written over a copy of the page, so that a scanned page is converted like any other: with
the place of every line, and with its headings and tables where the layout shows them.
"""

from __future__ import annotations

import csv
import ctypes
import functools
import io
import math
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pymupdf

_WANTED = ("por", "spa", "eng")
_SECONDS_TO_ANSWER = 10.0
_SECONDS_A_PAGE = 20.0  # ten times what a page takes

_RESOLUTION = 300.0  # dots per inch, which Tesseract's makers advise
_LEAST_RESOLUTION = 200.0
_LAYOUT_RESOLUTION = 100.0  # is enough to see rules and columns
_MOST_PIXELS = 12_000_000  # a page of A4 at 300 dpi has 9 million
_SURE = 40.0  # of 100: less sure words are mostly specks and parts of drawings
_FEW_CHARACTERS = 50  # of a page with a stamp or a number at most
_STAMPED_CHARACTERS = 400  # of a page that is all picture, with a signature's text along its edge
_PART_OF_PAGE = 0.3  # that a picture covers on a page with few characters…
_MOST_OF_PAGE = 0.8  # …and on one with a stamp
_GARBLED = 0.3  # share of the characters that stand for nothing
_BASELINE = 0.22  # of a line's height, from its bottom: where letters like g hang
_HIGHEST = 1.6  # times the height of its letters: the size of a line's font

_MEANINGLESS = re.compile("[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f]")

Rectangle = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Word:
    """A word and where it stands, in points. Words of the same `line` stand in one."""

    text: str
    box: Rectangle
    line: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tesseract:
    """The program, with the languages that it reads here. A page may take `seconds`."""

    program: str = field(compare=False)
    version: str
    languages: tuple[str, ...]
    seconds: float = field(default=_SECONDS_A_PAGE, compare=False)

    @property
    def name(self) -> str:
        return f"tesseract-{self.version}-{'+'.join(self.languages)}"

    def words(self, picture: bytes, points_a_pixel: float) -> list[Word]:
        """The words of a PNG in reading order, without unlikely ones; [] where it can't be read."""
        command = [self.program, "-", "-", "-l", "+".join(self.languages), "--psm", "3", "tsv"]
        try:
            done = subprocess.run(  # noqa: S603  (the program that is installed)
                command,
                input=picture,
                capture_output=True,
                timeout=self.seconds,
                check=True,
                env={**os.environ, "OMP_THREAD_LIMIT": "1"},  # pages are read side by side already
                preexec_fn=_end_with_parent,
            )
        except (OSError, subprocess.SubprocessError):
            return []
        return list(_words(done.stdout.decode("utf-8", errors="replace"), points_a_pixel))


@functools.cache
def installed() -> Tesseract | None:
    """What is installed here; None where it isn't, or knows none of our languages."""
    program = shutil.which("tesseract")
    if program is None:
        return None
    version = re.search(r"tesseract v?(\d[\w.]*)", _answer(program, "--version"))
    listed = _answer(program, "--list-langs").split()
    languages = tuple(language for language in _WANTED if language in listed)
    return Tesseract(program, version[1], languages) if version and languages else None


def _answer(program: str, question: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603  (the program that is installed)
            [program, question], capture_output=True, timeout=_SECONDS_TO_ANSWER, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return (done.stdout + done.stderr).decode("utf-8", errors="replace")


def is_needed(page: pymupdf.Page, texts: Iterable[str]) -> bool:
    """Whether the page shows more than its text says: it is scanned, or its letters stand for nothing."""
    text = "".join("".join(texts).split())
    if is_garbled(text):
        return True
    if len(text) > _STAMPED_CHARACTERS:
        return False
    covered = _covered(page)
    return covered >= (_PART_OF_PAGE if len(text) < _FEW_CHARACTERS else _MOST_OF_PAGE)


def with_text(page: pymupdf.Page, engine: Tesseract) -> pymupdf.Document | None:
    """A document of this page alone, as it is shown, with what `engine` reads on it as text.

    The text that the page has is in it, too, unless it is garbled. None where nothing is read.
    """
    import pymupdf

    scale = _scale(page, _resolution(page))
    words = engine.words(_picture(page, scale), 1 / scale)
    if not words:
        return None
    there = [] if is_garbled(page.get_text()) else list(_own_words(page))
    words = there + [word for word in words if not any(_is_inside(word, other) for other in there)]
    copy = pymupdf.open()
    sheet = copy.new_page(width=page.rect.width, height=page.rect.height)
    # The layout is told by what is seen, too.
    sheet.insert_image(sheet.rect, stream=_picture(page, _scale(page, _LAYOUT_RESOLUTION)))
    _write(sheet, words)
    return copy


def _scale(page: pymupdf.Page, resolution: float) -> float:
    """Pixels a point, within what a picture may have."""
    return min(resolution / 72, math.sqrt(_MOST_PIXELS / max(_area(page.rect), 1)))


def _picture(page: pymupdf.Page, scale: float) -> bytes:
    import pymupdf

    shown = page.get_pixmap(
        matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csGRAY, alpha=False, annots=False
    )
    return bytes(shown.tobytes("png"))


def _own_words(page: pymupdf.Page) -> Iterator[Word]:
    import pymupdf

    for x0, y0, x1, y1, text, block, line, _ in page.get_text("words"):
        box = pymupdf.Rect(x0, y0, x1, y1) * page.rotation_matrix
        yield Word(text, (box.x0, box.y0, box.x1, box.y1), (-1, block, line))


def _write(sheet: pymupdf.Page, words: Iterable[Word]) -> None:
    """Each word at its place; those of a line in one size, so that they are seen to be one."""
    import pymupdf

    font = pymupdf.Font("helv")
    writer = pymupdf.TextWriter(sheet.rect)
    lines: dict[tuple[int, ...], list[Word]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    for line in lines.values():
        top, bottom = min(word.box[1] for word in line), max(word.box[3] for word in line)
        widths = [(w.box[2] - w.box[0]) / max(font.text_length(w.text, 1), 0.1) for w in line]
        size = max(1.0, min(_HIGHEST * (bottom - top), statistics.median(widths)))
        for word in line:
            place = (word.box[0], bottom - _BASELINE * (bottom - top))
            writer.append(place, f"{word.text} ", font=font, fontsize=size)
    writer.write_text(sheet)


def is_garbled(text: str) -> bool:
    """Whether too many of its letters stand for nothing."""
    letters = "".join(text.split())
    return len(_MEANINGLESS.findall(letters)) > _GARBLED * len(letters)


def _covered(page: pymupdf.Page) -> float:
    """The share of the page that pictures cover, 1 at most."""
    areas = (_area(image["bbox"]) for image in page.get_image_info())
    return min(1.0, sum(areas) / max(_area(page.rect), 1))


def _resolution(page: pymupdf.Page) -> float:
    """Dots per inch: those of its scan, within bounds; more would cost time and show nothing more."""
    large = [i for i in page.get_image_info() if _area(i["bbox"]) > _PART_OF_PAGE * _area(page.rect)]
    dots = [72 * (i["width"] * i["height"] / _area(i["bbox"])) ** 0.5 for i in large]
    return min(max([*dots, _LEAST_RESOLUTION]), _RESOLUTION) if dots else _RESOLUTION


def _area(rectangle: Sequence[float]) -> float:
    x0, y0, x1, y1 = rectangle
    return abs(float(x1 - x0) * float(y1 - y0))


def _words(table: str, points_a_pixel: float) -> Iterator[Word]:
    """The rows of Tesseract's TSV that are words."""
    for row in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        text = (row.get("text") or "").strip()
        if row.get("level") != "5" or not text:
            continue
        try:
            left, top, width, height = (
                float(row[name]) * points_a_pixel for name in ("left", "top", "width", "height")
            )
            sure = float(row["conf"])
            line = (int(row["block_num"]), int(row["par_num"]), int(row["line_num"]))
        except (KeyError, TypeError, ValueError):
            continue
        if sure >= _SURE:
            yield Word(text, (left, top, left + width, top + height), line)


def _is_inside(word: Word, other: Word) -> bool:
    """Whether the word's middle is."""
    x, y = (word.box[0] + word.box[2]) / 2, (word.box[1] + word.box[3]) / 2
    return other.box[0] <= x <= other.box[2] and other.box[1] <= y <= other.box[3]


_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


def _end_with_parent() -> None:
    """A worker process that takes too long is killed: what it started must go with it."""
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
