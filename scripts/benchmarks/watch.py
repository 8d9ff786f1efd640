"""How much memory a loader's processes hold at most, by what they are for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from scripts.benchmarks.process import command, family, proportional_memory

Part = Literal["loader", "workers", "embedder"]

_STARTED_BY_MULTIPROCESSING = "--multiprocessing-fork"


@dataclass(kw_only=True, slots=True)
class Watch:
    """Sampled from outside, so that looking costs the loader nothing of its own; peaks in bytes."""

    pid: int
    """Of the loader."""

    embedder: Callable[[], int | None]
    """Its process, once there is one."""

    together: int = 0
    parts: Counter[Part] = field(default_factory=Counter)
    """Each at its own moment: their sum is more than what is held at once."""

    def sample(self) -> None:
        held: Counter[Part] = Counter()
        embedder = self.embedder()
        for one in family(self.pid):
            held[self._part(one, embedder)] += proportional_memory(one)
        self.together = max(self.together, held.total())
        self.parts |= held

    def _part(self, pid: int, embedder: int | None) -> Part:
        if pid == embedder:
            return "embedder"
        if pid == self.pid or _STARTED_BY_MULTIPROCESSING not in command(pid):
            return "loader"
        return "workers"
