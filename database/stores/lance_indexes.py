"""The indexes of the embedded store's table: which it has, by how much it holds, and when they are renewed.

Vectors. Up to 50,000, the index keeps them as they are, and all are compared: nothing is missed. Beyond that
it keeps them in eight bits a number, in partitions of about 8,000, of which the nearest are compared, and
what is found is compared again as it was given. The partitions are made of the vectors that there are then,
and anew when there are twice as many.

Rows that no index holds yet are searched one by one, so every search is right at once. To take them in,
LanceDB may rewrite all of its files that have less than a million rows; in a large collection that waits
until there are enough of them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import lancedb
from lancedb.index import FTS, Bitmap, BTree, IndexConfig, IvfFlat, IvfSq

from database.stores import lance_rows
from database.stores.vector_sets import VectorSet

EXACT_UNTIL = 50_000  # vectors
_PARTITIONED = "IvfSq"  # LanceDB's name of the second kind
_OF_PARTITION = 8_192
_GROWN = 2  # times as many as when the partitions were made

_LOOSE = 1_000  # rows of a large collection in no index yet; a search takes some milliseconds more for them
_LOOSE_WHILE_WRITING = 0.25  # of all rows
_FRAGMENTS = 64  # files of rows; each write makes one
_MOST_FRAGMENTS = 256

_LONGEST_TERM = 64
_READERS_FINISH_WITHIN = timedelta(minutes=10)

# The passages come with their terms ready: nothing is left for LanceDB's own analysis to do.
FULL_TEXT = FTS(
    base_tokenizer="whitespace",
    lower_case=False,
    stem=False,
    remove_stop_words=False,
    ascii_folding=False,
    max_token_length=_LONGEST_TERM,
)


async def partitioned(table: lancedb.AsyncTable, of: VectorSet) -> bool:
    """Whether the vectors are in partitions, in eight bits a number."""
    return any(index.index_type == _PARTITIONED for index in await _of_vectors(table, of))


async def settle(table: lancedb.AsyncTable, of: VectorSet, vectors: int, made_for: int) -> int:
    """Bring the indexes up to date, where that is worth what it costs. Searches go on meanwhile.

    `vectors` is how many there are in the set that answers, and `made_for` how many there were when their
    index was made (0 where that isn't known); what it is then is returned.
    """
    indexed = {column for index in await table.list_indices() for column in index.columns}
    if "library" not in indexed:
        await table.create_index("library", config=Bitmap())
    if "document_id" not in indexed:
        await table.create_index("document_id", config=BTree())
    if vectors and await _outgrown(table, of, vectors, made_for):
        await index_vectors(table, of, vectors)
        made_for = vectors
    rows = await table.count_rows()
    if rows <= EXACT_UNTIL or await _loose(table) >= _LOOSE or await _files(table) > _FRAGMENTS:
        await table.optimize(cleanup_older_than=_READERS_FINISH_WITHIN)
    return made_for


async def untidy(table: lancedb.AsyncTable) -> bool:
    """Whether it is time to settle between many writes: each gets slower with the number of files."""
    files = await _files(table)
    if files <= _FRAGMENTS:
        return False
    return files > _MOST_FRAGMENTS or await _loose(table) >= _LOOSE_WHILE_WRITING * await table.count_rows()


async def _outgrown(table: lancedb.AsyncTable, of: VectorSet, vectors: int, made_for: int) -> bool:
    there = await _of_vectors(table, of)
    if not there or await partitioned(table, of) != (_partitions(vectors) > 1):
        return True
    return _partitions(vectors) > 1 and vectors >= _GROWN * made_for


async def index_vectors(table: lancedb.AsyncTable, of: VectorSet, vectors: int) -> None:
    """Make the index that so many need, or make it anew."""
    number = _partitions(vectors)
    config = (
        IvfFlat(distance_type="cosine", num_partitions=number)
        if number == 1
        else IvfSq(distance_type="cosine", num_partitions=number)
    )
    column = of.named(lance_rows.EMBEDDING)
    await table.create_index(column, config=config, replace=True)  # type: ignore[arg-type]  # takes IvfSq


def _partitions(vectors: int) -> int:
    """How many the index has when it is made; one keeps all vectors as they are."""
    return 1 if vectors <= EXACT_UNTIL else -(-vectors // _OF_PARTITION)


async def _of_vectors(table: lancedb.AsyncTable, of: VectorSet) -> list[IndexConfig]:
    column = of.named(lance_rows.EMBEDDING)
    return [index for index in await table.list_indices() if column in index.columns]


async def _loose(table: lancedb.AsyncTable) -> int:
    """How many rows are not in every index."""
    return max((index.num_unindexed_rows or 0 for index in await table.list_indices()), default=0)


async def _files(table: lancedb.AsyncTable) -> int:
    stats: Any = await table.stats()  # typed as an object with these names
    return int(stats["fragment_stats"]["num_fragments"])
