"""What every reranker promises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Reranker(Protocol):
    """Reads a question and a passage together, which tells more than their vectors, and takes longer."""

    @property
    def name(self) -> str:
        """Names the model."""

    async def rerank(self, question: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers the question, 0..1, in the order of the texts.

        A call that is cancelled stops to compute soon.
        """
