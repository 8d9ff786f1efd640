"""What runs on the machines of a cluster: an actor a core, and in it a process that opens documents.

The actor opens none itself: it lives, whatever a document does to the process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from database.engines.kept_files import KeptFiles
from database.engines.machine import Machine, this_machine
from database.workers import Workers


class Reader:
    """Ray calls its methods; what they raise reaches the caller."""

    def __init__(self, job: str) -> None:
        self._job = job
        self._workers = Workers(1)
        self._files: KeptFiles | None = None

    async def machine(self) -> Machine:
        return this_machine()

    async def run(
        self, seconds: float, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """As Workers.run."""
        return await self._workers.run(seconds, function, *args, **kwargs)

    async def sees(self, path: Path, size: int, modified: int) -> bool:
        """Whether that very file lies there on this machine, too: the machines may share a disk."""
        return await asyncio.to_thread(_is_there, path, size, modified)

    async def keep(self, name: str, data: NDArray[np.uint8]) -> Path:
        """Where the file lies now. Raises OSError where it can't be written."""
        return await asyncio.to_thread(self._folder.keep, name, data)

    async def drop(self, name: str) -> None:
        await asyncio.to_thread(self._folder.drop, name)

    async def end(self) -> None:
        """The process that opens documents ends, and so do the files, with the last actor of this machine."""
        await self._workers.__aexit__(None, None, None)
        if self._files is not None:
            await asyncio.to_thread(self._files.close)

    @property
    def _folder(self) -> KeptFiles:
        if self._files is None:
            self._files = KeptFiles(f"{self._job}-{this_machine().node[:16]}")
        return self._files


def _is_there(path: Path, size: int, modified: int) -> bool:
    try:
        state = path.stat()
    except OSError:
        return False
    return path.is_file() and (state.st_size, state.st_mtime_ns) == (size, modified)
