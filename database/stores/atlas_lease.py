"""One writer: a record that its holder keeps touching, for processes on any number of machines."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import uuid
from pathlib import Path
from typing import Any

from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError, PyMongoError

from database.errors import StoreBusy
from database.stores.atlas_client import writing

_WRITER = "writer"
_BEAT_SECONDS = 3.0
_DEAD_AFTER_SECONDS = 12.0
_LOOK_EVERY_SECONDS = 0.5

Record = dict[str, Any]


class Lease:
    """The right to write. Nobody's clock matters: a holder is dead when its beat stands still."""

    def __init__(self, meta: AsyncCollection[Record]) -> None:
        self._meta = meta
        self._me = uuid.uuid4().hex
        self._beating: asyncio.Task[None] | None = None

    @property
    def held(self) -> bool:
        return self._beating is not None and not self._beating.done()

    async def take(self) -> None:
        """Raises StoreBusy where another process writes. One that died is noticed within twelve seconds,
        at once where it ran on this machine.
        """
        if self.held:
            return
        if self._beating is not None:
            raise StoreBusy("busy", holder="?")  # it was lost to another process: what was begun can't go on
        claim = {"holder": self._me, "beat": 0, **_this_process()}
        with writing():
            await self._succeed(claim)
        self._beating = asyncio.create_task(self._beat())

    async def release(self) -> None:
        if self._beating is None:
            return
        self._beating.cancel()
        with contextlib.suppress(asyncio.CancelledError, PyMongoError):
            await self._beating
        self._beating = None
        with contextlib.suppress(PyMongoError):
            await self._meta.delete_one({"_id": _WRITER, "holder": self._me})

    async def _succeed(self, claim: Record) -> None:
        """Become the writer where there is none, or none that lives."""
        while True:
            before = await self._meta.find_one({"_id": _WRITER})
            if before is None:
                with contextlib.suppress(DuplicateKeyError):
                    await self._meta.insert_one({"_id": _WRITER, **claim})
                    return
                continue
            if not await self._is_dead(before):
                raise StoreBusy("busy", holder=f"{before['pid']} @ {before['host']}")
            seen = {key: before[key] for key in ("_id", "holder", "beat")}
            if (await self._meta.replace_one(seen, {"_id": _WRITER, **claim})).modified_count:
                return

    async def _is_dead(self, holder: Record) -> bool:
        if (holder["host"], holder["namespace"]) == (socket.gethostname(), _namespace()):
            return bool(_started(holder["pid"]) != holder["started"])
        loop = asyncio.get_running_loop()
        until = loop.time() + _DEAD_AFTER_SECONDS
        while loop.time() < until:
            await asyncio.sleep(_LOOK_EVERY_SECONDS)
            now = await self._meta.find_one({"_id": _WRITER})
            if now is None:
                return True
            if (now["holder"], now["beat"]) != (holder["holder"], holder["beat"]):
                return False
        return True

    async def _beat(self) -> None:
        """Until cancelled, or until another process has taken over; a server that is away is waited for."""
        while True:
            await asyncio.sleep(_BEAT_SECONDS)
            with contextlib.suppress(PyMongoError):
                mine = {"_id": _WRITER, "holder": self._me}
                if not (await self._meta.update_one(mine, {"$inc": {"beat": 1}})).matched_count:
                    return


def _this_process() -> Record:
    pid = os.getpid()
    return {"host": socket.gethostname(), "namespace": _namespace(), "pid": pid, "started": _started(pid)}


def _namespace() -> str:
    """Containers can share a host's name and not its process numbers."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _started(pid: int) -> str | None:
    """When the process began, in the kernel's ticks; "" where the kernel doesn't tell; None where none runs.

    Numbers are given again: the first process of a container that was restarted has the one it had before.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""
