"""The search indexes: made, kept as this program needs them, and asked whether they can answer.

MongoDB makes and updates them in the background. A missing one, one that is still being built and one that
holds other vectors all find nothing and say nothing: whoever searches must look.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from bson.binary import Binary, BinaryVectorDtype
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import OperationFailure
from pymongo.operations import SearchIndexModel

from database.errors import StoreUnavailable
from database.problems import Problem
from database.stores import atlas_stages as stages
from database.stores.atlas_client import reading, writing
from database.stores.atlas_stages import EMBEDDING, TEXT_INDEX, VECTOR_INDEX, Definition
from database.stores.base import Tell, silent
from database.stores.vector_sets import VectorSet

Record = dict[str, Any]

Lengths = Mapping[int, int]
"""How long the vectors of each set are that has some, by the set's number."""

_BUILT_WITHIN = 600.0  # seconds without any index becoming queryable
_CAUGHT_UP_WITHIN = 120.0
_FIRST_LOOK = 0.02
_SLOWEST_LOOK = 1.0
_TELL_EVERY = 5.0
_ALREADY_THERE = 68
_MOST_COUNTED = 10_000


class Indexes:
    """The search indexes of one collection of chunks: one of its text, and one of each set of vectors."""

    def __init__(
        self,
        chunks: AsyncCollection[Record],
        *,
        tell: Tell = silent,
        built_within: float = _BUILT_WITHIN,
        caught_up_within: float = _CAUGHT_UP_WITHIN,
        tell_every: float = _TELL_EVERY,
    ) -> None:
        self._chunks = chunks
        self._tell = tell
        self._built_within = built_within
        self._caught_up_within = caught_up_within
        self._tell_every = tell_every

    async def ensure(self, lengths: Lengths) -> None:
        """Make the indexes, or bring them up to this program's definitions, and wait until they answer.

        Raises StoreUnavailable where one can't be built, or not within ten minutes.
        """
        wanted = _wanted(lengths)
        found = await self._found()
        for name, (kind, definition) in wanted.items():
            with writing():
                if name not in found:
                    await self._create(name, kind, definition)
                elif not stages.satisfies(found[name]["latestDefinition"], definition):
                    await self._chunks.update_search_index(name, definition)
        await self._wait_until_queryable(wanted)

    async def drop(self, of: VectorSet) -> None:
        """The index of this set's vectors."""
        if of.named(VECTOR_INDEX) in await self._found():
            with writing():
                await self._chunks.drop_search_index(of.named(VECTOR_INDEX))

    async def check(self, lengths: Lengths) -> None:
        """Raises StoreUnavailable where an index is missing, another one, failed, or not built yet."""
        found = await self._found()
        for name, (_, definition) in _wanted(lengths).items():
            problem = _problem(found.get(name), definition)
            if problem and not (problem == "index_building" and found[name]["queryable"]):
                raise StoreUnavailable(problem, **_values(name, found))

    async def check_vectors(self, of: VectorSet, dimensions: int) -> None:
        """Look for a stored chunk with its own vector. Raises StoreUnavailable where it is not found."""
        with reading():
            embedding = of.named(EMBEDDING)
            sample = await self._chunks.find_one(
                {embedding: {"$exists": True}}, {embedding: 1, "version_id": 1}
            )
        if sample is None:
            return
        vector = sample[embedding]
        _check_vector(vector, dimensions)
        with reading():
            counting = stages.count_in_vector_index(sample["version_id"], vector, 1, of)
            found = await self._count(counting, "found")
        if not found:
            raise StoreUnavailable("vectors_not_found", name=of.named(VECTOR_INDEX))

    async def wait_for_text(self, version_id: str, number: int) -> None:
        """Until the text index finds all chunks of a version. Raises StoreUnavailable after two minutes."""
        await self._wait_for_count(TEXT_INDEX, number, lambda: self._in_text_index(version_id))

    async def wait_for_vectors(self, version_id: str, one: Binary, number: int, of: VectorSet) -> None:
        """The same for the index of a set's vectors; `one` is the vector of any of them."""
        counting = stages.count_in_vector_index(version_id, one, _MOST_COUNTED, of)
        await self._wait_for_count(
            of.named(VECTOR_INDEX), min(number, _MOST_COUNTED), lambda: self._count(counting, "found")
        )

    async def wait_until_gone(self, version_id: str) -> None:
        """Until the chunks of a version take no one else's place in the results any more."""
        await self._wait_for_count(TEXT_INDEX, 0, lambda: self._in_text_index(version_id))

    async def _in_text_index(self, version_id: str) -> int:
        async with await self._chunks.aggregate(stages.count_in_text_index(version_id)) as rows:
            found = await rows.to_list()
        return int(found[0]["count"]["total"]) if found else 0

    async def _count(self, pipeline: list[stages.Stage], key: str) -> int:
        async with await self._chunks.aggregate(pipeline) as rows:
            found = await rows.to_list()
        return int(found[0][key]) if found else 0

    async def _wait_for_count(self, name: str, expected: int, count: Callable[[], Any]) -> None:
        begun, pause = time.monotonic(), _FIRST_LOOK
        while True:
            with writing():
                found = await count()
            if found == expected:
                return
            waited = time.monotonic() - begun
            if waited > self._caught_up_within:
                raise StoreUnavailable(
                    "index_behind", name=name, found=found, expected=expected, seconds=round(waited)
                )
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, _SLOWEST_LOOK)

    async def _create(self, name: str, kind: str, definition: Definition) -> None:
        try:
            await self._chunks.create_search_index(
                SearchIndexModel(definition=definition, name=name, type=kind)
            )
        except OperationFailure as error:
            if error.code != _ALREADY_THERE:
                raise

    async def _wait_until_queryable(self, wanted: Mapping[str, tuple[str, Definition]]) -> None:
        begun, told, pause = time.monotonic(), 0.0, _FIRST_LOOK
        while True:
            found = await self._found()
            problems = [
                (name, _problem(found.get(name), definition)) for name, (_, definition) in wanted.items()
            ]
            open_problems = [(name, problem) for name, problem in problems if problem]
            if not open_problems:
                return
            waited = time.monotonic() - begun
            name, problem = open_problems[0]
            if problem == "index_failed" or waited > self._built_within:
                raise StoreUnavailable(problem, **_values(name, found))
            if waited - told > self._tell_every:
                told = waited
                self._tell("waiting_for_index", {"name": name, "seconds": round(waited)})
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, _SLOWEST_LOOK)

    async def _found(self) -> dict[str, Record]:
        with reading():
            async with await self._chunks.list_search_indexes() as rows:
                return {row["name"]: dict(row) for row in await rows.to_list()}


