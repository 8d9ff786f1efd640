"""What was read of an SQLite file, for as long as nobody changes it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


class Remembered:
    """A question needs the same few things of the catalogue again and again; that the file is as it was costs
    a few millionths of a second to know, and no other thread.
    """

    def __init__(self, path: Path) -> None:
        """Raises sqlite3.Error. The file must be there."""
        self._looking = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        self._looked = False
        self._found: int | None = None
        self._version: int | None = None
        self._known: dict[str, Any] = {}
        self._changes = 0

    def close(self) -> None:
        self._looking.close()

    async def get(self, key: str, read: Callable[[], Awaitable[T]]) -> T:
        """What `read` gives, or gave since the file was last changed."""
        known = self.known()
        if key not in known:
            known[key] = await read()
        value: T = known[key]
        return value

    def known(self) -> dict[str, Any]:
        """By its key; empty since the last change."""
        version = self._now()
        if version is None or version != self._version:
            # A new one: who still reads for the former adds to that.
            self._version, self._known = version, {}
            self._changes += 1
        return self._known

    def changes(self) -> int:
        """A number that is another one whenever the file may have changed."""
        self.known()
        return self._changes

    def forget(self) -> None:
        self._version = None

    def _now(self) -> int | None:
        """Looked up once in a turn of the event loop: whatever somebody waited for was there before it."""
        if not self._looked:
            self._looked, self._found = True, self._look()
            asyncio.get_running_loop().call_soon(self._look_again)
        return self._found

    def _look_again(self) -> None:
        self._looked = False

    def _look(self) -> int | None:
        try:
            ((version,),) = self._looking.execute("pragma data_version")
        except sqlite3.Error:
            return None  # what reads it says why
        return int(version)
