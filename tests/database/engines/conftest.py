"""A Ray cluster of two machines with a core each; both are this one. One believes that it has a GPU."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

if TYPE_CHECKING:
    from database.engines.cluster import Cluster
    from database.engines.ray_workers import RayWorkers

# How soon a machine that is lost is noticed: Ray's own bounds would make the tests wait for half a minute.
_HEALTH = {
    "health_check_initial_delay_ms": 2000,
    "health_check_period_ms": 1000,
    "health_check_failure_threshold": 3,
}

_ROOT = Path(__file__).parents[3]

_MACHINE = {"num_cpus": 1, "object_store_memory": 80 * 2**20}  # bytes, the least that Ray takes
SECOND_MACHINE = {**_MACHINE, "num_gpus": 1}


@pytest.fixture(scope="session")
def ray_machines() -> Iterator[Any]:
    """Ray's own class for tests; its `address` is what people give."""
    cluster_utils = pytest.importorskip("ray.cluster_utils", reason="Ray has no build for this Python")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RAY_USAGE_STATS_ENABLED", "0")
        # Acervo is installed on every machine, wherever its commands are typed.
        environment.setenv("PYTHONPATH", str(_ROOT), prepend=os.pathsep)
        yield from _machines(cluster_utils)


def _machines(cluster_utils: Any) -> Iterator[Any]:
    machines = cluster_utils.Cluster(
        initialize_head=True,
        head_node_args={**_MACHINE, "include_dashboard": False, "_system_config": _HEALTH},
    )
    machines.add_node(**SECOND_MACHINE)
    yield machines
    machines.shutdown()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cluster(ray_machines: Any) -> AsyncIterator[Cluster]:
    from database.engines.cluster import open_cluster

    async with open_cluster(ray_machines.address) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workers(cluster: Cluster) -> AsyncIterator[RayWorkers]:
    from database.engines.ray_workers import RayWorkers

    async with RayWorkers(cluster) as running:
        yield running
