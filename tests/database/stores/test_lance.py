"""The embedded store: what a writer that dies leaves behind."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, closing
from pathlib import Path

import pytest

from database.errors import StoreUnavailable
from database.records import Count, Scope
from database.stores.catalogue import Catalogue, Shown
from database.stores.lance import LanceStore
from tests.contracts.changeover_contract import embed_all
from tests.contracts.store_contract import put, texts_found, texts_near

OpenStore = Callable[[], Awaitable[LanceStore]]


@pytest.fixture
async def open_store(tmp_path: Path) -> AsyncIterator[OpenStore]:
    """Opens the collection in the test's folder; closes it also when the test fails."""
    async with AsyncExitStack() as stack:

        async def open_() -> LanceStore:
            store = await LanceStore.open(tmp_path, embedder="words")
            stack.push_async_callback(store.close)
            return store

        yield open_


def _die_before_showing(folder: Path) -> None:
    """Write a version's chunks, and die before they are made findable."""

    async def write() -> None:
        store = await LanceStore.open(folder, embedder="words")
        await put(store, "a", "texto antigo")

        async def die(*_: object) -> None:
            os._exit(9)

        Catalogue.show = die  # type: ignore[assignment]  # this process dies here: nothing to restore
        await put(store, "a", "texto novo", version=2)

    asyncio.run(write())


def _die_before_erasing(folder: Path) -> None:
    """Make a new version findable, and die before the old one's chunks are erased."""

    async def write() -> None:
        store = await LanceStore.open(folder, embedder="words")
        await put(store, "a", "texto antigo")

        async def die(*_: object) -> None:
            os._exit(9)

        store._erase = die  # type: ignore[method-assign,assignment]
        await put(store, "a", "texto novo", version=2)

    asyncio.run(write())


@pytest.mark.parametrize(
    ("die", "left"), [(_die_before_showing, "texto antigo"), (_die_before_erasing, "texto novo")]
)
async def test_a_writer_that_dies_leaves_one_whole_version(
    tmp_path: Path, open_store: OpenStore, die: object, left: str
) -> None:
    """Readers see the old version or the new one; the next writer clears the rest away."""
    process = multiprocessing.get_context("spawn").Process(target=die, args=(tmp_path,))  # type: ignore[arg-type]
    process.start()
    await asyncio.to_thread(process.join)
    assert process.exitcode == 9

    store = await open_store()
    assert await texts_found(store, "texto") == [left]
    assert await texts_near(store, "texto") == [left]
    assert await store.count() == Count(documents=1, chunks=1)

    await put(store, "b", "nada")
    table = await store._table()
    assert table is not None
    assert await table.count_rows() == 2, "the dead writer's chunks are erased by the next one"
    await put(store, "a", "texto refeito", version=3)
    assert await texts_found(store, "texto") == ["texto refeito"]


async def test_a_put_that_failed_can_be_repeated(open_store: OpenStore) -> None:
    """The second attempt at the same version doesn't double its chunks."""
    store = await open_store()
    await put(store, "a", "um")
    show = store._catalogue.show

    async def fail(*_: object) -> None:
        raise OSError("No space left on device")

    store._catalogue.show = fail  # type: ignore[assignment,method-assign]
    with pytest.raises(OSError, match="No space"):
        await put(store, "a", "dois", version=2)
    store._catalogue.show = show  # type: ignore[method-assign]
    assert await texts_found(store, "um") == ["um"]

    await put(store, "a", "dois", version=2)
    assert await texts_found(store, "dois") == ["dois"]
    table = await store._table()
    assert table is not None
    assert await table.count_rows() == 1


async def test_readers_never_miss_a_document_while_it_is_replaced(open_store: OpenStore) -> None:
    """Every search during many replacements finds exactly one version."""
    store = await open_store()
    reader = await open_store()
    await put(store, "a", "prazo 1")
    done = asyncio.Event()

    async def replace_often() -> None:
        for version in range(2, 16):
            await put(store, "a", f"prazo {version}", version=version)
        done.set()

    writing = asyncio.create_task(replace_often())
    seen: list[int] = []
    while not done.is_set():
        seen.append(len(await texts_found(reader, "prazo")))
        seen.append(len(await texts_near(reader, "prazo")))
    await writing
    assert set(seen) == {1}


async def test_a_search_that_was_overtaken_is_repeated(open_store: OpenStore) -> None:
    """Where a version is swapped after the search knows what is hidden, it would miss the old and the new."""
    store = await open_store()
    reader = await open_store()
    await put(store, "a", "prazo antigo")
    read_shown = reader._catalogue.shown
    before = await read_shown()
    overtaken = asyncio.Event()

    async def shown_just_before_the_swap() -> Shown:
        if overtaken.is_set():
            return await read_shown()
        overtaken.set()
        await put(store, "a", "prazo novo", version=2)
        return before._replace(hidden=frozenset([("a", 2)]))

    reader._catalogue.shown = shown_just_before_the_swap  # type: ignore[method-assign]
    assert await texts_found(reader, "prazo") == ["prazo novo"]


