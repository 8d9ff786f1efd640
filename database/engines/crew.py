"""Actors of one kind on a Ray cluster: begun where there is room, lent to calls, replaced when lost."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import ray
from ray.exceptions import RayActorError, RayError, RayTaskError

from database.engines.machine import Machine, converts
from database.errors import EngineUnavailable

_SECONDS_TO_HIRE = 60.0  # until one of them must have begun: then nothing on the cluster is free
_SECONDS_TO_REST = 1.0  # before another is begun in the place of one that died while it began


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Member:
    """An actor that has begun. `actor` is Ray's handle, whose methods have no types."""

    actor: Any
    machine: Machine


class Crew:
    """`hire(number)` begins an actor, with a method `machine`; each takes `seats` calls at a time.

    Another is hired when a call finds none free, up to `size` of them.
    """

    def __init__(self, hire: Callable[[int], Any], *, size: int, seats: int = 1) -> None:
        self._hire = hire
        self._size = size
        self._seats = seats
        self._members: dict[int, Member] = {}
        self._free: list[Member] = []
        self._taken = 0
        self._beginning: dict[int, asyncio.Task[None]] = {}
        self._fault: EngineUnavailable | None = None
        self._changed = asyncio.Event()

    @property
    def members(self) -> list[Member]:
        return list(self._members.values())

    def begin(self, number: int) -> None:
        """Hire so many at once, of those that aren't there. Nobody waits for it."""
        absent = (n for n in range(self._size) if n not in self._members and n not in self._beginning)
        for one in list(islice(absent, number)):
            self._begin(one)

    async def take(self, liking: Callable[[Member], int] = lambda member: 0) -> Member:
        """A member with a free seat, of several the one that is liked most.

        Raises EngineUnavailable where none can be had, or one of them would convert in another way.
        """
        if not self._free:
            self.begin(1)
        while not self._free:
            if self._fault is not None:
                raise self._fault
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), _SECONDS_TO_HIRE)
            except TimeoutError:
                if not self._taken:
                    raise EngineUnavailable("cluster_full") from None
        if self._fault is not None:
            raise self._fault
        member = max(self._free, key=liking)
        self._free.remove(member)
        self._taken += 1
        return member

    def give_back(self, member: Member) -> None:
        """Its seat is free again."""
        self._taken -= 1
        if member in self._members.values():
            self._free.append(member)
            self._tell()

    def replace(self, member: Member) -> None:
        """It is lost, or must be: end it, and begin another. Its seat that was taken is given back, too."""
        self._taken -= 1
        number = next((n for n, one in self._members.items() if one is member), None)
        if number is None:  # whoever had its other seat did it
            return
        del self._members[number]
        self._free = [one for one in self._free if one is not member]
        ray.kill(member.actor)
        self._begin(number)

    async def end(self) -> None:
        """Kill what is left of them; those that haven't begun never will."""
        beginning = list(self._beginning.values())
        for task in beginning:
            task.cancel()
        await asyncio.gather(*beginning, return_exceptions=True)
        for member in self._members.values():
            ray.kill(member.actor)
        self._members.clear()
        self._free.clear()

    def _begin(self, number: int) -> None:
        self._beginning[number] = task = asyncio.create_task(self._hired(number))
        task.add_done_callback(lambda _: self._beginning.pop(number, None))

    async def _hired(self, number: int) -> None:
        here = await asyncio.to_thread(converts)
        while True:
            actor = self._hire(number)
            try:
                machine: Machine = await actor.machine.remote()
            except RayTaskError as error:  # this package isn't there, or is another
                self._stop(_differs(error))
                return
            except RayError as error:
                if isinstance(error, RayActorError) and error.actor_init_failed:
                    self._stop(_differs(error))
                    return
                await asyncio.sleep(_SECONDS_TO_REST)  # the machine was lost
                continue
            except asyncio.CancelledError:
                ray.kill(actor)
                raise
            break
        if machine.converts != here:
            ray.kill(actor)
            self._stop(EngineUnavailable("machine_differs", machine=machine.name))
            return
        member = self._members[number] = Member(actor=actor, machine=machine)
        self._free += [member] * self._seats
        self._tell()

    def _stop(self, fault: EngineUnavailable) -> None:
        self._fault = fault
        self._tell()

    def _tell(self) -> None:
        self._changed.set()


def _differs(error: RayError) -> EngineUnavailable:
    """Ray's text names the machine somewhere, and ends with what went wrong."""
    said = str(error).strip()
    named = re.search(r"\bip=([^,)\s]+)", said)
    machine = named[1] if named else "–"
    return EngineUnavailable("machine_differs", machine=machine, detail=said.splitlines()[-1])
