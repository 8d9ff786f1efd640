"""A Ray cluster, while this process takes part in it."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import ray

from database.errors import EngineUnavailable

_AUTO = "auto"  # the cluster that runs on this machine
_SECONDS_TO_ANSWER = 5.0
_CLIENT = "ray://"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cluster:
    """What it has. `job` names this run, and nobody can guess it: folders on other machines carry it."""

    job: str
    cores: int
    gpus: int
    nodes: tuple[str, ...]
    """The ids of its machines."""


@asynccontextmanager
async def open_cluster(address: str | None) -> AsyncIterator[Cluster]:
    """Raises EngineUnavailable where it can't be reached, or runs another Ray or Python."""
    wanted = address or os.environ.get("RAY_ADDRESS") or _AUTO
    await asyncio.to_thread(_knock, wanted)
    _connect(wanted)  # in this thread, which is the one that may handle signals: half a second
    try:
        yield await asyncio.to_thread(_described)
    finally:
        await asyncio.to_thread(ray.shutdown)


def _connect(address: str) -> None:
    try:
        ray.init(
            address=address, log_to_driver=False, configure_logging=False, logging_level=logging.CRITICAL
        )
    except (Exception, SystemExit) as error:  # noqa: BLE001  (its errors have no common class, and it may exit)
        raise EngineUnavailable("cluster_unreachable", detail=f"{address}: {error}") from None


def _knock(address: str) -> None:
    """Ray itself waits two minutes for an answer, and writes about it every few seconds."""
    host, _, port = address.removeprefix(_CLIENT).rpartition(":")
    if not port.isdecimal():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), _SECONDS_TO_ANSWER).close()
    except OSError as error:
        raise EngineUnavailable("cluster_unreachable", detail=f"{address}: {error}") from None


def _described() -> Cluster:
    has = ray.cluster_resources()
    return Cluster(
        job=secrets.token_hex(8),
        cores=max(1, int(has.get("CPU", 0))),
        gpus=int(has.get("GPU", 0)),
        nodes=tuple(node["NodeID"] for node in ray.nodes() if node["Alive"]),
    )
