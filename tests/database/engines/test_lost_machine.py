"""A machine that goes away in the middle of the work."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.database.engines.conftest import MACHINE
from tests.database.engines.notes import ends, noted, sleep_noting

if TYPE_CHECKING:
    from database.engines.ray_workers import RayWorkers

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_calls_of_a_machine_that_is_lost_are_made_elsewhere(
    ray_machines: Any, workers: RayWorkers, tmp_path: Path
) -> None:
    """Both calls return, from the one that is left; nothing goes on where nobody waits for it."""
    note = str(tmp_path / "note")
    tasks = [asyncio.create_task(workers.run(60, sleep_noting, note, 2.0)) for _ in range(2)]
    begun = await noted(note, 2)
    lost = ray_machines.list_all_nodes()[-1]
    ray_machines.remove_node(lost, allow_graceful=False)
    try:
        actors = await asyncio.gather(*tasks)
        assert len(set(actors)) == 1
        assert len(await noted(note)) == 3
        (child,) = (child for child, actor in begun if actor not in actors)
        assert await ends(child)
    finally:
        ray_machines.add_node(**MACHINE)
