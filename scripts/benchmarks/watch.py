"""How much memory a loader's processes hold at most, by what they are for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from scripts.benchmarks.process import command, family, proportional_memory, resident_memory

Part = Literal["loader", "workers", "embedder"]

_STARTED_BY_MULTIPROCESSING = "--multiprocessing-fork"


@dataclass(kw_only=True, slots=True)
class Watch:
    """Sampled from outside, so that looking costs the loader nothing of its own; peaks in bytes.

    A page that processes share counts once. Linux goes through all pages to tell that, so it is asked only
    when more is resident than ever before.
    """

    pid: int
    """Of the loader."""

    embedder: Callable[[], int | None]
    """Its process, once there is one."""

    together: int = 0
    parts: Counter[Part] = field(default_factory=Counter)
    """Each at its own moment: their sum is more than what is held at once."""

    _most: Counter[Part] = field(default_factory=Counter)
    _most_together: int = 0

    def sample(self) -> None:
        embedder = self.embedder()
        parts = {one: self._part(one, embedder) for one in family(self.pid)}
        resident = _sum(parts, resident_memory)
        if resident <= self._most and resident.total() <= self._most_together:
            return
        self._most |= resident
        self._most_together = max(self._most_together, resident.total())
        held = _sum(parts, proportional_memory)
        self.together = max(self.together, held.total())
        self.parts |= held

    def _part(self, pid: int, embedder: int | None) -> Part:
        if pid == embedder:
            return "embedder"
        if pid == self.pid or _STARTED_BY_MULTIPROCESSING not in command(pid):
            return "loader"
        return "workers"


def _sum(parts: Mapping[int, Part], size: Callable[[int], int]) -> Counter[Part]:
    held: Counter[Part] = Counter()
    for pid, part in parts.items():
        held[part] += size(pid)
    return held
