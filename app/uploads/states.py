"""How far each document is, for whoever follows it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Literal

Status = Literal[
    "queued", "waiting", "converting", "embedding", "ready", "failed", "cancelled", "removed", "described"
]

_FINAL = frozenset({"ready", "failed", "cancelled", "removed", "described"})
_REMEMBERED = 1_000  # ends: those that the collection knows itself are told from there
_REPEAT_SECONDS = 15.0  # proxies take a silent connection for a dead one


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """`pages` is None where it isn't known or the format has none. `code` is a reason to fail or to wait.

    While it is `embedding`, its text is found; `passages_done` are found by vectors, too. `document` is
    where its bytes were already, if that isn't the one that was asked about.
    """

    status: Status
    pages: int | None = None
    pages_done: int = 0
    passages: int = 0
    passages_done: int = 0
    document: str | None = None
    code: str | None = None
    unchanged: bool = False

    @property
    def final(self) -> bool:
        return self.status in _FINAL


class Board:
    """The newest state of each document. A follower that is slow misses some, and never the last."""

    def __init__(self) -> None:
        self._open: dict[str, State] = {}
        self._ended: OrderedDict[str, State] = OrderedDict()
        self._changed: dict[str, asyncio.Event] = {}
        self.closed = False

    def post(self, document: str, state: State) -> None:
        self._open.pop(document, None)
        self._ended.pop(document, None)
        if state.final:
            self._ended[document] = state
            while len(self._ended) > _REMEMBERED:
                self._ended.popitem(last=False)
        else:
            self._open[document] = state
        self._wake(document)

    def state(self, document: str) -> State | None:
        return self._open.get(document) or self._ended.get(document)

    def forget(self, document: str) -> None:
        """What is known of it from before means nothing any more."""
        self._open.pop(document, None)
        self._ended.pop(document, None)

    def close(self) -> None:
        """End what follows."""
        self.closed = True
        for document in list(self._changed):
            self._wake(document)

    async def follow(self, document: str) -> AsyncGenerator[State, None]:
        """The state now and whenever it changed, to the last; at least one in a while, changed or not."""
        while not self.closed and (state := self.state(document)) is not None:
            changed = self._changed.setdefault(document, asyncio.Event())
            yield state
            if state.final:
                return
            try:
                async with asyncio.timeout(_REPEAT_SECONDS):
                    await changed.wait()
            except TimeoutError:
                continue

    def _wake(self, document: str) -> None:
        if changed := self._changed.pop(document, None):
            changed.set()
