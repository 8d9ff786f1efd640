"""The sets of vectors of the store on MongoDB: which there are, one record says, and one update changes.

{_id: "embedder", name: …, dimensions: …, vectors: 1, last: 2, next: {name: …, number: 2, dimensions: …},
 gone: [numbers of sets of which fields and indexes may be left]}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pymongo.asynchronous.collection import AsyncCollection

from database.stores.atlas_client import reading, writing
from database.stores.vector_sets import VectorSet, VectorSets

Record = dict[str, Any]

EMBEDDER = "embedder"


@dataclass(frozen=True, kw_only=True, slots=True)
class Tie:
    """What the record says. `lengths` are those of the vectors of each set that has some, by its number;
    `begun`: whether anything was ever put, and is not being cleared away.
    """

    sets: VectorSets = field(default_factory=VectorSets)
    lengths: Mapping[int, int] = field(default_factory=dict)
    gone: tuple[int, ...] = ()
    begun: bool = False

    @property
    def dimensions(self) -> int:
        """Of the vectors that answer; 0 where there are none."""
        return self.lengths.get(self.sets.answering.number, 0)


class AtlasSets:
    """The state is in the database, not here: any number of processes look at it, the writer changes it."""

    def __init__(self, meta: AsyncCollection[Record]) -> None:
        self._meta = meta

    async def now(self) -> Tie:
        with reading():
            return _tie(await self._meta.find_one({"_id": EMBEDDER}))

    async def for_writer(self, embedder: str) -> Tie:
        """Begin, go on with, or give up a change-over, as this embedder needs it."""
        found = await self.now()
        wanted = found.sets.for_writer(embedder)
        if wanted == found.sets:
            return found
        change: Record = {"$unset": {"next": ""}}
        if wanted.coming:
            begun = {"name": wanted.coming.embedder, "number": wanted.coming.number, "dimensions": 0}
            change = {"$set": {"next": begun, "last": wanted.last}}
        if found.sets.coming:
            change["$addToSet"] = {"gone": found.sets.coming.number}
        with writing():
            await self._meta.update_one({"_id": EMBEDDER}, change)
        return await self.now()

    async def tie(self, embedder: str, dimensions: int) -> Tie:
        """Something is put, with vectors of this length, where it isn't 0; the first of a set decide."""
        with writing():
            first = {"name": embedder, "dimensions": dimensions}
            await self._meta.update_one({"_id": EMBEDDER}, {"$setOnInsert": first}, upsert=True)
            if dimensions:
                coming = {"_id": EMBEDDER, "next.name": embedder, "next.dimensions": 0}
                if (await self.now()).sets.coming:
                    await self._meta.update_one(coming, {"$set": {"next.dimensions": dimensions}})
                else:
                    await self._meta.update_one({"_id": EMBEDDER, "dimensions": 0}, {"$set": first})
        return await self.now()

    async def exchange(self, before: Tie) -> Tie:
        """From now on the coming set answers."""
        after = before.sets.exchanged().answering
        answers = {
            "name": after.embedder,
            "vectors": after.number,
            "dimensions": before.lengths.get(after.number, 0),
        }
        change = {
            "$set": answers,
            "$unset": {"next": ""},
            "$addToSet": {"gone": before.sets.answering.number},
        }
        with writing():
            await self._meta.update_one({"_id": EMBEDDER, "next.number": after.number}, change)
        return await self.now()

    async def forget(self, number: int) -> None:
        """Nothing is left of this set."""
        with writing():
            await self._meta.update_one({"_id": EMBEDDER}, {"$pull": {"gone": number}})


def _tie(record: Record | None) -> Tie:
    if record is None or "dimensions" not in record:
        return Tie()
    number, coming = record.get("vectors", 1), record.get("next")
    lengths = {number: record["dimensions"]} | ({coming["number"]: coming["dimensions"]} if coming else {})
    return Tie(
        sets=VectorSets(
            answering=VectorSet(record["name"] if record["dimensions"] else "", number),
            coming=VectorSet(coming["name"], coming["number"]) if coming else None,
            last=record.get("last", 1),
        ),
        lengths={one: length for one, length in lengths.items() if length},
        gone=tuple(record.get("gone", ())),
        begun=not record.get("clearing"),
    )
