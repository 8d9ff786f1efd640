"""The embedded store's passages in memory, where they are few enough, and as new as what is searched."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import lancedb
import pyarrow as pa

from database.errors import StoreUnavailable
from database.records import Chunk
from database.seen import Seen
from database.stores import lance_rows
from database.stores.catalogue import Shown
from database.stores.in_memory import InMemory
from database.stores.lance_passages import LancePassages

MOST = 16_000  # passages; 8 kB each

# While documents are loaded, the table changes every second; then LanceDB answers, and the memory is renewed
# so seldom that this takes no more than a tenth of the time.
_REST = 9  # times as long as it took

Table = Callable[[], Awaitable[lancedb.AsyncTable | None]]
Now = Callable[[], Awaitable[Shown]]


class LanceMemory:
    """Renewed in the background, from `table` and what is shown `now`, when a question finds it outdated."""

    def __init__(self, table: Table, now: Now, passages: LancePassages) -> None:
        self._table = table
        self._now = now
        self._passages = passages
        self._wanted = False
        self._shown: Shown | None = None
        self._state: object = None
        self._held: InMemory | None = None
        self._renewing: asyncio.Task[None] | None = None
        self._not_before = 0.0

    async def start(self) -> bool:
        """Hold the passages from now on; whether they are few enough.

        Raises what reading the table raises.
        """
        try:
            await self._renew()
        finally:
            self._wanted = True  # not before: a question meanwhile would have all of it read once more
        return self._held is not None

    async def close(self) -> None:
        self._wanted = False
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.gather(self._renewing, return_exceptions=True)

    def of(self, shown: Shown) -> InMemory | None:
        """The passages as they are while this is shown; None where LanceDB has to be asked. Every write is
        told to the catalogue, which gives another `shown` then.
        """
        if self._shown is shown:
            return self._held
        idle = self._renewing is None or self._renewing.done()
        if self._wanted and idle and time.monotonic() >= self._not_before:
            self._renewing = asyncio.create_task(self._try_to_renew())
        return None

    async def _try_to_renew(self) -> None:
        # LanceDB, which answers instead, says why.
        with suppress(OSError, RuntimeError, ValueError, StoreUnavailable):
            await self._renew()

    async def _renew(self) -> None:
        begun = time.monotonic()
        try:
            shown = await self._now()
            table = await self._table()
            state = (shown.table, shown.answering, table and await table.version())
            if state != self._state:
                self._held = await self._read(table, shown)
                self._state = state
            self._shown = shown
        finally:
            ended = time.monotonic()
            self._not_before = ended + _REST * (ended - begun)

    async def _read(self, table: lancedb.AsyncTable | None, shown: Shown) -> InMemory | None:
        if table is None or await table.count_rows() > MOST:
            return None
        embedding = shown.answering.named(lance_rows.EMBEDDING)
        columns = [*lance_rows.KEY, "library", "terms"]
        if embedding in (await table.schema()).names:
            columns.append(embedding)
        rows = await table.query().select(columns).with_row_id().to_arrow()
        passages = await self._passages.all(table, rows.column("_rowid").to_pylist(), shown)
        return await asyncio.to_thread(_in_memory, passages, rows, embedding)


def _in_memory(passages: Sequence[tuple[Chunk, Seen]], rows: pa.Table, embedding: str) -> InMemory:
    vectors = rows.column(embedding).combine_chunks() if embedding in rows.column_names else None
    return InMemory(passages, rows, rows.column("terms").combine_chunks(), vectors)
