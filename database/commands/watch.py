"""`watch`: keep the collection in step with folders.

Each change is loaded by a process of its own, `seed --prune`: between changes nothing is held in memory, and
the collection is free for others to write.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from database.load import sources
from database.messages import Messages

LOOK_EVERY = 2.0  # seconds; also works on network drives, which don't tell what changes
_CANNOT_START = 2
_KILLED_AFTER = 10.0

Snapshot = dict[str, tuple[int, int]]


async def run(messages: Messages, folders: Sequence[str], *, look_every: float = LOOK_EVERY) -> int:
    """Until it is stopped. 1 where a folder isn't there at the start."""
    for folder in out_of_reach(folders):
        print(messages("no_such_folder", folder=folder), file=sys.stderr)
        return 1
    print(messages("watching", folders=", ".join(folders)), file=sys.stderr)
    seeding = _Seeding()
    before: Snapshot | None = None
    away: list[str] = []
    try:
        while True:
            was_away, away = away, await asyncio.to_thread(out_of_reach, folders)
            for folder in away:
                if folder not in was_away:
                    print(messages("folder_gone", folder=folder), file=sys.stderr)
            there = [folder for folder in folders if folder not in away]
            now = await asyncio.to_thread(snapshot, there)
            settled = now == before and away == was_away  # a file that is being copied grows meanwhile
            if settled and there:
                await seeding.bring_up_to(now, there)
            before = now
            await asyncio.sleep(look_every)
    finally:
        await seeding.stop()


class _Seeding:
    """Loads what the folders hold. What comes meanwhile isn't kept waiting for the tables and headings of
    what was there before: the process is stopped and another one goes on where it was.
    """

    def __init__(self) -> None:
        self._loaded: Snapshot | None = None
        self._loading: Snapshot | None = None
        self._running: asyncio.Task[int] | None = None

    async def bring_up_to(self, now: Snapshot, folders: Sequence[str]) -> None:
        if self._running and self._running.done():
            if self._running.result() != _CANNOT_START:
                self._loaded = self._loading
            self._running = None
        if now == (self._loading if self._running else self._loaded):
            return
        await self.stop()
        self._loading = now
        self._running = asyncio.create_task(_seed(folders))

    async def stop(self) -> None:
        if self._running:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
            self._running = None


def out_of_reach(folders: Sequence[str]) -> list[str]:
    """Those that aren't there: of a drive that is gone for a while, nothing was deleted."""
    return [folder for folder in folders if not Path(folder).expanduser().is_dir()]


def snapshot(folders: Sequence[str]) -> Snapshot:
    """The size and the time of the last change of every file that can be loaded."""
    found: Snapshot = {}
    for source in sources.find(folders)[0]:
        try:
            state = Path(source.address).stat()
        except OSError:
            continue
        found[source.address] = (state.st_size, state.st_mtime_ns)
    return found


async def _seed(folders: Sequence[str]) -> int:
    """The exit status; the process ends with this one."""
    async with _process("-m", "database", "seed", "--prune", *folders) as seeding:
        return await seeding.wait()


@asynccontextmanager
async def _process(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)  # it lets go of the store and of its own processes
            try:
                await asyncio.wait_for(process.wait(), _KILLED_AFTER)
            except TimeoutError:
                process.kill()
                await process.wait()
