"""Processes in which documents are opened, on every machine of a Ray cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

import ray
from ray.exceptions import RayError, RayTaskError

from database.engines.cluster import Cluster
from database.engines.crew import Crew, Member
from database.engines.ray_node import Reader
from database.engines.shipping import Shipping
from database.errors import SourceError

P = ParamSpec("P")
R = TypeVar("R")

_TRIES = 3  # of a call whose machine was lost
_SECONDS_MORE = 30.0  # than a call may take: then its machine doesn't answer any more, whatever the document
_SECONDS_TO_STOP = 5.0  # of a call that was cancelled, and of actors at the end


class RayWorkers:
    """As Workers, a process a core of the cluster unless told otherwise. `async with` ends them.

    A call is tried again elsewhere where its machine is lost. Machines that don't share this one's disk are
    sent the files that they need, once each.
    """

    def __init__(self, cluster: Cluster, processes: int | None = None) -> None:
        self.processes = processes or cluster.cores
        actor: Any = ray.remote(Reader)
        options = {"num_cpus": 1, "scheduling_strategy": "SPREAD"}
        self._crew = Crew(lambda _: actor.options(**options).remote(cluster.job), size=self.processes)
        self._shipping = Shipping(self._crew)
        self._stopping: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(*self._stopping)
        ends = [_ended(member) for member in self._crew.members]
        await asyncio.gather(*ends)
        await self._crew.end()

    def warm(self, function: Callable[[], None]) -> None:
        """Begin the actors. Their processes prepare themselves when they are first used: that is soon, and
        there are many of them.
        """
        self._crew.begin(self.processes)

    async def run(self, seconds: float, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """As Processes.run."""
        for attempt in range(_TRIES):
            member = await self._crew.take(lambda one: self._shipping.has(one.machine.node, args, kwargs))
            try:
                result: R = await self._run(member, seconds, function, args, kwargs)
            except RayTaskError as error:
                self._crew.give_back(member)
                raise error.cause from None
            except (RayError, TimeoutError) as error:
                self._replace(member)
                if attempt == _TRIES - 1:
                    raise _gave_up(error) from None
            except asyncio.CancelledError:
                raise  # the member is given back when it has stopped
            except BaseException:
                self._crew.give_back(member)
                raise
            else:
                self._crew.give_back(member)
                return result
        raise AssertionError("the last attempt returns or raises")

    async def _run(
        self,
        member: Member,
        seconds: float,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        running = None
        try:
            async with self._shipping.at(member, args, kwargs) as (there, named):
                running = member.actor.run.remote(seconds, function, there, named)
                return await asyncio.wait_for(running, seconds + _SECONDS_MORE)
        except asyncio.CancelledError:
            task = asyncio.create_task(self._stop(member, running))
            self._stopping.add(task)
            task.add_done_callback(self._stopping.discard)
            raise

    def _replace(self, member: Member) -> None:
        self._shipping.forget(member.machine.node)
        self._crew.replace(member)

    async def _stop(self, member: Member, running: Any) -> None:
        """Nobody waits for the call any more: its process is killed, and its actor takes the next one."""
        if running is not None:
            ray.cancel(running)
            try:
                await asyncio.wait_for(running, _SECONDS_TO_STOP)
            except RayTaskError:
                pass  # it says that it was cancelled
            except (RayError, TimeoutError):
                self._replace(member)
                return
        self._crew.give_back(member)


async def _ended(member: Member) -> None:
    with suppress(RayError, TimeoutError):  # then it is killed
        await asyncio.wait_for(member.actor.end.remote(), _SECONDS_TO_STOP)


def _gave_up(error: Exception) -> SourceError:
    if isinstance(error, TimeoutError):
        return SourceError("too_slow", f"{_TRIES} machines no longer answered while they read it.")
    return SourceError("broken", f"{_TRIES} machines were lost while they read it: {error}")
