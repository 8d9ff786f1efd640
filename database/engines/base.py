"""What every engine promises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, Protocol, TypeVar

from database.embedders.base import PassageEmbedder

P = ParamSpec("P")
R = TypeVar("R")


class Processes(Protocol):
    """Processes in which documents are opened: with limits, killed and replaced when they pass one."""

    @property
    def processes(self) -> int:
        """How many calls run at a time, at most; more of them wait for their turn."""

    def warm(self, function: Callable[[], None]) -> None:
        """Start the processes, and have each prepare itself, before anybody waits for one."""

    async def run(self, seconds: float, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a picklable function in a process; what it raises is raised here.

        An argument that is the path of a file can be read there, as a file with the same suffix; its place
        may be another. Raises SourceError: too_slow past `seconds`, too_much_memory, or broken where the
        process died of it; EngineUnavailable where there are no processes to be had. A cancelled call kills
        its process.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class Engine:
    """What loads: who converts, and who embeds."""

    workers: Processes
    embedder: PassageEmbedder
