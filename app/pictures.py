"""Pictures of pages: each drawn once, however many ask, and kept in memory within a bound."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from database.records import Box

# A page of text at 1,000 pixels is 50 to 300 KiB: this keeps a few hundred pages.
KEPT_BYTES = 64 * 2**20

# Part of every tag: browsers keep pictures, and must ask again when pages come to be drawn otherwise.
_DRAWING = "3"


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """What is to be drawn: a page of a file (by its SHA-256), the boxes marked on it, its width in pixels."""

    sha256: str
    media_type: str
    page: int
    boxes: tuple[Box, ...]
    width: int

    @property
    def tag(self) -> str:
        """The same for the same picture, in any process."""
        return hashlib.sha256(f"{_DRAWING} {self!r}".encode()).hexdigest()[:32]


Draw = Callable[[Path, Picture], Awaitable[bytes]]


class Pictures:
    """Draws with `draw`, which raises RenderError."""

    def __init__(self, draw: Draw, kept_bytes: int = KEPT_BYTES) -> None:
        self._draw = draw
        self._room = kept_bytes
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._drawing: dict[str, asyncio.Task[bytes]] = {}

    async def get(self, path: Path, picture: Picture) -> bytes:
        """The picture as PNG. Raises RenderError.

        Whoever leaves while it is drawn doesn't stop it: others may wait for it, too.
        """
        tag = picture.tag
        if tag in self._kept:
            self._kept.move_to_end(tag)
            return self._kept[tag]
        if tag not in self._drawing:
            task = asyncio.create_task(self._draw_and_keep(path, picture, tag))
            # Its error is for those who wait; where nobody does any more, it isn't worth a log line.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._drawing[tag] = task
        return await asyncio.shield(self._drawing[tag])

    async def close(self) -> None:
        """Stop drawing."""
        tasks = list(self._drawing.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _draw_and_keep(self, path: Path, picture: Picture, tag: str) -> bytes:
        try:
            png = await self._draw(path, picture)
        finally:
            del self._drawing[tag]
        self._kept[tag] = png
        self._room -= len(png)
        while self._room < 0:
            _, oldest = self._kept.popitem(last=False)
            self._room += len(oldest)
        return png
