"""Puts what was found into the order of a reranker, as far as its time reaches."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

from database.rerankers.base import Reranker

T = TypeVar("T")

_told: set[tuple[str, str]] = set()

logger = logging.getLogger(__name__)


class Order(NamedTuple, Generic[T]):
    """`items`, best first, with the score (0..1) of each; without scores they are in the order as it came."""

    items: list[T]
    scores: list[float] | None

    @property
    def reranked(self) -> bool:
        return self.scores is not None


async def reordered(
    reranker: Reranker, question: str, items: Sequence[T], text_of: Callable[[T], str], seconds: float
) -> Order[T]:
    """The items by the reranker's scores; of equal ones the earlier item goes first.

    Where the reranker takes longer than `seconds`, or fails, they stay as they came: a question is answered
    all the same, and the log says so, once of each kind.
    """
    try:
        async with asyncio.timeout(seconds):
            scores = await reranker.rerank(question, [text_of(item) for item in items])
        ranked = sorted(zip(scores, items, strict=True), key=lambda pair: -pair[0])
    except TimeoutError:
        _tell(reranker, "slow", f"takes longer than {seconds:g} s for {len(items)} passages")
    except Exception as error:  # noqa: BLE001 - whatever a model does, the question is answered
        _tell(reranker, "failed", f"failed: {type(error).__name__}: {error}")
    else:
        return Order([item for _, item in ranked], [score for score, _ in ranked])
    return Order(list(items), None)


def _tell(reranker: Reranker, kind: str, what: str) -> None:
    if (reranker.name, kind) not in _told:
        _told.add((reranker.name, kind))
        logger.warning("%s %s; what was found stays in the order in which it was found", reranker.name, what)
