"""The sets of vectors of the embedded store: which there are stands in its catalogue, the vectors in columns
of its table. Each step from one state to the next is one transaction of the catalogue; columns follow.
"""

from __future__ import annotations

import lancedb
import pyarrow as pa

from database.records import Changeover
from database.stores import lance_rows
from database.stores.catalogue import Catalogue
from database.stores.vector_sets import VectorSet, VectorSets

_FORGET_COMING = "delete from meta where key in ('next_embedder', 'next_vectors')"
_MADE_FOR = "vectors_indexed"  # how many vectors their index was made for


class LanceSets:
    """The state is in the file, not here: any number of processes look at it, and the writer changes it."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    async def now(self) -> VectorSets:
        meta = await self._catalogue.meta()
        coming = meta.get("next_embedder")
        return VectorSets(
            answering=VectorSet(meta.get("embedder", ""), int(meta.get("vectors", 1))),
            coming=VectorSet(coming, int(meta["next_vectors"])) if coming else None,
            last=int(meta.get("last_vectors", 1)),
        )

    async def tie(self, embedder: str) -> VectorSets:
        """The first vectors are of this one."""
        await self._catalogue.set_meta({"embedder": embedder})
        return await self.now()

    async def for_writer(self, embedder: str) -> VectorSets:
        """Begin, go on with, or give up a change-over, as this embedder needs it."""
        found = await self.now()
        wanted = found.for_writer(embedder)
        if wanted == found:
            return found
        statements: list[tuple[str, tuple[object, ...]]] = [
            (_FORGET_COMING, ()),
            ("update documents set renewed = ?", (0 if wanted.coming else None,)),
        ]
        if wanted.coming:
            for key, value in (
                ("next_embedder", wanted.coming.embedder),
                ("next_vectors", str(wanted.coming.number)),
                ("last_vectors", str(wanted.last)),
            ):
                statements.append(("insert or replace into meta values (?, ?)", (key, value)))
        await self._catalogue.together(statements)
        return wanted

    async def exchange(self, sets: VectorSets, indexed: int) -> VectorSets:
        """From now on the coming set answers; its index was made for so many vectors."""
        after = sets.exchanged()
        meta = {
            "embedder": after.answering.embedder,
            "vectors": str(after.answering.number),
            _MADE_FOR: str(indexed),
        }
        await self._catalogue.together(
            [
                (_FORGET_COMING, ()),
                *(("insert or replace into meta values (?, ?)", item) for item in meta.items()),
                (
                    "update documents set embedded = renewed, renewed = null, "
                    "status = case status when 'embedding' then 'ready' else status end "
                    "where renewed is not null",
                    (),
                ),
            ]
        )
        return after

    async def changeover(self, embedder: str) -> Changeover | None:
        """How far it is, begun or not, where this embedder isn't the one that answers."""
        sets = (await self.now()).for_writer(embedder)
        if sets.coming is None:
            return None
        renewed, passages = await self._catalogue.renewed()
        return Changeover(
            answering=sets.answering.embedder, coming=embedder, embedded=renewed, passages=passages
        )

    async def prepared(self, embedder: str) -> str:
        """What says in the catalogue how many of a document's passages have this embedder's vectors."""
        found = await self.now()
        if found.for_writer(embedder).coming is None:
            return "embedded"
        return "renewed" if found.coming and found.coming.embedder == embedder else "0"

    async def indexed(self) -> int:
        """For how many vectors the index of those that answer was made; 0 where that isn't known."""
        return int((await self._catalogue.meta()).get(_MADE_FOR, 0))

    async def note_indexed(self, vectors: int) -> None:
        await self._catalogue.set_meta({_MADE_FOR: str(vectors)})


async def fit(table: lancedb.AsyncTable, sets: VectorSets) -> None:
    """Drop the columns of sets that are no more, and add those of the coming one that need no vector yet."""
    names = (await table.schema()).names
    parts = (lance_rows.EMBEDDING, lance_rows.SENTENCES)
    kept = {name for part in parts for name in sets.names(part)}
    gone = [name for name in names if name.startswith(parts) and name not in kept]
    if gone:
        await table.drop_columns(gone)
    sentences = sets.written.named(lance_rows.SENTENCES)
    if sentences not in names:
        await table.add_columns(pa.schema([pa.field(sentences, pa.binary())]))
