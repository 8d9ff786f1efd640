"""Files that travel to the machines of a cluster."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from database.engines.cluster import Cluster

pytestmark = pytest.mark.asyncio(loop_scope="module")


def _place(path: Path) -> tuple[Path, bytes]:
    return path, path.read_bytes()


@contextmanager
def _hidden(path: Path, data: bytes) -> Iterator[Path]:
    """A path that means this file to this process alone, as where disks aren't shared."""
    path.write_bytes(data)
    handle = os.open(path, os.O_RDONLY)
    path.unlink()
    try:
        yield Path(f"/dev/fd/{handle}")
    finally:
        os.close(handle)


async def test_a_file_travels_to_each_machine_that_lacks_it(cluster: Cluster, tmp_path: Path) -> None:
    """Once; nobody else may read it there; and it is gone when enough others were used, or at the end."""
    from database.engines.ray_workers import RayWorkers

    async with RayWorkers(cluster) as workers:
        path = tmp_path / "a.txt"
        for data in (b"x", b"changed"):
            path.write_bytes(data)
            assert await workers.run(30, _place, path) == (path, data), "nothing is copied on a shared disk"
        with pytest.raises(FileNotFoundError):
            await workers.run(30, _place, tmp_path / "none")

        with _hidden(tmp_path / "a", b"a document") as hidden:
            places = set[Path]()
            for _ in range(100):  # until the other machine's actor has begun
                sent = await asyncio.gather(*(workers.run(30, _place, hidden) for _ in range(4)))
                assert {data for _, data in sent} == {b"a document"}
                places |= {place for place, _ in sent}
                if len(places) == 2:
                    break
                await asyncio.sleep(0.1)
        assert len(places) == 2, "one for each machine"
        assert hidden not in places
        assert {place.parent.stat().st_mode & 0o777 for place in places} == {0o700}
        for number in range(20):
            with _hidden(tmp_path / "b", b"%d" % number) as other:
                assert (await workers.run(30, _place, other))[1] == b"%d" % number
        for place in places:
            for _ in range(200):
                if not place.exists():
                    break
                await asyncio.sleep(0.02)
            assert not place.exists()
        assert any(any(place.parent.iterdir()) for place in places), "the last ones stay for other calls"
    assert not any(place.parent.exists() for place in places)
