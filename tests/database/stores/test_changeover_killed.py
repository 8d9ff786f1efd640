"""A change-over to another embedder, killed at any moment: one of the two whole sets of vectors answers."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_args

import lancedb
import pytest
from pymongo import MongoClient

from database.records import Scope
from database.stores.base import Store
from tests.contracts.store_contract import put
from tests.database.fakes import embedding, other_embedding
from tests.database.stores.killed_changeover import DIED, Moment, Place, change_over

DOCUMENTS, PARTS = 12, 20
KILLED = 8
SEED = 20_261_126

PASSAGE = "prazo 7 parte 3"
PASSAGE_AS_EMBEDDED = f"7 · Seção\n{PASSAGE}"


async def fill(place: Place) -> None:
    async with place.opened("words") as store:
        for number in range(DOCUMENTS):
            await put(store, str(number), *(f"prazo {number} parte {part}" for part in range(PARTS)))


async def check_whole(store: Store) -> str:
    """That every passage is found by the vectors that answer, and which those are."""
    answering = await store.answering()
    assert answering in ("words", "another")
    vector = embedding(PASSAGE) if answering == "words" else other_embedding(PASSAGE_AS_EMBEDDED)
    hits = await store.search_vector(vector, Scope(), 10 * DOCUMENTS * PARTS)
    assert len({hit.chunk.id for hit in hits}) == len(hits) == DOCUMENTS * PARTS
    assert hits[0].score == pytest.approx(1, abs=1e-5)
    assert all(document.status == "ready" for document in await store.documents())
    return answering


async def everything(place: Place) -> object:
    """What is stored, byte for byte, past the store."""
    if place.database:
        with MongoClient[dict[str, Any]](place.where) as client:
            of = client[place.database]
            indexes = sorted(index["name"] for index in of["chunks"].list_search_indexes())
            meta = of["meta"].find_one({"_id": "embedder"})
            return (
                list(of["chunks"].find().sort("_id")),
                list(of["documents"].find().sort("_id")),
                meta,
                indexes,
            )
    connection = await lancedb.connect_async(Path(place.where) / "lance")
    table = await connection.open_table("chunks")
    rows = (await table.to_arrow()).sort_by([("document_id", "ascending"), ("position", "ascending")])
    indexes = sorted(name for index in await table.list_indices() for name in index.columns)
    async with place.opened("another") as store:
        return rows.to_pylist(), rows.schema.names, await store.documents(), indexes


async def run(place: Place, moment: Moment | None = None, killed_after: float | None = None) -> int | None:
    """The exit status of a process that changes over."""
    process = multiprocessing.get_context("spawn").Process(
        target=change_over, args=(place, "another", moment)
    )
    process.start()
    if killed_after is not None:
        await asyncio.sleep(killed_after)
        process.kill()
    await asyncio.to_thread(process.join)
    return process.exitcode


class Undisturbed(NamedTuple):
    """A change-over that nobody killed: where, what it ended with, and how long its process took."""

    place: Place
    end: object
    seconds: float


@pytest.fixture(scope="module", params=["lance", "mongodb"])
def undisturbed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, mongodb_uri: str
) -> Iterator[Undisturbed]:
    async def changed_over(place: Place) -> Undisturbed:
        await fill(place)
        begun = time.monotonic()
        assert await run(place) == 0
        seconds = time.monotonic() - begun
        return Undisturbed(place, await everything(place), seconds)

    if request.param == "lance":
        yield asyncio.run(changed_over(Place(str(tmp_path_factory.mktemp("undisturbed")))))
        return
    name = f"acervo_test_{uuid.uuid4().hex[:12]}"
    yield asyncio.run(changed_over(Place(mongodb_uri, name)))
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        client.drop_database(name)


@pytest.fixture
async def place(undisturbed: Undisturbed, tmp_path: Path, mongodb_database: str) -> Place:
    """In the same kind of store, a collection to be changed over."""
    in_mongodb = bool(undisturbed.place.database)
    place = Place(undisturbed.place.where, mongodb_database) if in_mongodb else Place(str(tmp_path))
    await fill(place)
    return place


@pytest.mark.parametrize("moment", get_args(Moment))
async def test_a_changeover_that_dies_at_a_step_is_ended_by_the_next(
    moment: Moment, place: Place, undisturbed: Undisturbed
) -> None:
    """The set that answered goes on, or the new one does; then all is as if nothing had happened."""
    assert await run(place, moment) == DIED
    async with place.opened("another") as reader:
        exchanged = moment in ("after it", "while dropping")
        assert await check_whole(reader) == ("another" if exchanged else "words")
    assert await run(place) == 0
    async with place.opened("another") as reader:
        assert await check_whole(reader) == "another"
    assert await everything(place) == undisturbed.end


async def test_a_changeover_killed_at_any_moment_leaves_a_whole_set(
    place: Place, undisturbed: Undisturbed
) -> None:
    """At random moments; at the end nothing is left over, doubled or missing."""
    moments = random.Random(SEED)  # noqa: S311 - moments, not secrets
    died = 0
    async with place.opened("another") as reader:
        for _ in range(KILLED):
            died += await run(place, killed_after=moments.uniform(0.3, 1.0) * undisturbed.seconds) != 0
            await check_whole(reader)
    assert died, "it was killed while it changed over"
    assert await run(place) == 0
    assert await everything(place) == undisturbed.end
