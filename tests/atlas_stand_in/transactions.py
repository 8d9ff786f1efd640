"""Transactions that are open: what they have written, and who must wait for them.

SecantusDB stops for good where a plain write meets a document that an open transaction has written and the
transaction then goes on. In MongoDB such a write waits for the transaction's end; here the proxy sees to it
that the two are never under way at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from typing import Any

from bson import encode

from tests.atlas_stand_in.mirror import Write
from tests.atlas_stand_in.rows import id_key
from tests.atlas_stand_in.writes import Writes

LIFETIME_SECONDS = 60.0  # MongoDB aborts a transaction that is older
PATIENCE_SECONDS = 5.0  # of a write that may not be in the way after all


def session_of(command: Mapping[str, Any]) -> bytes:
    return encode(command.get("lsid") or {})


class Transactions:
    """The open transactions of all connections, by session, and the plain writes that are under way."""

    def __init__(self) -> None:
        self._open: dict[bytes, Writes] = {}
        self._begun: dict[bytes, float] = {}
        self._plain: dict[object, Writes] = {}
        self._changed = asyncio.Event()

    async def statement(self, session: bytes, writes: Writes) -> None:
        """Notes what a statement of a transaction writes; returns when no plain write is in its way."""
        self._begun.setdefault(session, time.monotonic())
        into = self._open.setdefault(session, {})
        for namespace, write in writes.items():
            into.setdefault(namespace, Write()).add(write)
        await self._until(lambda: not any(may_meet(writes, plain) for plain in self._plain.values()))

    def end(self, session: bytes) -> Writes:
        """Forgets a transaction that was committed or aborted; what it had written."""
        self._begun.pop(session, None)
        writes = self._open.pop(session, {})
        self._changed.set()
        return writes

    async def plain(self, key: object, writes: Writes) -> None:
        """Notes a plain write, when no open transaction is in its way."""
        await self._until(lambda: not any(may_meet(writes, theirs) for theirs in self._living()))
        self._plain[key] = writes

    def done(self, key: object) -> None:
        """The plain write is over."""
        if self._plain.pop(key, None) is not None:
            self._changed.set()

    def _living(self) -> list[Writes]:
        oldest = time.monotonic() - LIFETIME_SECONDS
        return [writes for session, writes in self._open.items() if self._begun[session] > oldest]

    async def _until(self, clear: Callable[[], bool]) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not clear():
                    self._changed.clear()
                    await self._changed.wait()


def may_meet(ones: Writes, others: Writes) -> bool:
    """Whether there can be a document that both write."""
    return any(
        _may_meet(write, others[namespace]) for namespace, write in ones.items() if namespace in others
    )


def _may_meet(one: Write, other: Write) -> bool:
    if one.deleted or one.changed or other.deleted or other.changed:
        return True
    return not {id_key(key) for key in one.ids}.isdisjoint(id_key(key) for key in other.ids)