def _wanted(lengths: Lengths) -> dict[str, tuple[str, Definition]]:
    """Until something is embedded, nobody knows how long its vectors will be: then the text index alone."""
    wanted = {TEXT_INDEX: ("search", stages.text_definition())}
    for number, length in lengths.items():
        of = VectorSet(number=number)
        wanted[of.named(VECTOR_INDEX)] = ("vectorSearch", stages.vector_definition(length, of))
    return wanted


def _problem(found: Record | None, definition: Definition) -> Problem | None:
    if found is None:
        return "index_missing"
    if not stages.satisfies(found["latestDefinition"], definition):
        return "index_differs"
    if found["status"] == "FAILED":
        return "index_failed"
    if not found["queryable"] or found["status"] in ("PENDING", "BUILDING"):
        return "index_building"
    return None


def _values(name: str, found: Mapping[str, Record]) -> dict[str, object]:
    status = found[name]["status"] if name in found else ""
    return {"name": name, "status": status, "others": ", ".join(sorted(found)) or "–"}


def _check_vector(vector: object, dimensions: int) -> None:
    """Raises StoreUnavailable where the vector is not one that this program's questions are compared with."""
    if not isinstance(vector, Binary):
        raise StoreUnavailable("vectors_of_other_type", found=type(vector).__name__)
    stored = vector.as_vector()
    if stored.dtype != BinaryVectorDtype.FLOAT32:
        raise StoreUnavailable("vectors_of_other_type", found=stored.dtype.name)
    if len(stored.data) != dimensions:
        raise StoreUnavailable("vectors_of_other_length", found=len(stored.data), wanted=dimensions)
