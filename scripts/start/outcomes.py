"""What the stages of `scripts/test` came to, counted from what the test runners report."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree

from scripts.start.console import printable


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How many tests of one stage passed, failed and were skipped; `note` says why where that helps."""

    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    note: str = ""

    @property
    def counted(self) -> bool:
        """Whether there is anything to count: a stage without tests that went well has nothing."""
        return bool(self.passed or self.failed or self.skipped)

    @property
    def counts(self) -> str:
        """The line that test runners close with, the same in every language: other programs read it."""
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def total(outcomes: Iterable[Outcome]) -> Outcome:
    """All of them together."""
    listed = list(outcomes)
    return Outcome(
        name="",
        passed=sum(one.passed for one in listed),
        failed=sum(one.failed for one in listed),
        skipped=sum(one.skipped for one in listed),
    )


def from_junit(name: str, report: str, status: int) -> Outcome:
    """The outcome by pytest's JUnit report. A status other than 0 without a failed test is one failure."""
    suites = list(ElementTree.fromstring(report).iter("testsuite")) if report else []  # noqa: S314 - our own

    def count(attribute: str) -> int:
        return sum(int(suite.get(attribute, "0")) for suite in suites)

    failed, skipped = count("failures") + count("errors"), count("skipped")
    passed = max(0, count("tests") - failed - skipped)
    return _told(name, passed, failed, skipped, status)


def from_vitest(name: str, said: str, status: int) -> Outcome:
    """The outcome by Vitest's closing lines (`Tests  1 failed | 41 passed (42)`)."""
    lines = [printable(line).strip() for line in said.splitlines()]
    closing = next((line for line in reversed(lines) if re.match(r"Tests\s", line)), "")

    def count(word: str) -> int:
        found = re.search(rf"(\d+) {word}", closing)
        return int(found[1]) if found else 0

    return _told(name, count("passed"), count("failed"), count("skipped") + count("todo"), status)


def _told(name: str, passed: int, failed: int, skipped: int, status: int) -> Outcome:
    if status and not failed:
        return Outcome(name=name, passed=passed, failed=1, skipped=skipped, note=f"status {status}")
    return Outcome(name=name, passed=passed, failed=failed, skipped=skipped)
