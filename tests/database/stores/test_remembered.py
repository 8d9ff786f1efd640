"""What is remembered of a file until it changes."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from database.stores.remembered import Remembered


class Counting:
    """Reads a value, and counts how often."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.times = 0
        self._connection = connection

    async def __call__(self) -> int:
        self.times += 1
        await asyncio.sleep(0)
        ((value,),) = self._connection.execute("select value from things")
        return int(value)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(tmp_path / "file", isolation_level=None)
    connection.execute("pragma journal_mode = wal")
    connection.execute("create table things (value integer)")
    connection.execute("insert into things values (1)")
    yield connection
    connection.close()


async def test_it_is_read_again_when_somebody_has_written(
    connection: sqlite3.Connection, tmp_path: Path
) -> None:
    """And only then."""
    remembered, read = Remembered(tmp_path / "file"), Counting(connection)
    assert [await remembered.get("value", read) for _ in range(3)] == [1, 1, 1]
    assert read.times == 1
    connection.execute("update things set value = 2")
    await asyncio.sleep(0)
    assert [await remembered.get("value", read) for _ in range(3)] == [2, 2, 2]
    assert read.times == 2
    remembered.forget()
    await asyncio.sleep(0)
    assert await remembered.get("value", read) == 2
    assert read.times == 3
    remembered.close()


async def test_what_was_being_read_while_it_changed_is_not_kept(
    connection: sqlite3.Connection, tmp_path: Path
) -> None:
    """Who asked before the change may get either; who asks after it gets the new."""
    remembered = Remembered(tmp_path / "file")
    go = asyncio.Event()

    async def slow() -> str:
        await go.wait()
        return "old"

    async def fresh() -> str:
        return "new"

    asked_before = asyncio.create_task(remembered.get("value", slow))
    await asyncio.sleep(0)
    connection.execute("update things set value = 2")
    await asyncio.sleep(0)
    assert await remembered.get("value", fresh) == "new"
    go.set()
    assert await asked_before == "old"
    assert await remembered.get("value", fresh) == "new"
    remembered.close()
