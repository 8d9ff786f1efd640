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
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    return f"{statistics.median(ordered) * 1000:.0f} / {p95 * 1000:.0f}"


def megabytes(size: float) -> str:
    """Bytes as people compare them, in units of 1024²."""
    return f"{size / 2**20:,.0f} MiB"
