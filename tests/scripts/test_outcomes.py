"""The closing line counts what the test runners reported."""

from __future__ import annotations

import pytest

from scripts.start.outcomes import Outcome, from_junit, from_vitest, total

JUNIT = """<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests">
<testsuite errors="1" failures="2" skipped="3" tests="10" time="0.1"></testsuite></testsuites>"""


def _counts(outcome: Outcome) -> tuple[int, int, int]:
    return outcome.passed, outcome.failed, outcome.skipped


def test_pytests_report_is_counted() -> None:
    """An error in a fixture is a failure."""
    assert _counts(from_junit("python", JUNIT, 1)) == (4, 3, 3)


def test_pytest_that_ends_without_a_report_has_failed() -> None:
    """A crash is not zero failures."""
    outcome = from_junit("python", "", 3)

    assert _counts(outcome) == (0, 1, 0)
    assert outcome.note == "status 3"


@pytest.mark.parametrize(
    ("said", "status", "counts"),
    [
        (" Test Files  9 passed (9)\n      Tests  42 passed (42)\n   Start at  10:00:00\n", 0, (42, 0, 0)),
        ("      Tests  2 failed | 40 passed | 1 skipped | 1 todo (44)\n", 1, (40, 2, 2)),
        ("\x1b[2m      Tests \x1b[22m \x1b[1m\x1b[32m42 passed\x1b[39m\x1b[22m (42)\n", 0, (42, 0, 0)),
        ("X [ERROR] TS2307: Cannot find module\n", 1, (0, 1, 0)),
    ],
)
def test_vitests_closing_lines_are_counted(said: str, status: int, counts: tuple[int, int, int]) -> None:
    """With colours or without, and a build that fails before any test runs is a failure."""
    assert _counts(from_vitest("client", said, status)) == counts


def test_all_together_make_the_closing_line() -> None:
    """In the words that test runners use."""
    outcomes = [Outcome(name="a", passed=2, skipped=1), Outcome(name="b", passed=3, failed=1)]

    assert total(outcomes).counts == "5 passed, 1 failed, 1 skipped"


def test_a_stage_without_tests_that_went_well_counts_nothing() -> None:
    """And one that failed does."""
    assert not Outcome(name="client build").counted
    assert Outcome(name="client build", failed=1).counted
