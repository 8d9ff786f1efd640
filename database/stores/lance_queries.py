"""The two searches of the embedded store's table."""

from __future__ import annotations

from collections.abc import Sequence

import lancedb

from database.records import Hit
from database.stores import lance_rows
from database.stores.base import Vectors

# Partitions: all of them up to half a million vectors.
_PROBES = 64
_COMPARED_AGAIN = 2  # times the limit


async def nearest(
    table: lancedb.AsyncTable,
    vector: Vectors,
    condition: str,
    limit: int,
    *,
    partitioned: bool,
    exact: bool,
) -> list[Hit]:
    """Best first, by cosine. `partitioned`: the index has the vectors in eight bits, and what it finds is
    compared again. `exact`: every row of the condition is compared as it is on disk.
    """
    found = (
        table.query()
        .where(condition)
        .nearest_to(vector)
        .distance_type("cosine")
        .nprobes(_PROBES)
        .select([*lance_rows.READ_COLUMNS, "_distance"])
        .limit(limit)
    )
    if exact:
        found = found.bypass_vector_index()
    elif partitioned:
        found = found.refine_factor(_COMPARED_AGAIN)
    return [
        Hit(chunk=lance_rows.chunk(row), score=1.0 - float(row["_distance"])) for row in await found.to_list()
    ]


async def sharing_words(
    table: lancedb.AsyncTable, terms: Sequence[str], condition: str, limit: int
) -> list[Hit]:
    """Best first, by BM25."""
    found = (
        table.query()
        .where(condition)
        .nearest_to_text(" ".join(terms), columns="terms")
        .select([*lance_rows.READ_COLUMNS, "_score"])
        .limit(limit)
    )
    return [Hit(chunk=lance_rows.chunk(row), score=float(row["_score"])) for row in await found.to_list()]
