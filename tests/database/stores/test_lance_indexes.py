"""The embedded store's indexes: chosen by how much there is, right whatever they hold yet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from database.records import Scope
from database.stores import lance, lance_indexes, lance_sets
from database.stores.base import Embedded, Vectors
from database.stores.lance import LanceStore
from tests.contracts.store_contract import put, texts_found
from tests.database.fakes import chunks, document, embedding

LIMIT = 300
DIMENSIONS = 16


@pytest.fixture
async def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LanceStore]:
    """Large from 301 passages on."""
    monkeypatch.setattr(lance_indexes, "EXACT_UNTIL", LIMIT)
    monkeypatch.setattr(lance_indexes, "_OF_PARTITION", 20)
    monkeypatch.setattr(lance_indexes, "_LOOSE", 1)
    monkeypatch.setattr(lance, "_EXACT_WITHIN", 50)
    store = await LanceStore.open(tmp_path, embedder="words")
    yield store
    await store.close()


def vectors(number: int, seed: int = 0) -> Vectors:
    """In any direction, so that what is near is in many partitions."""
    made = np.random.default_rng(seed).standard_normal((number, DIMENSIONS)).astype(np.float32)
    unit: Vectors = made / np.linalg.norm(made, axis=1, keepdims=True)
    return unit


async def load(store: LanceStore, id_: str, number: int, *, seed: int = 0, embedded: bool = True) -> Vectors:
    of = document(id_)
    parts = chunks(of, *(f"prazo {id_} {n}" for n in range(number)))
    made = vectors(number, seed)
    await store.put(of, parts, made if embedded else None)
    return made


async def index_of(store: LanceStore) -> tuple[str, int]:
    """Its kind, and how many rows it doesn't hold yet."""
    table = await store._table()
    assert table is not None
    (index,) = [one for one in await table.list_indices() if one.columns == ["embedding"]]
    return index.index_type, index.num_unindexed_rows or 0


async def found(store: LanceStore, vector: Vectors, scope: Scope | None = None, limit: int = 10) -> list[str]:
    hits = await store.search_vector(vector, scope or Scope(), limit)
    return [hit.chunk.id for hit in hits]


def nearest(id_: str, made: Vectors, vector: Vectors, limit: int = 10) -> list[str]:
    return [f"{id_}:1:{n}" for n in np.argsort(-(made @ vector), kind="stable")[:limit]]


async def test_a_small_collection_is_compared_as_it_is(store: LanceStore) -> None:
    """Nothing is missed."""
    made = await load(store, "a", LIMIT)
    await store.settle()
    assert await index_of(store) == ("IvfFlat", 0)
    for asked in vectors(10, seed=9):
        assert await found(store, asked) == nearest("a", made, asked)


async def test_a_large_one_gets_partitions_and_gives_the_true_cosines(store: LanceStore) -> None:
    """In the order of the vectors as they were given, not of the eight bits a number."""
    await load(store, "a", LIMIT)
    await store.settle()
    made = await load(store, "b", LIMIT, seed=1)
    await store.settle()
    assert await index_of(store) == ("IvfSq", 0)
    for asked in vectors(10, seed=9):
        hits = await store.search_vector(asked, Scope(documents=("b",)), 10)
        assert [hit.chunk.id for hit in hits] == nearest("b", made, asked)
        assert [hit.score for hit in hits] == pytest.approx(np.sort(made @ asked)[::-1][:10], abs=1e-5)


async def test_what_no_index_holds_yet_is_found(store: LanceStore) -> None:
    """New documents, and vectors that come into rows which an index had taken in without them."""
    await load(store, "a", 2 * LIMIT)
    await load(store, "late", 20, seed=2, embedded=False)
    await store.settle()
    made = vectors(20, seed=2)
    assert await found(store, made[7], Scope(documents=("late",))) == []
    of = replace(document("late"), status="embedding")
    await store.embed_together([Embedded(document=of, first=0, embeddings=made)])
    new = await load(store, "new", 20, seed=3)
    for _ in range(2):
        assert (await found(store, made[7]))[0] == "late:1:7"
        assert (await found(store, new[3]))[0] == "new:1:3"
        assert len(await texts_found(store, "prazo new")) == 10
        await store.settle()
    assert (await index_of(store))[0] == "IvfSq"


async def test_a_scope_of_one_document_is_searched_exactly(store: LanceStore) -> None:
    """However far it is from the question, beside others that are nearer."""
    await load(store, "a", 2 * LIMIT)
    made = await load(store, "far", 40, seed=4)
    await store.settle()
    for asked in vectors(10, seed=9):
        assert await found(store, asked, Scope(documents=("far",)), 40) == nearest("far", made, asked, 40)


async def test_hidden_versions_stay_hidden_in_partitions(store: LanceStore) -> None:
    """A version that is replaced is not found, whether an index holds it or not."""
    await load(store, "a", 2 * LIMIT)
    await store.settle()
    of = document("a", version=2)
    made = vectors(3, seed=5)
    await store.put(of, chunks(of, "um", "dois", "três"), made)
    for _ in range(2):
        assert sorted(await found(store, made[0])) == ["a:2:0", "a:2:1", "a:2:2"]
        assert await texts_found(store, "prazo") == []
        await store.settle()


async def test_partitions_are_made_anew_when_there_is_twice_as_much(store: LanceStore) -> None:
    """Not before: they are made of what there was."""
    await load(store, "a", 2 * LIMIT)
    await store.settle()
    made_for = [(await store._catalogue.meta())[lance_sets._MADE_FOR]]
    for number, id_ in enumerate(("b", "c")):
        await load(store, id_, LIMIT, seed=number + 1)
        await store.settle()
        made_for.append((await store._catalogue.meta())[lance_sets._MADE_FOR])
    assert made_for == ["600", "600", "1200"]


async def test_a_large_collection_takes_new_rows_in_when_there_are_enough(
    store: LanceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settling costs nothing for a few: they are searched as they are."""
    monkeypatch.setattr(lance_indexes, "_LOOSE", 50)
    await load(store, "a", 2 * LIMIT)
    await store.settle()
    await load(store, "b", 20, seed=1)
    await store.settle()
    assert await index_of(store) == ("IvfSq", 20)
    await load(store, "c", 100, seed=2)
    await store.settle()
    assert await index_of(store) == ("IvfSq", 0)


async def test_many_writes_leave_few_files(store: LanceStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are put together now and then, and nothing gets lost."""
    monkeypatch.setattr(lance_indexes, "_FRAGMENTS", 8)
    monkeypatch.setattr(lance, "_TIDY_EVERY", 4)
    for number in range(40):
        await put(store, f"d{number}", f"prazo {number}")
    table = await store._table()
    assert table is not None
    assert await lance_indexes._files(table) <= 20
    assert len(set(await found(store, embedding("prazo"), limit=100))) == 40
    for number in range(40):
        assert await texts_found(store, f"{number}") == [f"prazo {number}"]
