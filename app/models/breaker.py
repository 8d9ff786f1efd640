"""Which models are left alone for a while, since they fail."""

from __future__ import annotations

import time
from collections.abc import Callable

FAILURES = 3  # one after the other
REST_SECONDS = 30.0


class Breaker:
    """After some failures in a row a model rests; then one question tries it, and while that is answered the
    others go on without it (M. Nygard, "Release It!", 2007).
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._until = 0.0

    @property
    def seconds(self) -> float:
        """How long it rests yet; 0 where it may be asked."""
        return max(self._until - self._clock(), 0.0) if self._failures >= FAILURES else 0.0

    def asked(self) -> None:
        """By somebody who tries whether it works again: others don't, meanwhile."""
        if self._failures >= FAILURES:
            self._until = self._clock() + REST_SECONDS

    def worked(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        self._failures += 1
        self._until = self._clock() + REST_SECONDS
