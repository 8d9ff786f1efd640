"""Following how far documents are."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from app.uploads import states
from app.uploads.states import Board, State

QUEUED, READY = State(status="queued"), State(status="ready")


def converting(done: int) -> State:
    return State(status="converting", pages=9, pages_done=done)


async def test_a_follower_gets_the_state_now_and_every_later_one() -> None:
    """And the last one is the last."""
    board = Board()
    board.post("a", QUEUED)
    seen = []
    async with aclosing(board.follow("a")) as followed:
        async for state in followed:
            seen.append(state)
            board.post("a", converting(1) if state == QUEUED else READY)
    assert seen == [QUEUED, converting(1), READY]


async def test_a_slow_follower_misses_some_and_never_the_last() -> None:
    """Nothing is kept for it meanwhile."""
    board = Board()
    board.post("a", QUEUED)
    async with aclosing(board.follow("a")) as followed:
        assert await anext(followed) == QUEUED
        for done in range(9):
            board.post("a", converting(done))
        assert await anext(followed) == converting(8)
        board.post("a", converting(9))
        board.post("a", READY)
        assert [state async for state in followed] == [READY]


async def test_an_end_is_told_at_once_to_whoever_comes_later() -> None:
    """Without waiting for anything."""
    board = Board()
    board.post("a", READY)
    assert [state async for state in board.follow("a")] == [READY]
    assert [state async for state in board.follow("b")] == []


async def test_many_follow_the_same_document() -> None:
    """Each to its end."""
    board = Board()
    board.post("a", QUEUED)

    async def follow() -> State:
        return [state async for state in board.follow("a")][-1]

    following = [asyncio.create_task(follow()) for _ in range(50)]
    await asyncio.sleep(0)
    board.post("a", READY)
    assert await asyncio.gather(*following) == [READY] * 50


async def test_a_silent_document_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies close connections on which nothing comes."""
    monkeypatch.setattr(states, "_REPEAT_SECONDS", 0.01)
    board = Board()
    board.post("a", QUEUED)
    async with aclosing(board.follow("a")) as followed:
        assert [await anext(followed) for _ in range(3)] == [QUEUED] * 3


async def test_closing_ends_what_follows() -> None:
    """A server that stops waits for nobody's document."""
    board = Board()
    board.post("a", QUEUED)
    async with aclosing(board.follow("a")) as followed:
        await anext(followed)
        board.close()
        assert [state async for state in followed] == []


def test_only_the_latest_ends_are_remembered() -> None:
    """The collection knows the others."""
    board = Board()
    for number in range(1_500):
        board.post(str(number), READY)
    assert board.state("0") is None
    assert board.state("1499") == READY
