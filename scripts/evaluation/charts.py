"""Curves and distributions beside the report's bars: static SVG in percents, as there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from database.report.markup import NOTHING, Html, element, text

BINS = 20  # of a distribution from 0 to 1

# Percents of the picture: the rest is for what stands beside and below.
_LEFT, _RIGHT = 7.0, 97.0
_TOP, _FLOOR = 5.0, 84.0
_LABELS = 96.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """Values with a name; `kind` is the class that paints it."""

    name: str
    kind: str
    values: Sequence[float]


def curves(of: Sequence[Series], cuts: Sequence[int], label: str) -> Html:
    """Each series' value (0..1) at each cut (at least two); cuts stand as far apart as their logarithms.

    The axis begins at the tenth below the least value, since what matters is what differs.
    """
    lowest = min((value for one in of for value in one.values), default=0.0)
    tenths = max(0, math.floor(lowest * 10 - 1e-9))
    least = tenths / 10
    columns = [
        _LEFT + (_RIGHT - _LEFT) * math.log(cut / cuts[0]) / math.log(cuts[-1] / cuts[0]) for cut in cuts
    ]
    ticks = range(10, tenths - 1, -1 if tenths >= 5 else -2)
    drawn = [_tick(tick / 10, _height(tick / 10, least)) for tick in ticks]
    drawn += [_letters(f"k = {cut}", x, _LABELS, "middle") for cut, x in zip(cuts, columns, strict=True)]
    for one in reversed(of):  # the first is drawn last, over the others
        points = [(x, _height(value, least)) for x, value in zip(columns, one.values, strict=True)]
        drawn += [_line(start, end, f"curve {one.kind}") for start, end in pairwise(points)]
        drawn += [
            _point(at, one.kind, f"{one.name}, k = {cut}: {value:.3f}")
            for at, cut, value in zip(points, cuts, one.values, strict=True)
        ]
    return element("svg", *drawn, class_="chart", role="img", aria_label=label)


def distributions(of: Sequence[Series], label: str) -> Html:
    """The share of each series' values (0..1) in each of BINS, side by side."""
    shares = [_shares(one.values) for one in of]
    most = max((share for some in shares for share in some), default=0.0) or 1.0
    step = (_RIGHT - _LEFT) / BINS
    width = 0.84 * step / max(len(of), 1)
    drawn = [_tick(most * n / 2, _FLOOR - (_FLOOR - _TOP) * n / 2, percent=True) for n in range(3)]
    drawn += [_letters(f"{n / 5:.1f}", _LEFT + (_RIGHT - _LEFT) * n / 5, _LABELS, "middle") for n in range(6)]
    for place, (one, some) in enumerate(zip(of, shares, strict=True)):
        for number, share in enumerate(some):
            x = _LEFT + number * step + 0.08 * step + place * width
            said = f"{one.name}, {number / BINS:.2f}–{(number + 1) / BINS:.2f}: {share:.1%}"
            drawn.append(_bar(x, width, share / most, one.kind, said))
    return element("svg", *drawn, class_="chart low", role="img", aria_label=label)


def _shares(values: Sequence[float]) -> list[float]:
    counts = [0] * BINS
    for value in values:
        counts[min(BINS - 1, max(0, int(value * BINS)))] += 1
    return [count / max(len(values), 1) for count in counts]


def _height(value: float, least: float) -> float:
    return _FLOOR - (_FLOOR - _TOP) * (value - least) / (1 - least)


def _tick(value: float, y: float, *, percent: bool = False) -> Html:
    said = f"{value:.0%}" if percent else f"{value:.1f}"
    return element("g", _line((_LEFT, y), (_RIGHT, y), "grid"), _letters(said, _LEFT - 1, y + 1.5, "end"))


def _line(start: tuple[float, float], end: tuple[float, float], kind: str) -> Html:
    (x1, y1), (x2, y2) = start, end
    return element("line", x1=f"{x1:.2f}%", y1=f"{y1:.2f}%", x2=f"{x2:.2f}%", y2=f"{y2:.2f}%", class_=kind)


def _point(at: tuple[float, float], kind: str, said: str) -> Html:
    title = element("title", text(said))
    return element("circle", title, cx=f"{at[0]:.2f}%", cy=f"{at[1]:.2f}%", r=4, class_=f"dot {kind}")


def _bar(x: float, width: float, share: float, kind: str, said: str) -> Html:
    if not share:
        return NOTHING
    height = (_FLOOR - _TOP) * share
    return element(
        "rect",
        element("title", text(said)),
        x=f"{x:.2f}%",
        y=f"{_FLOOR - height:.2f}%",
        width=f"{width:.2f}%",
        height=f"{height:.2f}%",
        class_=f"dot {kind}",
    )


def _letters(said: str, x: float, y: float, anchor: str) -> Html:
    return element("text", text(said), x=f"{x:.2f}%", y=f"{y:.2f}%", class_=f"at-{anchor}")
