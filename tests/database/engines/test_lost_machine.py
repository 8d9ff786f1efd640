"""A machine that goes away in the middle of the work."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.database.engines.conftest import SECOND_MACHINE
from tests.database.engines.notes import first_to_end, noted, wait_noting

if TYPE_CHECKING:
    from database.engines.ray_workers import RayWorkers

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_calls_of_a_machine_that_is_lost_are_made_elsewhere(
    ray_machines: Any, workers: RayWorkers, tmp_path: Path
) -> None:
    """Both calls return, from the one that is left; nothing goes on where nobody waits for it."""
    note, leave = str(tmp_path / "note"), tmp_path / "leave"
    tasks = [asyncio.create_task(workers.run(60, wait_noting, note, str(leave))) for _ in range(2)]
    begun = dict(await noted(note, 2))
    ray_machines.remove_node(ray_machines.list_all_nodes()[-1], allow_graceful=False)
    try:
        lost = await asyncio.wait_for(first_to_end(*begun), 30)
        leave.touch()
        actors = await asyncio.gather(*tasks)
        assert len(set(actors)) == 1
        assert begun[lost] not in actors
        assert len(await noted(note)) == 3
    finally:
        ray_machines.add_node(**SECOND_MACHINE)
