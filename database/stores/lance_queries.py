"""The two searches of the embedded store's table."""

from __future__ import annotations

from collections.abc import Sequence

import lancedb

from database.records import Hit
from database.stores import lance_rows
from database.stores.base import Vectors
from database.stores.vector_sets import VectorSet

# Partitions: all of them up to half a million vectors.
_PROBES = 64
_COMPARED_AGAIN = 2  # times the limit


async def nearest(
    table: lancedb.AsyncTable,
    vector: Vectors,
    condition: str,
    limit: int,
    of: VectorSet,
    *,
    partitioned: bool,
    exact: bool,
) -> list[Hit]:
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
        .select([*lance_rows.columns_of(of), "_distance"])
        .limit(limit)
    )
    if exact:
        found = found.bypass_vector_index()
    elif partitioned:
        found = found.refine_factor(_COMPARED_AGAIN)
    return [
        Hit(chunk=lance_rows.chunk(row, of), score=1.0 - float(row["_distance"]))
        for row in await found.to_list()
    ]


async def sharing_words(
    table: lancedb.AsyncTable, terms: Sequence[str], condition: str, limit: int, of: VectorSet
) -> list[Hit]:
    """Best first, by BM25; with the sentences' vectors of this set."""
    found = (
        table.query()
        .where(condition)
        .nearest_to_text(" ".join(terms), columns="terms")
        .select([*lance_rows.columns_of(of), "_score"])
        .limit(limit)
    )
    return [Hit(chunk=lance_rows.chunk(row, of), score=float(row["_score"])) for row in await found.to_list()]
