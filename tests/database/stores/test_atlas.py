"""The store on MongoDB: a loader that dies, indexes that can't be queried, a server that is gone."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack

import numpy as np
import pytest
from bson.binary import Binary, BinaryVectorDtype
from pymongo import MongoClient
from pymongo.collection import Collection as MongoCollection

from database.errors import EmbedderMismatch, SettingError, StoreBusy, StoreUnavailable
from database.records import Chunk, Scope
from database.stores import atlas, atlas_lease, atlas_stages
from database.stores.atlas import AtlasStore
from database.stores.atlas_indexes import Indexes
from tests.atlas_stand_in.process import StandIn
from tests.contracts.store_contract import put, texts_found, texts_near
from tests.database.fakes import chunks, document, embedding, embeddings
from tests.database.stores.killed_writer import DOCUMENTS, PARTS, write_next_versions

Record = dict[str, object]
OpenStore = Callable[[], AtlasStore]

KILLED = 20
SEED = 20_261_121


@pytest.fixture
async def open_store(mongodb_uri: str, mongodb_database: str) -> AsyncIterator[OpenStore]:
    """Opens the test's collection; closes it also when the test fails."""
    async with AsyncExitStack() as stack:

        def open_() -> AtlasStore:
            store = AtlasStore.open(mongodb_uri, mongodb_database, embedder="words")
            stack.push_async_callback(store.close)
            return store

        yield open_


@pytest.fixture
def raw(mongodb_uri: str, mongodb_database: str) -> Iterator[MongoCollection[Record]]:
    """The chunks, past the store."""
    with MongoClient[Record](mongodb_uri) as client:
        yield client[mongodb_database]["chunks"]


@pytest.fixture
def own_stand_in() -> Iterator[StandIn]:
    """One that may be stopped."""
    with StandIn(lag=0.02, build=0.05) as running:
        yield running


async def seen(store: AtlasStore) -> dict[str, set[tuple[int, int]]]:
    """Per document, the versions and positions that both legs find; they must find the same."""
    by_text = await store.search_text("prazo", "pt", Scope(), 1_000)
    by_vector = await store.search_vector(embedding("prazo"), Scope(), 1_000)
    found: list[dict[str, set[tuple[int, int]]]] = []
    for hits in (by_text, by_vector):
        group: dict[str, set[tuple[int, int]]] = defaultdict(set)
        for chunk in [hit.chunk for hit in hits]:
            assert (chunk.version, chunk.position) not in group[chunk.document_id], "found twice"
            group[chunk.document_id].add((chunk.version, chunk.position))
        found.append(dict(group))
    assert found[0] == found[1]
    return found[0]


async def test_a_loader_killed_at_any_moment_leaves_whole_documents(
    mongodb_uri: str, mongodb_database: str, open_store: OpenStore, raw: MongoCollection[Record]
) -> None:
    """Twenty times: one whole version of each is findable; at the end nothing is left over or doubled."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.database.stores.killed_writer"])
    moments = random.Random(SEED)  # noqa: S311 - moments, not secrets
    begun = time.monotonic()
    whole = context.Process(target=write_next_versions, args=(mongodb_uri, mongodb_database))
    whole.start()
    await asyncio.to_thread(whole.join)
    assert whole.exitcode == 0
    takes = time.monotonic() - begun

    reader = open_store()
    died = 0
    for _ in range(KILLED):
        writer = context.Process(target=write_next_versions, args=(mongodb_uri, mongodb_database))
        writer.start()
        await asyncio.sleep(moments.uniform(0.02, 0.7 * takes))
        writer.kill()
        await asyncio.to_thread(writer.join)
        died += writer.exitcode != 0
        expected = {d.id: {(d.version, part) for part in range(PARTS)} for d in await reader.documents()}
        assert len(expected) == len(DOCUMENTS)
        assert await seen(reader) == expected
    assert died >= KILLED / 2, "most were killed before they had finished"

    last = context.Process(target=write_next_versions, args=(mongodb_uri, mongodb_database))
    last.start()
    await asyncio.to_thread(last.join)
    assert last.exitcode == 0
    versions = {d.id: d.version for d in await reader.documents()}
    assert await seen(reader) == {id_: {(v, part) for part in range(PARTS)} for id_, v in versions.items()}
    assert raw.count_documents({}) == len(DOCUMENTS) * PARTS
    assert raw.database["documents"].count_documents({"hidden.0": {"$exists": True}}) == 0
    assert (await reader.count()).chunks == len(DOCUMENTS) * PARTS


async def test_a_document_is_shown_when_both_indexes_hold_it(own_stand_in: StandIn) -> None:
    """The indexes follow the collection a moment later: until then the version before is found."""
    store = AtlasStore.open(own_stand_in.uri, "slow", embedder="words")
    await put(store, "a", "prazo antigo")
    own_stand_in.configure(lag=0.5)
    writing = asyncio.create_task(put(store, "a", "prazo novo", version=2))
    answers = []
    while not writing.done():
        answers.append((await texts_found(store, "prazo"), await texts_near(store, "prazo")))
        await asyncio.sleep(0.02)
    await writing
    answers.append((await texts_found(store, "prazo"), await texts_near(store, "prazo")))
    await store.close()
    old, new = (["prazo antigo"], ["prazo antigo"]), (["prazo novo"], ["prazo novo"])
    assert answers[0] == old
    assert answers[-1] == new
    assert all(len(by_text) == len(by_vector) == 1 for by_text, by_vector in answers)


async def test_an_index_that_never_follows_is_reported(own_stand_in: StandIn) -> None:
    """Where mongot has stopped, the loader says so, and what was findable stays findable."""
    store = AtlasStore.open(own_stand_in.uri, "stopped", embedder="words")
    await put(store, "a", "prazo antigo")
    store._indexes = Indexes(store.database["chunks"], caught_up_within=0.3)
    own_stand_in.configure(lag=60)
    with pytest.raises(StoreUnavailable) as caught:
        await put(store, "a", "prazo novo", version=2)
    assert (caught.value.problem, caught.value.values["found"]) == ("index_behind", 0)
    assert await texts_found(store, "prazo") == ["prazo antigo"]
    await store.close()


async def test_a_put_that_failed_can_be_repeated(
    open_store: OpenStore, raw: MongoCollection[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second attempt at the same version doesn't double its chunks."""
    store = open_store()
    await put(store, "a", "primeiro")

    async def fail(*_: object) -> None:
        raise StoreUnavailable("mongodb_unreachable")

    with monkeypatch.context() as patched:
        patched.setattr(Indexes, "wait_for_text", fail)
        with pytest.raises(StoreUnavailable):
            await put(store, "a", "dois", "três", version=2)
    assert await texts_found(store, "primeiro dois três") == ["primeiro"]
    await put(store, "a", "dois", version=2)
    assert await texts_found(store, "primeiro dois três") == ["dois"]
    assert raw.count_documents({}) == 1


