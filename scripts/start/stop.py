"""Ctrl-C and the signals that end a process, noted when they arrive and read where work can be left."""

from __future__ import annotations

import signal
from types import FrameType

from scripts.start.errors import Stopped


class StopRequest:
    """Whether somebody asked the command to stop, and how often.

    Handlers that raise would tear the very code that ends the children; this one only takes note.
    """

    def __init__(self) -> None:
        self._signals: list[int] = []

    def listen(self) -> None:
        """Take note of Ctrl-C, of `kill`, and of a closed terminal (unless that is ignored, as by nohup)."""
        signal.signal(signal.SIGINT, self.note)
        signal.signal(signal.SIGTERM, self.note)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self.note)

    def note(self, number: int, frame: FrameType | None = None) -> None:
        """Take note of one signal."""
        self._signals.append(number)

    @property
    def made(self) -> bool:
        """Asked to stop."""
        return bool(self._signals)

    @property
    def urgent(self) -> bool:
        """Asked more than once: stop without waiting for anything."""
        return len(self._signals) > 1

    def check(self) -> None:
        """Raise Stopped if somebody asked."""
        if self._signals:
            raise Stopped(self._signals[0])
