"""What was found, in the order of a reranker."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import pytest

from database.rerankers.order import Order, reordered


class Counting:
    """The score of a text is a tenth of its length; waits before it answers, or fails."""

    def __init__(
        self, name: str, *, wait: float = 0.0, failure: Exception | None = None, forget: int = 0
    ) -> None:
        self.name = name
        self.wait = wait
        self.failure = failure
        self.forget = forget
        self.asked: list[tuple[str, list[str]]] = []
        self.stopped = False

    async def rerank(self, question: str, texts: Sequence[str]) -> list[float]:
        self.asked.append((question, list(texts)))
        try:
            await asyncio.sleep(self.wait)
        except asyncio.CancelledError:
            self.stopped = True
            raise
        if self.failure:
            raise self.failure
        return [len(text) / 10 for text in texts][self.forget :]


ITEMS = [{"text": "bb", "n": 1}, {"text": "a", "n": 2}, {"text": "cc", "n": 3}, {"text": "dddd", "n": 4}]


async def order(reranker: Counting, seconds: float = 5.0) -> Order[dict[str, object]]:
    return await reordered(reranker, "qual?", ITEMS, lambda item: str(item["text"]), seconds)


async def test_the_best_comes_first() -> None:
    """With its score; of equal ones the one that came first."""
    reranker = Counting("a")
    found = await order(reranker)
    assert [item["n"] for item in found.items] == [4, 1, 3, 2]
    assert found.scores == [0.4, 0.2, 0.2, 0.1]
    assert found.reranked
    assert reranker.asked == [("qual?", ["bb", "a", "cc", "dddd"])]


@pytest.mark.parametrize(
    ("reranker", "said"),
    [
        (Counting("slow", wait=30.0), "slow takes longer than 0.05 s for 4 passages"),
        (
            Counting("failed", failure=RuntimeError("out of memory")),
            "failed failed: RuntimeError: out of memory",
        ),
        (Counting("forgets", forget=1), "forgets failed: ValueError"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
async def test_without_a_reranker_in_time_the_order_is_as_it_came(
    reranker: Counting, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The result says so, and the log does once."""
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            found = await order(reranker, 0.05)
            assert found.items == ITEMS
            assert found.scores is None
            assert not found.reranked
    assert len(caplog.records) == 1
    assert caplog.records[0].getMessage().startswith(said)
    assert reranker.stopped == bool(reranker.wait)


async def test_whoever_leaves_stops_it() -> None:
    """And is not taken for one who waited too long."""
    reranker = Counting("left", wait=30.0)
    task = asyncio.create_task(order(reranker))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert reranker.stopped
