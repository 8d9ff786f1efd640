"""When a model is left alone."""

from __future__ import annotations

from app.models.breaker import FAILURES, REST_SECONDS, Breaker


class Clock:
    """Stands still until it is moved."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_it_rests_after_some_failures_in_a_row() -> None:
    """A success between them begins the counting anew."""
    breaker = Breaker(Clock())
    for _ in range(FAILURES - 1):
        breaker.failed()
    assert breaker.seconds == 0
    breaker.worked()
    for _ in range(FAILURES - 1):
        breaker.failed()
    assert breaker.seconds == 0
    breaker.failed()
    assert breaker.seconds == REST_SECONDS


def test_one_question_tries_whether_it_works_again() -> None:
    """The others go on without it until that is known."""
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(FAILURES):
        breaker.failed()
    clock.now += REST_SECONDS
    assert breaker.seconds == 0
    breaker.asked()
    assert breaker.seconds == REST_SECONDS
    breaker.worked()
    assert breaker.seconds == 0


def test_one_that_fails_again_rests_again() -> None:
    """At once, not after so many failures more."""
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(FAILURES):
        breaker.failed()
    clock.now += REST_SECONDS
    breaker.asked()
    breaker.failed()
    assert breaker.seconds == REST_SECONDS
