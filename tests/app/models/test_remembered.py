"""Values remembered for a while."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from app.models.remembered import BAD_SECONDS, GOOD_SECONDS, PATIENCE_SECONDS, Remembered


@dataclass
class World:
    """What is asked about, at a time that the test moves."""

    answer: str = "good"
    now: float = 0.0
    asked: int = 0
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self) -> str:
        self.asked += 1
        await self.may_answer.wait()
        return self.answer


@pytest.fixture
def world() -> World:
    world = World()
    world.may_answer.set()
    return world


@pytest.fixture
def remembered(world: World) -> Remembered[str]:
    return Remembered(world.ask, lambda value: value == "good", clock=lambda: world.now)


async def settle() -> None:
    """Let what was started in the background come to its end."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_asks_once_for_all_who_want_to_know(world: World, remembered: Remembered[str]) -> None:
    """A hundred questions at once are one question to Ollama."""
    assert await asyncio.gather(*(remembered.get() for _ in range(100))) == ["good"] * 100
    assert world.asked == 1


async def test_a_fresh_value_is_not_asked_for_again(world: World, remembered: Remembered[str]) -> None:
    """Good ones stay fresh for longer than bad ones."""
    await remembered.get()
    world.now = GOOD_SECONDS - 0.1
    await remembered.get()
    assert world.asked == 1


async def test_an_old_good_value_is_renewed_behind_the_back(
    world: World, remembered: Remembered[str]
) -> None:
    """Nobody waits, even where the renewal takes long; who comes later profits."""
    await remembered.get()
    world.now, world.answer = GOOD_SECONDS + 0.1, "bad"
    world.may_answer.clear()
    assert await asyncio.wait_for(remembered.get(), 0.05) == "good"
    world.may_answer.set()
    await settle()
    assert await remembered.get() == "bad"
    assert world.asked == 2


async def test_an_old_bad_value_is_renewed_first(world: World, remembered: Remembered[str]) -> None:
    """Ollama was started a moment ago, and the question should go to it."""
    world.answer = "bad"
    assert await remembered.get() == "bad"
    world.now, world.answer = BAD_SECONDS + 0.1, "good"
    assert await remembered.get() == "good"


async def test_patience_with_a_renewal_ends(world: World, remembered: Remembered[str]) -> None:
    """A host that swallows connections doesn't delay every answer."""
    world.answer = "bad"
    await remembered.get()
    world.now = BAD_SECONDS + 0.1
    world.may_answer.clear()
    assert await asyncio.wait_for(remembered.get(), PATIENCE_SECONDS + 0.3) == "bad"
    await remembered.close()


async def test_a_forgotten_value_is_asked_for_again(world: World, remembered: Remembered[str]) -> None:
    """It turned out to be wrong."""
    await remembered.get()
    remembered.forget()
    world.answer = "bad"
    assert await remembered.get() == "bad"


async def test_who_leaves_does_not_stop_the_asking(world: World, remembered: Remembered[str]) -> None:
    """Others wait for the same answer."""
    world.may_answer.clear()
    one, other = asyncio.create_task(remembered.get()), asyncio.create_task(remembered.get())
    await settle()
    one.cancel()
    await settle()
    world.may_answer.set()
    assert await other == "good"
