"""Numbers as Markdown."""

from __future__ import annotations

import statistics
from collections.abc import Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table: the first column to the left, numbers to the right."""
    lines = [list(head), [":--", *("--:" for _ in head[1:])], *map(list, rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def median_and_p95(seconds: Sequence[float]) -> str:
    """Both in milliseconds, as `12 / 31`; a dash where nothing was measured."""
    if not seconds:
        return "–"
    return f"{statistics.median(seconds) * 1000:.0f} / {percentile_95(seconds) * 1000:.0f}"


def percentile_95(values: Sequence[float]) -> float:
    """Of at least one value: the nearest that was measured."""
    return percentile(values, 0.95)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that so large a share is below: the nearest of at least one that was measured."""
    ordered = sorted(values)
    return ordered[round(share * (len(ordered) - 1))]


def milliseconds(seconds: float) -> str:
    """To a tenth."""
    return f"{seconds * 1000:.1f}"


def megabytes(size: float) -> str:
    """Bytes as people compare them, in units of 1024²."""
    return f"{size / 2**20:,.0f} MiB"
