"""What is held in memory answers only while it is what the folder has."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from database.errors import StoreUnavailable
from database.records import Scope
from database.stores import lance_memory
from database.stores.catalogue import Shown
from database.stores.in_memory import InMemory
from database.stores.lance import LanceStore
from database.stores.vector_sets import VectorSets
from tests.contracts.changeover_contract import embed_all, texts_near_other
from tests.contracts.store_contract import put, texts_found, texts_near
from tests.database.fakes import chunks, document, embeddings

Stores = tuple[LanceStore, LanceStore]
Change = Callable[[LanceStore], Awaitable[object]]

_PATIENCE = 20.0  # seconds


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Stores]:
    """One that writes and one that reads."""
    async with AsyncExitStack() as stack:
        opened = []
        for _ in range(2):
            opened.append(await LanceStore.open(tmp_path, embedder="words"))
            stack.push_async_callback(opened[-1].close)
        yield opened[0], opened[1]


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The memory is renewed whenever it is outdated."""
    monkeypatch.setattr(lance_memory, "_REST", 0)


async def renewed(reader: LanceStore) -> None:
    async with asyncio.timeout(_PATIENCE):
        while not await reader.in_memory():
            await asyncio.sleep(0.005)


async def rested(reader: LanceStore) -> None:
    """No renewal goes on."""
    if reader._memory._renewing is not None:
        await asyncio.wait([reader._memory._renewing], timeout=_PATIENCE)


async def found(reader: LanceStore, question: str = "prazo") -> tuple[list[str], list[str]]:
    """By its words, and by its vector."""
    return sorted(await texts_found(reader, question)), sorted(await texts_near(reader, question))


def renewals(reader: LanceStore, monkeypatch: pytest.MonkeyPatch) -> list[Shown]:
    """Those that read the table, from now on."""
    read, begun = reader._memory._read, []

    async def counted(table: object, shown: Shown) -> object:
        begun.append(shown)
        return await read(table, shown)  # type: ignore[arg-type]

    monkeypatch.setattr(reader._memory, "_read", counted)
    return begun


async def _embed(store: LanceStore) -> None:
    of = document("late")
    await store.embed(of, 0, embeddings(chunks(of, "prazo tardio")))


async def _clear_and_load(store: LanceStore) -> None:
    await store.clear()
    await put(store, "a", "prazo de outrora")


async def _move(store: LanceStore) -> None:
    await store.delete("b")
    table = await store._table()
    assert table is not None
    await table.optimize()


