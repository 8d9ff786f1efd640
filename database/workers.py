"""Processes in which documents are opened: with limits, killed and replaced when they pass one.

A document is untrusted input to a parser written in C. What it can do is spoil the process that
opens it, so that is never the server's or the loader's own.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import signal
import sys
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeout
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from database.errors import SourceError

P = ParamSpec("P")
R = TypeVar("R")

_MEMORY_BYTES = 4 * 2**30  # address space; a parse with the layout model needs about 0.4 GiB resident
_TASKS = 200  # then a process is replaced, so that leaks of the parser don't add up


class Workers:
    """A pool of such processes. `async with` starts and stops it; processes start when needed."""

    def __init__(self, processes: int) -> None:
        self.processes = processes
        self._pool = ProcessPool(
            max_workers=processes,
            max_tasks=_TASKS,
            initializer=_confine,
            initargs=(_MEMORY_BYTES,),
            context=multiprocessing.get_context("spawn"),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self._end)

    def warm(self, function: Callable[[], None]) -> None:
        """Start the processes, and have each prepare itself, before anybody waits for one."""
        for _ in range(self.processes):
            self._pool.schedule(function)

    async def run(self, seconds: float, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a picklable function in a process; what it raises is raised here.

        Raises SourceError: too_slow past `seconds`, too_much_memory, or broken where the process
        died of it. A cancelled call kills its process.
        """
        future = self._pool.schedule(function, args=args, kwargs=kwargs, timeout=seconds)
        try:
            return await asyncio.wrap_future(future)
        except FutureTimeout:
            raise SourceError("too_slow", f"It took longer than {seconds:.0f} s to read.") from None
        except MemoryError:
            raise SourceError(
                "too_much_memory", f"Reading it takes more than {_MEMORY_BYTES // 2**30} GiB of memory."
            ) from None
        except ProcessExpired as error:
            raise SourceError(
                "broken", f"It makes the reader crash (exit status {error.exitcode})."
            ) from None

    def _end(self) -> None:
        self._pool.stop()
        self._pool.join()


def _confine(memory_bytes: int) -> None:
    """Prepare a new process: a memory limit, no output of the parser's own, Ctrl-C left to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, sys.stdout.fileno())
    os.dup2(silence, sys.stderr.fileno())
