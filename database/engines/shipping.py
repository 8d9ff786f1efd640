"""Takes files to the machines of a cluster that don't have them, each file once to each machine."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import ray
from ray.exceptions import RayError, RayTaskError

from database.engines.crew import Crew, Member
from database.errors import EngineUnavailable

_MOST_FILES = 16  # that wait on the machines for another call; twice as many as documents are loaded at once
_MOST_BYTES = 2 * 2**30  # of them together

Key = tuple[Path, int, int]


@dataclass(kw_only=True, slots=True, eq=False)
class _Parcel:
    """A file, as it was when it was first asked for, and where it lies on each machine."""

    path: Path
    size: int
    modified: int
    data: Any = None
    """Ray's reference to its bytes, once a machine needed them."""

    there: dict[str, asyncio.Task[Path]] = field(default_factory=dict)
    uses: int = 0

    @property
    def name(self) -> str:
        """On other machines. The suffix stays: readers go by it."""
        told = f"{self.path}\n{self.size}\n{self.modified}"
        return hashlib.sha256(told.encode()).hexdigest()[:32] + self.path.suffix

    @property
    def was_sent(self) -> bool:
        return self.data is not None


class Shipping:
    """A file is dropped, there and in Ray's store, when others were used since and no call uses it."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._parcels: dict[Key, _Parcel] = {}
        self._dropping: set[asyncio.Task[Any]] = set()

    @asynccontextmanager
    async def at(
        self, member: Member, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> AsyncIterator[tuple[tuple[Any, ...], dict[str, Any]]]:
        """The arguments as the member can use them, while it does. Raises EngineUnavailable, RayError."""
        used: list[_Parcel] = []
        try:
            there = [await self._translated(value, member, used) for value in args]
            named = {name: await self._translated(value, member, used) for name, value in kwargs.items()}
            yield tuple(there), named
        finally:
            for parcel in used:
                parcel.uses -= 1
            self._make_room()

    def has(self, node: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> int:
        """How many of the files are on this machine already."""
        paths = {value.absolute() for value in (*args, *kwargs.values()) if isinstance(value, Path)}
        return sum(parcel.path in paths and node in parcel.there for parcel in self._parcels.values())

    def forget(self, node: str) -> None:
        """An actor of this machine was lost, and maybe the machine: nobody knows what lies there."""
        for parcel in self._parcels.values():
            parcel.there.pop(node, None)

    async def _translated(self, value: Any, member: Member, used: list[_Parcel]) -> Any:
        if not isinstance(value, Path):
            return value
        parcel = await asyncio.to_thread(_look, value)
        if parcel is None:
            return value
        key = (parcel.path, parcel.size, parcel.modified)
        parcel = self._parcels.pop(key, parcel)
        self._parcels[key] = parcel  # the last one used stands last
        parcel.uses += 1
        used.append(parcel)
        node = member.machine.node
        if node not in parcel.there:
            parcel.there[node] = asyncio.create_task(self._place(parcel, member))
        try:
            return await asyncio.shield(parcel.there[node])
        except (RayError, EngineUnavailable):
            parcel.there.pop(node, None)
            raise

    async def _place(self, parcel: _Parcel, member: Member) -> Path:
        if await member.actor.sees.remote(parcel.path, parcel.size, parcel.modified):
            return parcel.path
        if parcel.data is None:
            parcel.data = await asyncio.to_thread(_put, parcel.path)
        try:
            path: Path = await member.actor.keep.remote(parcel.name, parcel.data)
        except RayTaskError as error:
            name = member.machine.name
            raise EngineUnavailable("machine_cannot_write", machine=name, detail=error.cause) from None
        return path

    def _make_room(self) -> None:
        for key, parcel in list(self._parcels.items()):
            sent = sum(one.size for one in self._parcels.values() if one.was_sent)
            if len(self._parcels) <= _MOST_FILES and sent <= _MOST_BYTES:
                return
            if not parcel.uses:
                del self._parcels[key]
                if parcel.was_sent:
                    self._drop(parcel)

    def _drop(self, parcel: _Parcel) -> None:
        by_node = {member.machine.node: member for member in self._crew.members}
        for member in (by_node[node] for node in parcel.there if node in by_node):
            task = asyncio.ensure_future(_dropped(member, parcel.name))
            self._dropping.add(task)
            task.add_done_callback(self._dropping.discard)


async def _dropped(member: Member, name: str) -> None:
    with suppress(RayError):  # the machine is gone, or this run ends: then its folder goes, too
        await member.actor.drop.remote(name)


def _look(path: Path) -> _Parcel | None:
    try:
        state = path.stat()
    except OSError:
        return None
    if not path.is_file():
        return None
    return _Parcel(path=path.absolute(), size=state.st_size, modified=state.st_mtime_ns)


def _put(path: Path) -> Any:
    return ray.put(np.fromfile(path, dtype=np.uint8))
