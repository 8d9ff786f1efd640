"""What is asked at the same time is computed together."""

from __future__ import annotations

import asyncio

import pytest

from database.batches import Batches


class Doubling:
    """Doubles numbers, one batch at a time, each when it is let go; 13 can't be doubled."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go = asyncio.Semaphore(0)

    async def __call__(self, numbers: list[int]) -> list[int]:
        self.batches.append(numbers)
        await self.go.acquire()
        if 13 in numbers:
            raise ValueError("13")
        return [2 * number for number in numbers]


async def begun(batches: Batches[int, int], *numbers: int) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(batches.ask(number)) for number in numbers]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_what_comes_while_a_batch_is_computed_is_the_next_one() -> None:
    """Each gets its own answer, and no batch is larger than allowed."""
    double = Doubling()
    batches = Batches(double, most=3)
    tasks = await begun(batches, 1)
    assert double.batches == [[1]], "nothing waits while nothing is computed"
    tasks += await begun(batches, 2, 3, 4, 5)
    for _ in range(3):
        double.go.release()
    assert list(await asyncio.gather(*tasks)) == [2, 4, 6, 8, 10]
    assert double.batches == [[1], [2, 3, 4], [5]]


async def test_several_batches_can_be_computed_at_a_time() -> None:
    """What comes when one of them has ended is computed at once."""
    double = Doubling()
    batches = Batches(double, most=2, at_once=2)
    tasks = await begun(batches, 1, 2, 3, 4, 5)
    assert double.batches == [[1, 2], [3, 4]]
    double.go.release()
    tasks[0:2] = [asyncio.ensure_future(asyncio.sleep(0, await task)) for task in tasks[0:2]]
    await asyncio.sleep(0)
    assert double.batches == [[1, 2], [3, 4], [5]]
    double.go.release()
    double.go.release()
    assert list(await asyncio.gather(*tasks)) == [2, 4, 6, 8, 10]
    (last,) = await begun(batches, 6)
    double.go.release()
    assert await last == 12


async def test_it_begins_again_when_it_has_been_idle() -> None:
    """As fast as the first time."""
    double = Doubling()
    batches = Batches(double, most=3)
    for number in (1, 2):
        (task,) = await begun(batches, number)
        double.go.release()
        assert await task == 2 * number
    assert double.batches == [[1], [2]]


async def test_what_nobody_waits_for_is_not_computed() -> None:
    """And who leaves a batch that is being computed disturbs nobody."""
    double = Doubling()
    batches = Batches(double, most=3)
    first, beside = await begun(batches, 1, 2)
    left, stays = await begun(batches, 3, 4)
    beside.cancel()
    left.cancel()
    await asyncio.sleep(0)
    double.go.release()
    double.go.release()
    assert (await first, await stays) == (2, 8)
    assert double.batches == [[1, 2], [4]]


async def test_an_error_reaches_all_of_its_batch_and_nobody_else() -> None:
    """The next batch is computed as if nothing had been."""
    double = Doubling()
    batches = Batches(double, most=2)
    tasks = await begun(batches, 13, 1, 2)
    double.go.release()
    double.go.release()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [ValueError, ValueError, int]


async def test_too_few_results_are_an_error() -> None:
    """Nobody waits for ever, and nobody gets another's."""

    async def forgetful(numbers: list[int]) -> list[int]:
        return numbers[1:]

    with pytest.raises(ValueError, match="shorter"):
        await asyncio.wait_for(Batches(forgetful, most=2).ask(1), 1)
