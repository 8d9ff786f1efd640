"""The passages of the embedded store that questions found lately, as they were read."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import lancedb

from database.records import Chunk, Hit
from database.seen import Seen
from database.stores import lance_rows
from database.stores.catalogue import Shown
from database.stores.lance_queries import Row
from database.stores.vector_sets import VectorSet

_HELD = 16_000  # passages; 5 kB each
_READ_AT_ONCE = 256  # passages beforehand: nobody waits longer than for so many

Passages = dict[int, tuple[Chunk, Seen]]
"""By the numbers of their rows."""

Find = Callable[[Sequence[str]], Awaitable[list[Row]]]


class LancePassages:
    """Questions bring the same passages again, and to read a hundred takes longer than to find them.

    A row keeps its number as long as it stays as it is, and its number is never another's: what is held needs
    no other check, but that it is of the same table.
    """

    def __init__(self) -> None:
        self._table = ""
        self._held: OrderedDict[tuple[int, int], tuple[Chunk, Seen]] = OrderedDict()

    async def warm(self, table: lancedb.AsyncTable, shown: Shown) -> None:
        """Read as many as are held, before they are asked for."""
        self._forget_another(shown)
        columns = lance_rows.columns_to_compare(shown.answering)
        query = table.query().select(columns).with_row_id().limit(_HELD)
        async for batch in await query.to_batches(max_batch_length=_READ_AT_ONCE):
            self._hold(_passages(batch.to_pylist(), shown.answering), shown)
            await asyncio.sleep(0)  # others' turn

    async def hits(self, table: lancedb.AsyncTable, find: Find, shown: Shown) -> list[Hit]:
        """What `find` finds of a table, given the columns to read of it."""
        self._forget_another(shown)
        of = shown.answering
        rows = await find([])
        found = {row.id: held for row in rows if (held := self._held.get((of.number, row.id)))}
        missing = [row.id for row in rows if row.id not in found]
        read = await _read(table, missing, of)
        if len(read) < len(missing):
            # Somebody has moved them since they were found: one look at the table finds and reads.
            rows = await find(lance_rows.columns_to_compare(of))
            read, found = _passages((row.values for row in rows), of), {}
        self._hold(found | read, shown)
        passages = [(*(found.get(row.id) or read[row.id]), row.score) for row in rows]
        return [Hit(chunk=chunk, seen=seen, score=score) for chunk, seen, score in passages]

    async def all(
        self, table: lancedb.AsyncTable, ids: Sequence[int], shown: Shown
    ) -> list[tuple[Chunk, Seen]]:
        """Of these rows. Raises ValueError where one isn't there any more."""
        self._forget_another(shown)
        of = shown.answering
        found = {id_: held for id_ in ids if (held := self._held.get((of.number, id_)))}
        missing = [id_ for id_ in ids if id_ not in found]
        for start in range(0, len(missing), _READ_AT_ONCE):
            read = await _read(table, missing[start : start + _READ_AT_ONCE], of)
            self._hold(read, shown)
            found |= read
            await asyncio.sleep(0)  # others' turn
        if len(found) < len(ids):
            raise ValueError("rows have moved while they were read")
        return [found[id_] for id_ in ids]

    def _forget_another(self, shown: Shown) -> None:
        if self._table != shown.table:
            self._table = shown.table
            self._held.clear()

    def _hold(self, found: Passages, shown: Shown) -> None:
        """But for what isn't embedded yet."""
        if shown.table != self._table:  # any more
            return
        for id_, held in found.items():
            if held[0].sentences:
                self._held[shown.answering.number, id_] = held
                self._held.move_to_end((shown.answering.number, id_))
        while len(self._held) > _HELD:
            self._held.popitem(last=False)


async def _read(table: lancedb.AsyncTable, ids: list[int], of: VectorSet) -> Passages:
    """Those of these rows that are there still."""
    if not ids:
        return {}
    try:
        columns = lance_rows.columns_to_compare(of)
        rows = await table.take_row_ids(ids).select(columns).with_row_id().to_list()
    except (OSError, RuntimeError, ValueError):
        return {}
    return _passages(rows, of)


def _passages(rows: Iterable[dict[str, Any]], of: VectorSet) -> Passages:
    return {row["_rowid"]: (lance_rows.chunk(row, of), lance_rows.seen(row)) for row in rows}
