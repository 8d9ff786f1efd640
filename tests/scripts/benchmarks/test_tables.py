"""Numbers become Markdown that can be pasted into docs/benchmarks.md."""

from __future__ import annotations

import pytest

from scripts.benchmarks.tables import median_and_p95, megabytes, table


def test_a_table_is_markdown() -> None:
    """Names to the left, numbers to the right."""
    assert table(("part", "size"), [["a", "1"]]) == "| part | size |\n| :-- | --: |\n| a | 1 |"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        ([], "–"),
        ([0.0121], "12 / 12"),
        ([n / 1000 for n in range(1, 101)], "50 / 95"),
        ([0.3, 0.1, 0.2], "200 / 300"),
    ],
)
def test_the_median_and_the_95th_percentile_are_told(seconds: list[float], shown: str) -> None:
    """In whole milliseconds, whatever the order."""
    assert median_and_p95(seconds) == shown


def test_sizes_are_told_in_mebibytes() -> None:
    """With a comma for thousands."""
    assert megabytes(2_578_000_000) == "2,459 MiB"
