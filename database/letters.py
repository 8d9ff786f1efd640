"""How much of a question's words stands in each of many statements, by the letters: pure functions.

Inflection, derivation and mistakes leave most of a word's letters as they are, so a word is looked for by its
runs of four and five letters. A question has a hundred of them, and its candidates a hundred thousand
letters: all places of all statements are compared at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from database.stores.base import Vectors

_GRAMS = (4, 5)

# A run of letters is the value of a polynomial in this number, modulo 2 ** 64.
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_SLOT_BITS = 16
_TO_SLOT = np.uint64(64 - _SLOT_BITS)

Codes = npt.NDArray[np.uint64]


def grams(word: str) -> list[str]:
    """The runs of four and five letters of a folded word, with the blanks around it; none twice. A word that
    is shorter stands for itself.
    """
    whole = f" {word} "
    runs = (whole[start : start + n] for n in _GRAMS for start in range(len(whole) - n + 1))
    return list(dict.fromkeys(runs)) or [whole]


def share_in_one_statement(weights: Mapping[str, float], passages: Sequence[str]) -> Vectors:
    """Of each passage the largest share, 0..1, of these folded words that stands in one of its statements,
    float32[n]; the words by their weights.

    A passage is its statements, folded, one a line, with a blank around each word (database.seen).
    """
    worth = _worth(weights)
    lines = np.array([passage.count("\n") + 1 for passage in passages])
    codes = _codes("\n".join(passages) + "\n")
    ends = np.flatnonzero(codes == ord("\n"))
    share = np.zeros(len(ends), np.float32)
    for length, of_length in worth.items():
        places, which = _found(codes, length, list(of_length))
        held = np.zeros((len(of_length), len(ends)), bool)
        held[which, np.searchsorted(ends, places)] = True
        share += np.array(list(of_length.values()), np.float32) @ held
    best: Vectors = np.maximum.reduceat(share, np.cumsum(lines) - lines)
    return best


def _worth(weights: Mapping[str, float]) -> dict[int, dict[str, float]]:
    """What each run of letters is worth, by its length; 1 in all."""
    total = sum(weights.values())
    worth: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for word, weight in weights.items() if total else ():
        runs = grams(word)
        for run in runs:
            worth[len(run)][run] += weight / total / len(runs)
    return worth


def _found(
    codes: Codes, length: int, runs: Sequence[str]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Where runs of this length stand in the text, and which it is there."""
    here = _runs(codes, length)
    wanted = _runs(_codes("".join(runs)), length)[::length]
    # Most places hold none: a table of few bits says so before any is looked up.
    slots = np.zeros(1 << _SLOT_BITS, bool)
    slots[_slot(wanted)] = True
    places = np.flatnonzero(slots[_slot(here)])
    order = np.argsort(wanted)
    nearest = order[np.minimum(np.searchsorted(wanted, here[places], sorter=order), len(wanted) - 1)]
    right = wanted[nearest] == here[places]
    return places[right], nearest[right]


def _runs(codes: Codes, length: int) -> Codes:
    """Of each place the `length` letters from there on as one number."""
    count = max(len(codes) - length + 1, 0)
    value = codes[:count].copy()
    for after in range(1, length):
        value *= _FACTOR
        value += codes[after : after + count]
    return value


def _slot(runs: Codes) -> Codes:
    slot: Codes = (runs * _FACTOR) >> _TO_SLOT
    return slot


def _codes(text: str) -> Codes:
    """What isn't text (half of a surrogate pair from an odd file) is one more letter."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
