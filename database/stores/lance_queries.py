"""The two searches of the embedded store's table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import lancedb

from database.stores import lance_rows
from database.stores.base import Vectors
from database.stores.vector_sets import VectorSet

# Partitions: all of them up to half a million vectors.
_PROBES = 64
_COMPARED_AGAIN = 2  # times the limit


class Row(NamedTuple):
    """The number of a row, which no other of the table ever has, its score, and what was read of it."""

    id: int
    score: float
    values: dict[str, Any]


async def nearest(
    table: lancedb.AsyncTable,
    vector: Vectors,
    condition: str,
    limit: int,
    columns: Sequence[str],
    *,
    of: VectorSet,
    partitioned: bool,
    exact: bool,
) -> list[Row]:
    """Best first, by cosine with the vectors of a set. `partitioned`: the index has them in eight bits, and
    what it finds is compared again. `exact`: every row of the condition is compared as it is on disk.
    """
    found = (
        table.query()
        .where(condition)
        .nearest_to(vector)
        .column(of.named(lance_rows.EMBEDDING))
        .distance_type("cosine")
        .nprobes(_PROBES)
        .select([*columns, "_distance"])
        .with_row_id()
        .limit(limit)
    )
    if exact:
        found = found.bypass_vector_index()
    elif partitioned:
        found = found.refine_factor(_COMPARED_AGAIN)
    return [Row(row["_rowid"], 1.0 - row["_distance"], row) for row in await found.to_list()]


async def sharing_words(
    table: lancedb.AsyncTable, terms: Sequence[str], condition: str, limit: int, columns: Sequence[str]
) -> list[Row]:
    """Best first, by BM25."""
    found = (
        table.query()
        .where(condition)
        .nearest_to_text(" ".join(terms), columns="terms")
        .select([*columns, "_score"])
        .with_row_id()
        .limit(limit)
    )
    return [Row(row["_rowid"], row["_score"], row) for row in await found.to_list()]