async def test_a_clearing_that_died_is_finished(open_store: OpenStore, raw: MongoCollection[Record]) -> None:
    """Nobody finds what was being removed, and the next writer removes the rest."""
    store = open_store()
    await put(store, "a", "prazo")
    raw.database["meta"].update_one({"_id": "embedder"}, {"$set": {"clearing": True}})
    reader = open_store()
    assert await texts_found(reader, "prazo") == []
    await put(store, "b", "outro")  # this process holds the lease already: it does not look again
    await store.close()
    again = open_store()
    await again.claim()
    assert await again.documents() == []
    assert raw.count_documents({}) == 0
    await again.close()


async def test_what_a_deletion_leaves_is_told(open_store: OpenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deletion is verified by a query, and what is still there stays hidden."""
    store = open_store()
    await put(store, "a", "prazo")

    async def nothing(*_: object, **__: object) -> None:
        return None

    monkeypatch.setattr(store._chunks, "delete_many", nothing, raising=False)
    with pytest.raises(StoreUnavailable) as caught:
        await store.delete("a")
    assert (caught.value.problem, caught.value.values) == ("not_erased", {"left": 1})
    assert await texts_found(store, "prazo") == []
    assert await store.document("a") is None


@pytest.mark.parametrize("name", [atlas_stages.VECTOR_INDEX, atlas_stages.TEXT_INDEX])
async def test_a_missing_index_is_an_error_not_an_empty_answer(
    open_store: OpenStore, raw: MongoCollection[Record], name: str
) -> None:
    """MongoDB finds nothing and says nothing; the store says which is missing, and `settle` mends it."""
    store = open_store()
    await put(store, "a", "prazo")
    raw.drop_search_index(name)
    search = texts_near if name == atlas_stages.VECTOR_INDEX else texts_found
    for failing in (store.ready(), search(store, "prazo")):
        with pytest.raises(StoreUnavailable) as caught:
            await failing
        assert caught.value.problem == "index_missing"
        assert caught.value.values["name"] == name
    mender = store
    mender._prepared_for = None  # as a process that starts
    await mender.settle()
    await store.ready()
    assert await search(store, "prazo") == ["prazo"]


async def test_an_index_of_another_definition_is_updated(
    open_store: OpenStore, raw: MongoCollection[Record]
) -> None:
    """An older version of the program may have made it."""
    store = open_store()
    await put(store, "a", "prazo")
    older = atlas_stages.vector_definition(64)
    older["fields"].pop()
    raw.update_search_index(atlas_stages.VECTOR_INDEX, older)
    with pytest.raises(StoreUnavailable) as caught:
        await store.ready()
    assert caught.value.problem == "index_differs"
    store._prepared_for = None
    await store.settle()
    await store.ready()
    assert await texts_near(store, "prazo") == ["prazo"]


async def test_an_index_that_is_being_built_is_waited_for(own_stand_in: StandIn) -> None:
    """The loader waits, says so, and has a limit; a reader is told."""
    own_stand_in.configure(build=0.8)
    told: list[tuple[str, object]] = []
    writer = AtlasStore.open(own_stand_in.uri, "building", embedder="words")
    reader = AtlasStore.open(own_stand_in.uri, "building", embedder="words")
    writer._indexes = Indexes(
        writer.database["chunks"],
        tell=lambda key, values: told.append((key, values["name"])),
        tell_every=0.2,
    )
    writing = asyncio.create_task(put(writer, "a", "prazo"))
    while not told:
        await asyncio.sleep(0.02)
    assert told[0][0] == "waiting_for_index"
    with pytest.raises(StoreUnavailable) as caught:
        await reader._indexes.check({1: 64})
    assert caught.value.problem == "index_building"
    await writing
    await reader.ready()
    own_stand_in.configure(build=60)
    raw = writer.database["chunks"]
    await raw.drop_search_index(atlas_stages.TEXT_INDEX)
    impatient = Indexes(raw, built_within=0.3)
    with pytest.raises(StoreUnavailable) as caught:
        await impatient.ensure({1: 64})
    assert caught.value.problem == "index_building"
    with pytest.raises(StoreUnavailable) as caught:
        await texts_found(reader, "prazo")
    assert caught.value.problem == "index_building"
    await writer.close()
    await reader.close()


@pytest.mark.parametrize(
    ("stored", "problem"),
    [
        ([0.1] * 64, "vectors_of_other_type"),
        (Binary.from_vector([1] * 64, BinaryVectorDtype.INT8), "vectors_of_other_type"),
        (Binary.from_vector([0.5] * 32, BinaryVectorDtype.FLOAT32), "vectors_of_other_length"),
    ],
)
async def test_vectors_that_can_not_be_found_are_told(
    open_store: OpenStore, raw: MongoCollection[Record], stored: object, problem: str
) -> None:
    """Another type or length than the questions' finds nothing, silently."""
    store = open_store()
    await put(store, "a", "prazo")
    raw.update_many({}, {"$set": {"embedding": stored}})
    with pytest.raises(StoreUnavailable) as caught:
        await store.ready()
    assert caught.value.problem == problem


async def test_vectors_that_the_index_does_not_hold_are_told(own_stand_in: StandIn) -> None:
    """Stored, indexed, and yet not found: the search process stands still."""
    store = AtlasStore.open(own_stand_in.uri, "still", embedder="words")
    await put(store, "a", "prazo")
    own_stand_in.configure(lag=60)
    of = document("b")
    with MongoClient[Record](own_stand_in.uri) as client:
        rows = client["still"]["chunks"]
        row = rows.find_one({})
        assert row is not None
        rows.delete_many({})
        rows.insert_one({**row, "_id": "0:1:0", "document_id": of.id, "version_id": "0:1"})
    with pytest.raises(StoreUnavailable) as caught:
        await store.ready()
    assert caught.value.problem == "vectors_not_found"
    await store.close()


async def test_a_question_of_another_length_is_refused(open_store: OpenStore) -> None:
    """A vector that can't be compared is an error."""
    store = open_store()
    await put(store, "a", "prazo")
    with pytest.raises(EmbedderMismatch):
        await store.search_vector(np.ones(3, np.float32), Scope(), 5)


async def test_a_large_collection_is_searched_by_candidates(
    open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above the limit not every vector is compared; the nearest are found all the same."""
    store = open_store()
    await put(store, "a", *(f"passagem número {n}" for n in range(60)))
    monkeypatch.setattr(atlas, "EXACT_BELOW", 10)
    hits = await store.search_vector(embedding("passagem número 7"), Scope(), 5)
    assert hits[0].chunk.text == "passagem número 7"
    assert hits[0].score == pytest.approx(1, abs=0.02)


async def test_a_server_that_is_gone_is_told_soon_and_found_again(own_stand_in: StandIn) -> None:
    """Within three seconds, whether connections are refused or nothing answers; then it goes on by itself."""
    store = AtlasStore.open(own_stand_in.uri, "gone", embedder="words")
    await put(store, "a", "prazo")
    for stop, start in (
        (own_stand_in.kill, own_stand_in.start),
        (own_stand_in.pause, own_stand_in.resume),
    ):
        await asyncio.to_thread(stop)
        for search in (texts_found, texts_near):
            begun = time.monotonic()
            with pytest.raises(StoreUnavailable) as caught:
                await search(store, "prazo")
            assert caught.value.problem == "mongodb_unreachable"
            assert time.monotonic() - begun < 3
        await asyncio.to_thread(start)
        deadline = time.monotonic() + 20
        while True:
            try:
                assert await texts_found(store, "prazo") == ["prazo"]
                break
            except StoreUnavailable:
                assert time.monotonic() < deadline
                await asyncio.sleep(0.1)
    await store.close()


async def test_the_announced_address_out_of_reach_is_explained(own_stand_in: StandIn) -> None:
    """The local Atlas container announces a name that only containers know."""
    own_stand_in.configure(hosts=["mongodb-container.invalid:27017"])
    indirect = own_stand_in.uri.replace("directConnection=true", "directConnection=false")
    store = AtlasStore.open(indirect, "announced", embedder="words")
    for failing in (store.ready(), store.claim()):
        with pytest.raises(StoreUnavailable) as caught:
            await failing
        assert caught.value.problem == "mongodb_needs_direct"
        assert "directConnection=true" in str(caught.value)
    await store.close()
    direct = AtlasStore.open(own_stand_in.uri, "announced", embedder="words")
    await direct.ready()
    await direct.close()


async def test_a_database_without_search_is_told() -> None:
    """A plain server knows none of the commands."""
    with StandIn(search=False) as plain:
        store = AtlasStore.open(plain.uri, "plain", embedder="words")
        with pytest.raises(StoreUnavailable) as caught:
            await put(store, "a", "prazo")
        assert caught.value.problem == "mongodb_without_search"
        await store.close()


@pytest.mark.parametrize("uri", ["http://localhost:27017", "mongodb://a:secret@c@d/", "mongodb://h:99999/"])
def test_an_address_that_can_not_be_read_stops_the_start(uri: str) -> None:
    """With the name of the setting and an example, and without the password."""
    with pytest.raises(SettingError, match="MONGODB_URI") as caught:
        AtlasStore.open(uri, "x", embedder="words")
    assert "secret" not in str(caught.value)


async def test_who_writes_is_told_and_a_dead_writer_is_succeeded(
    open_store: OpenStore, raw: MongoCollection[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On another machine, one whose beat stands still is dead; one that beats is not."""
    monkeypatch.setattr(atlas_lease, "_DEAD_AFTER_SECONDS", 0.4)
    monkeypatch.setattr(atlas_lease, "_LOOK_EVERY_SECONDS", 0.05)
    meta = raw.database["meta"]
    elsewhere = {
        "_id": "writer",
        "holder": "x",
        "beat": 1,
        "host": "elsewhere",
        "namespace": "n",
        "pid": 7,
        "started": "1",
    }
    meta.insert_one(elsewhere)
    store = open_store()

    async def beat() -> None:
        while True:
            await asyncio.sleep(0.1)
            meta.update_one({"_id": "writer", "holder": "x"}, {"$inc": {"beat": 1}})

    beating = asyncio.create_task(beat())
    with pytest.raises(StoreBusy, match="7 @ elsewhere"):
        await store.claim()
    beating.cancel()
    await store.claim()
    assert meta.find_one({"_id": "writer"}, {"host": 1}) != {"_id": "writer", "host": "elsewhere"}


async def test_a_writer_that_lost_its_place_stops(
    open_store: OpenStore, raw: MongoCollection[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that slept too long, and was succeeded, writes no more."""
    monkeypatch.setattr(atlas_lease, "_BEAT_SECONDS", 0.05)
    store = open_store()
    await put(store, "a", "prazo")
    raw.database["meta"].update_one({"_id": "writer"}, {"$set": {"holder": "another"}})
    await asyncio.sleep(0.3)
    with pytest.raises(StoreBusy):
        await put(store, "b", "prazo")
    assert await store.document("b") is None


async def test_readers_never_miss_a_document_while_it_is_replaced(open_store: OpenStore) -> None:
    """Every search during many replacements finds exactly one version."""
    store, reader = open_store(), open_store()
    await put(store, "a", "prazo 1")
    done = asyncio.Event()

    async def replace_often() -> None:
        for version in range(2, 10):
            await put(store, "a", f"prazo {version}", version=version)
        done.set()

    writing = asyncio.create_task(replace_often())
    counts: list[int] = []
    while not done.is_set():
        counts.append(len(await texts_found(reader, "prazo")))
        counts.append(len(await texts_near(reader, "prazo")))
    await writing
    assert set(counts) == {1}


async def test_many_chunks_are_written_in_parts(
    open_store: OpenStore, raw: MongoCollection[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long document goes in several messages and is shown as one."""
    monkeypatch.setattr(atlas, "_AT_ONCE", 7)
    store = open_store()
    of = document("a")
    parts: list[Chunk] = chunks(of, *(f"prazo {n}" for n in range(20)))
    await store.put(of, parts, embeddings(parts))
    assert await store.chunks("a") == parts
    assert raw.count_documents({}) == 20