async def test_a_version_that_comes_is_not_one_that_goes(open_store: OpenStore) -> None:
    """Both are hidden; a search that lasted from the one to the other saw neither its rows nor the next's."""
    store = await open_store()
    await put(store, "a", "prazo 1")
    await store._catalogue.hide(("a", 2))
    coming = await store._catalogue.shown()
    await put(store, "a", "prazo 2", version=2)

    async def not_yet(*_: object) -> None:
        pass

    store._erase = not_yet  # type: ignore[method-assign,assignment]
    await put(store, "a", "prazo 3", version=3)
    going = await store._catalogue.shown()
    assert going.hidden == coming.hidden == {("a", 2)}
    assert going != coming


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """The error says which folder and which setting."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="DATA_DIR"):
        await LanceStore.open(tmp_path / "file" / "data", embedder="words")


async def test_a_damaged_catalogue_is_an_error(tmp_path: Path) -> None:
    """What isn't a database is reported, not overwritten."""
    path = tmp_path / "catalogue.sqlite"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(StoreUnavailable):
        await LanceStore.open(tmp_path, embedder="words")
    assert path.read_bytes().startswith(b"not a database")


async def test_a_catalogue_of_an_earlier_version_is_gone_on_with(
    tmp_path: Path, open_store: OpenStore
) -> None:
    """It knew nothing of a change of the embedder; all it has is kept, and such a change goes well."""
    store = await open_store()
    await put(store, "a", "prazo")
    before = await store.document("a")
    await store.close()
    with closing(sqlite3.connect(tmp_path / "catalogue.sqlite")) as catalogue:
        catalogue.execute("alter table documents drop column renewed")
    again = await open_store()
    assert await again.document("a") == before
    writer = await LanceStore.open(tmp_path, embedder="another")
    await writer.claim()
    await embed_all(writer)
    await writer.close()
    assert await again.answering() == "another"


async def test_a_search_that_fails_says_so(tmp_path: Path, open_store: OpenStore) -> None:
    """Chunks that vanished from the disk are an error, never an empty answer."""
    store = await open_store()
    await put(store, "a", "prazo")
    for data in (tmp_path / "lance" / "chunks.lance" / "data").iterdir():
        data.unlink()
    again = await open_store()
    with pytest.raises(StoreUnavailable):
        await again.search_text("prazo", "pt", Scope(), 5)


async def test_a_table_that_was_not_finished_is_made_anew(tmp_path: Path, open_store: OpenStore) -> None:
    """A writer may die while it makes the very first one: its folder is there, and nothing in it."""
    (tmp_path / "lance" / "chunks.lance" / "_versions").mkdir(parents=True)
    store = await open_store()
    assert await texts_found(store, "prazo") == []
    await store.settle()
    await put(store, "a", "prazo")
    assert await texts_found(store, "prazo") == ["prazo"]


async def test_a_cancelled_write_leaves_no_transaction_open(open_store: OpenStore) -> None:
    """At whatever moment: the next write succeeds, and the document is whole."""
    store = await open_store()
    await put(store, "a", "prazo 0")
    for moment in range(12):
        writing = asyncio.create_task(put(store, "a", f"prazo {moment + 1}", version=moment + 2))
        await asyncio.sleep(moment / 1_000)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        assert len(await texts_found(store, "prazo")) == 1
        await put(store, "b", "nada", version=moment + 1)
    await put(store, "a", "prazo novo", version=20)
    assert await texts_found(store, "prazo") == ["prazo novo"]


async def test_a_table_that_is_gone_is_not_written_over(tmp_path: Path, open_store: OpenStore) -> None:
    """Somebody moved it away: what is left is kept for whoever brings it back."""
    store = await open_store()
    await put(store, "a", "prazo")
    await store.close()
    (tmp_path / "lance").rename(tmp_path / "moved")
    again = await open_store()
    with pytest.raises(StoreUnavailable, match="DATA_DIR"):
        await put(again, "b", "outro")


async def test_many_open_a_new_collection_at_once(tmp_path: Path) -> None:
    """A server, its worker and a loader may all be the first."""
    for number in range(10):
        folder = tmp_path / str(number)
        stores = await asyncio.gather(*(LanceStore.open(folder, embedder="words") for _ in range(8)))
        for store in stores:
            assert await store.documents() == []
            await store.close()
