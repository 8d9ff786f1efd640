"""Bars and columns as SVG that stretches with the page: pure functions.

No library: what draws static SVG brings scripts or styles of its own into each picture, and knows neither a
dark page nor the strips. Lengths are percents of the picture: letters and patterns are never stretched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from database.report.markup import NOTHING, Html, element, join, text

_TALLEST = 74.0  # percent; the rest is for the numbers above and below the columns
_FLOOR = 86.0
_SEEN = 0.4  # percent: what is there at all can be seen

_PATTERNS = (
    Html(
        '<pattern id="no_text" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="6" height="6" class="no_text"></rect>'
        '<rect width="2" height="6" class="ink"></rect></pattern>'
    ),
    Html(
        '<pattern id="garbled" width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6" height="6" '
        'class="garbled"></rect><circle cx="3" cy="3" r="1.3" class="ink"></circle></pattern>'
    ),
    Html(
        '<pattern id="unreadable" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" '
        'height="8" class="unreadable"></rect><path d="M1 1L7 7M7 1L1 7" class="line"></path></pattern>'
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One of the parts of a whole, painted as `kind` says; `title` tells it to the pointer."""

    kind: str
    value: float
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    label: Html
    value: float
    said: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A column of a distribution; `begins` is what stands where it begins."""

    begins: str
    value: float
    said: str
    title: str


def patterns() -> Html:
    """Once a page, before any chart: what colour says is said by a pattern, too."""
    return element(
        "svg", element("defs", *_PATTERNS), width=0, height=0, class_="patterns", aria_hidden="true"
    )


def stacked(parts: Sequence[Part], label: str) -> Html:
    """One bar of all the parts, in order."""
    whole = sum(part.value for part in parts)
    drawn: list[Html] = []
    begins = 0.0
    for part in parts:
        width = 100 * part.value / whole if whole else 0.0
        if width:
            drawn.append(_rectangle(part, begins, width))
        begins += width
    return element("svg", *drawn, class_="stacked", role="img", aria_label=label)


def _rectangle(part: Part, begins: float, width: float) -> Html:
    return element(
        "rect",
        element("title", text(part.title)),
        x=f"{begins:.3f}%",
        y="0",
        width=f"{width:.3f}%",
        height="100%",
        class_=f"part p-{part.kind}",
    )


def bars(rows: Sequence[Bar], longest: float | None = None) -> Html:
    """A table with a bar a row; `longest` is the value that fills it, the greatest one by default."""
    most = longest or max((row.value for row in rows), default=0.0)
    return element("table", *(_row(row, most) for row in rows), class_="bars")


def _row(row: Bar, most: float) -> Html:
    width = max(_SEEN, min(100.0, 100 * row.value / most)) if row.value and most else 0.0
    filled = element("rect", width=f"{width:.3f}%", height="100%", class_="part p-plain")
    drawn = element("svg", filled, class_="bar", aria_hidden="true")
    return element(
        "tr",
        element("th", row.label, scope="row"),
        element("td", drawn, class_="drawn"),
        element("td", text(row.said), class_="said"),
    )


def columns(of: Sequence[Column], label: str) -> Html:
    """A distribution: columns side by side, on an axis that says where each begins."""
    most = max((column.value for column in of), default=0.0)
    width = 100 / len(of) if of else 0.0
    drawn = [_column(column, n * width, width, most) for n, column in enumerate(of)]
    axis = element("rect", x="0", y=f"{_FLOOR}%", width="100%", height="1", class_="axis")
    return element("svg", *drawn, axis, class_="columns", role="img", aria_label=label)


def _column(column: Column, begins: float, width: float, most: float) -> Html:
    height = max(_SEEN, _TALLEST * column.value / most) if column.value and most else 0.0
    middle = f"{begins + width / 2:.2f}%"
    return element(
        "g",
        element("title", text(column.title)),
        element(
            "rect",
            x=f"{begins + 0.3:.2f}%",
            y=f"{_FLOOR - height:.2f}%",
            width=f"{width - 0.6:.2f}%",
            height=f"{height:.2f}%",
            class_="part p-plain",
        ),
        _letters(column.said, middle, f"{_FLOOR - height - 2:.2f}%", "above") if column.value else NOTHING,
        _letters(column.begins, f"{begins + 0.3:.2f}%", "98%", "begins"),
    )


def _letters(said: str, x: str, y: str, kind: str) -> Html:
    return element("text", text(said), x=x, y=y, class_=kind)


def legend(entries: Sequence[tuple[str, str]]) -> Html:
    """Classes of cells, each with what it stands for."""
    return element(
        "ul",
        join(
            element("li", element("i", class_=f"cell {kind}", aria_hidden="true"), text(said))
            for kind, said in entries
        ),
        class_="legend",
    )
