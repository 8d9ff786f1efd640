"""Questions asked at the same time are embedded together, and one that is asked again, not at all."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable

from database.batches import Batches
from database.stores.base import Vectors

_MOST_TOGETHER = 32
_REMEMBERED = 256  # of 1,024 numbers each, a megabyte


class Questions:
    """`embed` makes float32[n, dimensions] of up to `most` texts, `at_once` times at a time."""

    def __init__(
        self,
        embed: Callable[[list[str]], Awaitable[Vectors]],
        *,
        most: int = _MOST_TOGETHER,
        at_once: int = 1,
    ) -> None:
        self._embed = embed
        self._batches: Batches[str, Vectors] = Batches(self._together, most=most, at_once=at_once)
        self._remembered: OrderedDict[str, Vectors] = OrderedDict()

    async def embed(self, text: str) -> Vectors:
        """float32[dimensions], which can't be written to. Raises what `embed` raises."""
        if (vector := self._remembered.get(text)) is None:
            vector = self._remembered[text] = await self._batches.ask(text)
        self._remembered.move_to_end(text)
        while len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)
        return vector

    async def _together(self, texts: list[str]) -> list[Vectors]:
        different = list(dict.fromkeys(texts))
        vectors = await self._embed(different)
        vectors.flags.writeable = False
        of = dict(zip(different, vectors, strict=True))
        return [of[text] for text in texts]