CHANGES: dict[str, tuple[Change, list[str], list[str]]] = {
    "put": (
        lambda store: put(store, "c", "prazo novo"),
        ["prazo antigo", "prazo longo", "prazo novo", "prazo tardio"],
        ["prazo antigo", "prazo longo", "prazo novo"],
    ),
    "a new version": (
        lambda store: put(store, "a", "prazo novo", version=2),
        ["prazo longo", "prazo novo", "prazo tardio"],
        ["prazo longo", "prazo novo"],
    ),
    "an empty version": (
        lambda store: store.put(document("a", version=2), []),
        ["prazo longo", "prazo tardio"],
        ["prazo longo"],
    ),
    "delete": (
        lambda store: store.delete("a"),
        ["prazo longo", "prazo tardio"],
        ["prazo longo"],
    ),
    "embed": (
        _embed,
        ["prazo antigo", "prazo longo", "prazo tardio"],
        ["prazo antigo", "prazo longo", "prazo tardio"],
    ),
    "settle": (
        lambda store: store.settle(),
        ["prazo antigo", "prazo longo", "prazo tardio"],
        ["prazo antigo", "prazo longo"],
    ),
    "rows that move": (_move, ["prazo antigo", "prazo tardio"], ["prazo antigo"]),
    "clear, and load": (_clear_and_load, ["prazo de outrora"], ["prazo de outrora"]),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.usefixtures("at_once")
async def test_what_another_wrote_is_found_at_once(stores: Stores, change: str) -> None:
    """Before the memory is renewed, and after it."""
    writer, reader = stores
    write, by_words, by_vector = CHANGES[change]
    await put(writer, "a", "prazo antigo")
    await put(writer, "b", "prazo longo")
    await writer.put(late := document("late"), chunks(late, "prazo tardio"))
    await reader.warm()
    assert await reader.in_memory()
    await write(writer)
    assert await found(reader) == (by_words, by_vector)
    await renewed(reader)
    assert await found(reader) == (by_words, by_vector)


@pytest.mark.usefixtures("at_once")
async def test_what_it_wrote_itself_is_found_at_once(stores: Stores) -> None:
    """One store may do both."""
    store, _ = stores
    await store.warm()
    for version in range(1, 4):
        await put(store, "a", f"prazo {version}", version=version)
        assert await found(store) == ([f"prazo {version}"],) * 2
        await renewed(store)
        assert await found(store) == ([f"prazo {version}"],) * 2


@pytest.mark.usefixtures("at_once")
async def test_cleared_there_is_nothing(stores: Stores) -> None:
    """Also where the passages were read between the steps of clearing; then the next ones are found."""
    writer, reader = stores
    await put(writer, "a", "prazo antigo")
    await reader.warm()
    drop = writer._connection.drop_table

    async def drop_a_little_later(name: str) -> None:
        await reader.warm()
        await drop(name)

    writer._connection.drop_table = drop_a_little_later  # type: ignore[method-assign,assignment]
    await writer.clear()
    assert await found(reader) == ([], [])
    await rested(reader)
    assert await found(reader) == ([], [])
    await put(writer, "a", "prazo novo")
    assert await found(reader) == (["prazo novo"],) * 2
    await renewed(reader)
    assert await found(reader) == (["prazo novo"],) * 2


@pytest.mark.usefixtures("at_once")
async def test_another_table_of_as_many_writes(stores: Stores) -> None:
    """LanceDB counts them anew: its number of a table's version says nothing of which table it is."""
    writer, reader = stores
    versions = []
    for text in ("prazo antigo", "prazo novo"):
        await writer.clear()
        await put(writer, "a", text)
        await reader.in_memory()
        await rested(reader)
        await reader.warm()
        assert await reader.in_memory()
        assert await found(reader) == ([text], [text])
        table = await writer._table()
        assert table is not None
        versions.append(await table.version())
    assert len(set(versions)) == 1


@pytest.mark.usefixtures("at_once")
async def test_the_first_passages_come_after_the_start(stores: Stores) -> None:
    """There is no table yet."""
    writer, reader = stores
    await reader.warm()
    assert await found(reader) == ([], [])
    await put(writer, "a", "prazo")
    assert await found(reader) == (["prazo"], ["prazo"])
    await renewed(reader)
    assert await found(reader) == (["prazo"], ["prazo"])


@pytest.mark.usefixtures("at_once")
async def test_the_vectors_of_the_embedder_that_answers(stores: Stores, tmp_path: Path) -> None:
    """The former one's, until the change-over is through; then its questions are an error."""
    writer, reader = stores
    await put(writer, "a", "prazo um", "prazo dois")
    await reader.warm()
    await writer.release()
    other = await LanceStore.open(tmp_path, embedder="another")
    exchange, fit = other._sets.exchange, other._fit

    async def exchange_a_little_later(sets: VectorSets, indexed: int) -> VectorSets:
        await reader.warm()
        return await exchange(sets, indexed)

    async def fit_a_little_later(sets: VectorSets) -> None:
        """The table is as it was before the exchange: the former vectors are there, and don't answer."""
        await reader.warm()
        await fit(sets)

    other._sets.exchange = exchange_a_little_later  # type: ignore[method-assign]
    other._fit = fit_a_little_later  # type: ignore[method-assign]
    try:
        await other.claim()
        await renewed(reader)
        assert await texts_near(reader, "prazo um") == ["prazo um", "prazo dois"]
        await embed_all(other)
        for _ in range(2):
            assert await texts_near_other(reader, "prazo um") == ["prazo um", "prazo dois"]
            assert sorted(await texts_found(reader, "prazo")) == ["prazo dois", "prazo um"]
            with pytest.raises(StoreUnavailable):
                await texts_near(reader, "prazo")
            await renewed(reader)
    finally:
        await other.close()


async def test_lancedb_answers_where_nobody_asked_for_the_memory(stores: Stores) -> None:
    """A command that asks once doesn't read all there is."""
    writer, reader = stores
    await put(writer, "a", "prazo")
    assert await found(reader) == (["prazo"], ["prazo"])
    assert not await reader.in_memory()
    assert reader._memory._renewing is None


@pytest.mark.usefixtures("at_once")
async def test_large_collections_are_left_to_lancedb(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that grow, too, and what was held of them is let go; one that shrinks is held again."""
    monkeypatch.setattr(lance_memory, "MOST", 2)
    writer, reader = stores
    await put(writer, "a", "prazo um", "prazo dois")
    await reader.warm()
    assert await reader.in_memory()
    await put(writer, "b", "prazo três")
    for _ in range(2):
        assert await found(reader) == (["prazo dois", "prazo três", "prazo um"],) * 2
        await rested(reader)
        assert not await reader.in_memory()
    assert reader._memory._held is None
    await writer.delete("a")
    assert await found(reader) == (["prazo três"],) * 2
    await renewed(reader)
    assert await found(reader) == (["prazo três"],) * 2


async def test_a_large_collection_is_read_once(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """To know that it is large is enough until it changes; its passages are held for LanceDB's answers."""
    monkeypatch.setattr(lance_memory, "MOST", 1)
    writer, reader = stores
    bare = chunks(document("a"), "prazo um", "prazo dois")
    parts = [replace(part, sentences=b"sentences") for part in bare]
    await writer.put(document("a"), parts, embeddings(parts))
    await reader.warm()
    assert not await reader.in_memory()
    begun = renewals(reader, monkeypatch)
    for _ in range(3):
        assert await found(reader) == (["prazo dois", "prazo um"],) * 2
    assert begun == []
    assert len(reader._passages._held) == 2


async def test_what_changes_all_the_time_is_renewed_seldom(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tenth of the time at most: after two seconds of reading there are eighteen of rest."""
    writer, reader = stores
    clock = SimpleNamespace(now=100.0)
    clock.monotonic = lambda: clock.now
    monkeypatch.setattr(lance_memory, "time", clock)
    await put(writer, "a", "prazo 1")
    await reader.warm()
    clock.now += 1_000
    begun = renewals(reader, monkeypatch)
    make = lance_memory._in_memory

    def make_in_two_seconds(*given: object) -> InMemory:
        clock.now += 2
        return make(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(lance_memory, "_in_memory", make_in_two_seconds)
    for version in range(2, 5):
        await put(writer, "a", f"prazo {version}", version=version)
        assert await found(reader) == ([f"prazo {version}"],) * 2
        await rested(reader)
        assert len(begun) == version - 1
        assert await reader.in_memory()
        await put(writer, "b", "prazo", version=version)
        for seconds in (0.0, 17.0):
            clock.now += seconds
            assert not await reader.in_memory()
            await rested(reader)
            assert len(begun) == version - 1
            assert await found(reader) == (["prazo", f"prazo {version}"],) * 2, "as LanceDB answers"
        clock.now += 1.5
        await writer.delete("b")


async def test_what_is_as_it_was_is_not_read_again(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalogue has changed, the passages have not."""
    writer, reader = stores
    monkeypatch.setattr(lance_memory, "_REST", 0)
    await put(writer, "a", "prazo")
    await reader.warm()
    begun = renewals(reader, monkeypatch)
    before = reader._memory._held
    await writer.record(document("b"))
    assert not await reader.in_memory()
    await renewed(reader)
    assert reader._memory._held is before is not None
    assert begun == []


@pytest.mark.usefixtures("at_once")
async def test_what_is_outdated_is_let_go_at_once(stores: Stores) -> None:
    """It is large: not only when Python next looks for what refers to itself."""
    writer, reader = stores
    await put(writer, "a", "prazo 1")
    await reader.warm()
    assert await found(reader) == (["prazo 1"],) * 2
    assert reader._memory._held is not None
    before = weakref.ref(reader._memory._held)
    gc.disable()
    try:
        await put(writer, "a", "prazo 2", version=2)
        await renewed(reader)
        assert before() is None
    finally:
        gc.enable()


@pytest.mark.parametrize(
    "error", [OSError("disk"), RuntimeError("lance"), ValueError("moved"), StoreUnavailable("unreadable")]
)
async def test_a_renewal_that_fails_is_tried_again(
    stores: Stores, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Meanwhile LanceDB answers; nobody is told, neither when it is closed."""
    monkeypatch.setattr(lance_memory, "_REST", 0)
    writer, reader = stores
    await put(writer, "a", "prazo 1")
    await reader.warm()
    read = reader._memory._read
    tried: list[bool] = []

    async def fail(*_: object) -> None:
        tried.append(True)
        raise error

    monkeypatch.setattr(reader._memory, "_read", fail)
    await put(writer, "a", "prazo 2", version=2)
    for _ in range(3):
        assert await found(reader) == (["prazo 2"],) * 2
        await rested(reader)
        assert not await reader.in_memory()
        assert reader._memory._renewing is not None
        await rested(reader)
        assert reader._memory._renewing.exception() is None
    assert len(tried) >= 3
    monkeypatch.setattr(reader._memory, "_read", read)
    await renewed(reader)
    assert await found(reader) == (["prazo 2"],) * 2

    monkeypatch.setattr(reader._memory, "_read", fail)
    await put(writer, "a", "prazo 3", version=3)
    assert not await reader.in_memory()
    await rested(reader)
    await reader.close()
    assert reader._memory._renewing is not None
    assert reader._memory._renewing.done()


async def test_a_first_reading_that_fails_is_tried_again(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever warms the store is told; a question tries once more."""
    monkeypatch.setattr(lance_memory, "_REST", 0)
    writer, reader = stores
    await put(writer, "a", "prazo")

    async def fail(*_: object) -> None:
        raise OSError("disk")

    with monkeypatch.context() as broken:
        broken.setattr(reader._memory, "_read", fail)
        with pytest.raises(StoreUnavailable):
            await reader.warm()
    assert await found(reader) == (["prazo"], ["prazo"])
    await renewed(reader)


def waiting(reader: LanceStore, monkeypatch: pytest.MonkeyPatch) -> tuple[asyncio.Event, asyncio.Event]:
    """Has a renewal wait where it reads; whether one has come there, and what lets it go on."""
    come, go_on = asyncio.Event(), asyncio.Event()
    read = reader._passages.all

    async def read_later(*given: object) -> object:
        come.set()
        await go_on.wait()
        return await read(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(reader._passages, "all", read_later)
    return come, go_on


async def test_closing_ends_a_renewal(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it waits for; and none begins after that."""
    writer, reader = stores
    monkeypatch.setattr(lance_memory, "_REST", 0)
    await put(writer, "a", "prazo 1")
    await reader.warm()
    await put(writer, "a", "prazo 2", version=2)
    shown = await reader._catalogue.shown()
    come, _ = waiting(reader, monkeypatch)
    assert not await reader.in_memory()
    await asyncio.wait_for(come.wait(), _PATIENCE)
    await asyncio.wait_for(reader.close(), _PATIENCE)
    last = reader._memory._renewing
    assert last is not None
    assert last.cancelled()
    assert reader._memory.of(shown) is None
    assert reader._memory._renewing is last


async def test_questions_during_a_renewal_begin_no_other(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither while the store is warmed; LanceDB answers them. What changed meanwhile is found, too."""
    writer, reader = stores
    monkeypatch.setattr(lance_memory, "_REST", 0)
    await put(writer, "a", "prazo 1")
    begun = renewals(reader, monkeypatch)
    come, go_on = waiting(reader, monkeypatch)
    warming = asyncio.create_task(reader.warm())
    await asyncio.wait_for(come.wait(), _PATIENCE)
    assert await found(reader) == (["prazo 1"],) * 2
    assert len(begun) == 1
    go_on.set()
    await warming
    assert await reader.in_memory()

    come.clear()
    go_on.clear()
    await put(writer, "a", "prazo 2", version=2)
    for version in (2, 3):
        assert await found(reader) == ([f"prazo {version}"],) * 2
        await asyncio.wait_for(come.wait(), _PATIENCE)
        await put(writer, "a", f"prazo {version + 1}", version=version + 1)
        assert await found(reader) == ([f"prazo {version + 1}"],) * 2
        assert len(begun) == 2
    go_on.set()
    await rested(reader)
    assert await found(reader) == (["prazo 4"],) * 2
    await renewed(reader)
    assert await found(reader) == (["prazo 4"],) * 2


@pytest.mark.usefixtures("at_once")
async def test_searches_during_writes_find_what_is_shown(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One version each time: at least as new as the one when it was asked, whoever answers."""
    writer, reader = stores
    await put(writer, "a", "prazo 0", version=1)
    await put(writer, "b", "recurso")
    await reader.warm()
    answered: list[bool] = []
    ask = reader._memory.of

    def counted(shown: Shown) -> InMemory | None:
        answered.append((held := ask(shown)) is not None)
        return held

    monkeypatch.setattr(reader._memory, "of", counted)
    begun = written = 0
    done = asyncio.Event()

    async def replace_often() -> None:
        nonlocal begun, written
        for begun in range(1, 31):
            await put(writer, "a", f"prazo {begun}", version=1 + begun)
            written = begun
            if begun % 4 == 0:
                await renewed(reader)
            if begun % 10 == 0:
                await writer.settle()
        done.set()

    async def search(by: Callable[[LanceStore, str, Scope], Awaitable[list[str]]]) -> None:
        while not done.is_set():
            least = written
            hits = await by(reader, "prazo", Scope(documents=("a",)))
            assert len(hits) == 1, "never none, never two"
            assert least <= int(hits[0].removeprefix("prazo ")) <= begun
            await asyncio.sleep(0)

    async with asyncio.timeout(6 * _PATIENCE), asyncio.TaskGroup() as together:
        together.create_task(replace_often())
        for by in (texts_found, texts_near, texts_found, texts_near):
            together.create_task(search(by))
    assert set(answered) == {True, False}, "both have answered"
