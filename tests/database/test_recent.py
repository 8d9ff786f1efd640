"""What was computed lately is computed once, until something changes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from database.recent import Recent


def counting(results: list[object], seconds: float = 0) -> Callable[[], Awaitable[int]]:
    """Gives 0, 1, 2 …, and notes each; fails where an error is in its place."""
    numbers = iter(range(100))

    async def compute() -> int:
        number = next(numbers)
        await asyncio.sleep(seconds)
        if number < len(results) and isinstance(results[number], Exception):
            raise results[number]  # type: ignore[misc]
        return number

    return compute


async def test_it_is_computed_once_in_a_state() -> None:
    """Each key by itself; another state knows nothing."""
    recent: Recent[int] = Recent(8)
    compute = counting([])
    assert [await recent.get(1, key, compute) for key in "aab"] == [0, 0, 1]
    assert await recent.get(2, "a", compute) == 2
    assert await recent.get(1, "a", compute) == 3


async def test_who_asks_meanwhile_waits_with_the_others() -> None:
    """And one who leaves takes it from nobody."""
    recent: Recent[int] = Recent(8)
    compute = counting([], seconds=0.01)
    first, *others = (asyncio.create_task(recent.get(1, "a", compute)) for _ in range(4))
    await asyncio.sleep(0)
    first.cancel()
    assert await asyncio.gather(*others) == [0, 0, 0]
    assert first.cancelled()


async def test_failures_are_not_kept() -> None:
    """Everybody who waited is told; the next one tries again."""
    recent: Recent[int] = Recent(8)
    compute = counting([ValueError("no"), 1])
    told = await asyncio.gather(*(recent.get(1, "a", compute) for _ in range(2)), return_exceptions=True)
    assert [str(error) for error in told] == ["no", "no"]
    assert await recent.get(1, "a", compute) == 1


async def test_the_oldest_are_let_go() -> None:
    """Those that were asked for lately stay."""
    recent: Recent[int] = Recent(2)
    compute = counting([])
    assert [await recent.get(1, key, compute) for key in "abaca"] == [0, 1, 0, 2, 0]
    assert await recent.get(1, "b", compute) == 3


async def test_what_changes_meanwhile_is_not_for_who_asks_afterwards() -> None:
    """A search that was begun before a document came isn't the answer to one begun after it."""
    recent: Recent[int] = Recent(8)
    compute = counting([], seconds=0.01)
    before = asyncio.create_task(recent.get(1, "a", compute))
    await asyncio.sleep(0)
    assert await recent.get(2, "a", compute) == 1
    assert await before == 0
