"""A file brought into a collection."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from database.collection import Storage, open_storage
from database.errors import CollectionFileError, EmbedderMismatch, StoreBusy, StoreUnavailable
from database.moving import layout
from database.moving.importing import Decision, decide
from database.moving.writer import writing
from database.records import Chunk, Document
from database.stores.base import Store, Vectors
from database.stores.lance import LanceStore
from tests.database.fakes import chunks, document
from tests.database.moving.carrying import NOTICE, bring_in, export, fill, put, seen, settings
from tests.database.moving.killed_import import bring_in_and_die

EARLIER = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
LATER = EARLIER + timedelta(milliseconds=1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "collection.parquet"


@pytest.fixture
async def source(tmp_path: Path) -> AsyncIterator[Storage]:
    async with open_storage(settings(tmp_path / "source")) as opened:
        yield opened


@pytest.fixture
async def target(tmp_path: Path) -> AsyncIterator[Storage]:
    async with open_storage(settings(tmp_path / "target")) as opened:
        yield opened


class Breaking:
    """A store that is lost after so many documents, and counts them."""

    def __init__(self, store: Store, *, after: int) -> None:
        self._store = store
        self._after = after
        self.kept: list[str] = []
        self.chunks: list[str] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    async def put(self, document: Document, chunks: Sequence[Chunk], embeddings: Vectors) -> None:
        if len(self.kept) == self._after:
            raise StoreUnavailable("unreadable")
        self.kept.append(document.id)
        await self._store.put(document, chunks, embeddings)
        self.chunks += [chunk.id for chunk in chunks]


async def test_an_import_that_broke_off_is_finished_by_the_next(
    source: Storage, target: Storage, file: Path
) -> None:
    """With the error as it is; what is there already isn't put again; the end is the same."""
    await fill(source)
    await export(source, file)
    breaking = Breaking(target.store, after=2)
    with pytest.raises(StoreUnavailable):
        await bring_in(replace(target, store=breaking), file)  # type: ignore[arg-type]
    assert len(await target.store.documents()) == 3
    counting = Breaking(target.store, after=1_000)
    imported = await bring_in(replace(target, store=counting), file)  # type: ignore[arg-type]
    assert (imported.documents, imported.unchanged) == (2, 3)
    assert set(counting.kept) | set(breaking.kept) == {"notice", "copy", "page", "again"}
    assert not set(counting.kept) & set(breaking.kept)
    assert await seen(target) == await seen(source)
    again = await bring_in(target, file)
    assert (again.documents, again.chunks, again.unchanged) == (0, 0, 5)


@pytest.mark.parametrize("at", [1, 3, -4])
async def test_a_killed_import_is_finished_by_the_next(
    source: Storage, file: Path, tmp_path: Path, at: int
) -> None:
    """Between documents and in the middle of some."""
    await fill(source)
    await put(source, "first", "um texto")
    await export(source, file)
    async with open_storage(settings(tmp_path / "target")) as target:
        await put(target, "first", "um texto")
    process = multiprocessing.get_context("spawn").Process(
        target=bring_in_and_die, args=(tmp_path / "target", file), kwargs={"at": at}
    )
    process.start()
    await asyncio.to_thread(process.join)
    assert process.exitcode == 9
    async with open_storage(settings(tmp_path / "target")) as target:
        await bring_in(target, file)
        assert await seen(target) == await seen(source)


@pytest.mark.parametrize("after", [0.0, 0.005, 0.02, 0.05, 0.1])
async def test_an_import_that_is_stopped_leaves_whole_documents(
    source: Storage, file: Path, tmp_path: Path, after: float
) -> None:
    """At whatever moment; the store and the file are free afterwards."""
    await fill(source)
    await put(source, "first", "um texto")
    await export(source, file)
    async with open_storage(settings(tmp_path / "target")) as target:
        await put(target, "first", "um texto")
        task = asyncio.create_task(bring_in(target, file))
        await asyncio.wait([task], timeout=after)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    async with open_storage(settings(tmp_path / "target")) as target:
        for one in await target.store.documents():
            assert await target.store.chunks(one.id) == await source.store.chunks(one.id)
        await bring_in(target, file)
        assert await seen(target) == await seen(source)


class Slow(Breaking):
    """Takes a while for each document, and notes how many it had at once."""

    most = running = 0

    async def put(self, document: Document, chunks: Sequence[Chunk], embeddings: Vectors) -> None:
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0.05)
        self.running -= 1


@pytest.mark.parametrize(("passages", "most"), [(1, 8), (900, 2), (2_500, 1)])
async def test_documents_are_put_side_by_side_as_far_as_memory_allows(
    source: Storage, target: Storage, file: Path, passages: int, most: int
) -> None:
    """Eight of them, fewer where they are large, one where it is very large."""
    with writing(file, embedder="words") as writer:
        for number in range(10):
            of = document(f"d{number}")
            parts = chunks(of, *["texto"] * passages)
            writer.add(of, parts, np.ones((passages, 3), np.float32), None)
        writer.finish()
    slow = Slow(target.store, after=100)
    imported = await bring_in(replace(target, store=slow), file)  # type: ignore[arg-type]
    assert (imported.documents, imported.chunks) == (10, 10 * passages)
    assert slow.most == most


def made(*, updated_at: datetime = EARLIER, sha256: str = "1" * 64, version: int = 1) -> Document:
    return replace(document("a", version=version), updated_at=updated_at, sha256=sha256)


@pytest.mark.parametrize(
    ("of_file", "before", "decision"),
    [
        (made(), None, "bring"),
        (made(), made(), "unchanged"),
        (made(), made(updated_at=LATER), "unchanged"),
        (made(), made(updated_at=EARLIER.replace(microsecond=678_000)), "unchanged"),
        (made(updated_at=LATER), made(), "bring"),
        (made(sha256="2" * 64), made(), "bring"),
        (made(sha256="2" * 64), made(updated_at=LATER), "newer"),
        (made(version=0), made(), "unchanged"),
        (made(version=0, updated_at=LATER), made(), "unchanged"),
        (made(), made(version=0, updated_at=LATER, sha256="2" * 64), "bring"),
        (made(version=0, updated_at=LATER, sha256="2" * 64), made(version=0), "bring"),
        (replace(made(), pipeline="q"), made(updated_at=LATER), "newer"),
    ],
)
def test_the_newer_one_wins_and_one_with_passages_over_one_without(
    of_file: Document, before: Document | None, decision: Decision
) -> None:
    """Times are compared as both stores keep them: MongoDB's have whole milliseconds."""
    assert decide(of_file, before) == decision


async def test_what_is_older_in_the_collection_is_replaced_and_what_is_newer_stays(
    source: Storage, target: Storage, file: Path
) -> None:
    """The file's becomes the next version, with the chunks' ids of that; the newer one is reported."""
    await put(source, "a", "do arquivo", original=b"1", updated_at=LATER)
    await put(source, "b", "do arquivo", original=b"1", updated_at=EARLIER)
    await put(target, "a", "do acervo", original=b"2", updated_at=EARLIER, version=7)
    newer = await put(target, "b", "do acervo", original=b"2", updated_at=LATER)
    await export(source, file)
    for expected in (["a:8:0"], []):
        noting = Breaking(target.store, after=1)
        imported = await bring_in(replace(target, store=noting), file)  # type: ignore[arg-type]
        assert (imported.documents, imported.newer) == (len(expected), [newer])
        assert noting.chunks == expected
        (chunk,) = await target.store.chunks("a")
        assert (chunk.id, chunk.version, chunk.text) == ("a:8:0", 8, "do arquivo")
        assert [chunk.text for chunk in await target.store.chunks("b")] == ["do acervo"]
    replaced = await target.store.document("a")
    assert replaced is not None
    assert (replaced.version, replaced.updated_at) == (8, LATER)


async def test_times_of_day_pass_through_mongodb(
    source: Storage, file: Path, tmp_path: Path, mongodb_uri: str, mongodb_database: str
) -> None:
    """It cuts them to milliseconds: what was imported is still known for what it is."""
    await put(source, "a", "um texto", updated_at=EARLIER)
    await export(source, file)
    there = settings(tmp_path / "data", mongodb_uri=mongodb_uri, mongodb_database=mongodb_database)
    async with open_storage(there) as target:
        assert (await bring_in(target, file)).documents == 1
        assert (await bring_in(target, file)).unchanged == 1


async def test_originals_reach_mongodb_from_the_same_folder(
    file: Path, tmp_path: Path, mongodb_uri: str, mongodb_database: str
) -> None:
    """The embedded store's files are MongoDB's cache where DATA_DIR stays: they are sent all the same."""
    async with open_storage(settings(tmp_path / "data")) as before:
        of = await put(before, "a", "um texto", original=NOTICE)
        await export(before, file)
    mongodb = {"mongodb_uri": mongodb_uri, "mongodb_database": mongodb_database}
    async with open_storage(settings(tmp_path / "data", **mongodb)) as target:
        await bring_in(target, file)
    async with open_storage(settings(tmp_path / "elsewhere", **mongodb)) as elsewhere:
        path = await elsewhere.files.path(of.sha256)
        assert path is not None
        assert path.read_bytes() == NOTICE


async def test_a_file_of_another_model_is_refused(source: Storage, target: Storage, file: Path) -> None:
    """With the setting that would fit; nothing is written, and the collection isn't tied to anything."""
    await put(source, "a", "um texto")
    await export(source, file)
    with pytest.raises(EmbedderMismatch, match="Set EMBEDDING_MODEL=words"):
        await bring_in(target, file, embedder="another")
    assert await target.store.documents() == []


async def test_vectors_of_another_length_are_refused(target: Storage, file: Path) -> None:
    """The same name can stand for a changed model: what is in the collection stays."""
    of = document("b")
    with writing(file, embedder="words") as writer:
        writer.add(of, chunks(of, "outro"), np.ones((1, 3), np.float32), None)
        writer.finish()
    await put(target, "a", "um texto")
    with pytest.raises(EmbedderMismatch):
        await bring_in(target, file)
    assert [one.id for one in await target.store.documents()] == ["a"]


async def test_nobody_else_may_be_writing(
    source: Storage, target: Storage, file: Path, tmp_path: Path
) -> None:
    """Found before anything is brought in, files included."""
    of = await put(source, "a", "um texto", original=NOTICE)
    await export(source, file)
    other = await LanceStore.open(tmp_path / "target", embedder="words")
    try:
        await other.claim()
        with pytest.raises(StoreBusy):
            await bring_in(target, file)
    finally:
        await other.close()
    assert await target.files.path(of.sha256) is None


async def test_damage_in_the_middle_leaves_what_came_before(
    source: Storage, target: Storage, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole documents; the whole file brings the rest."""
    monkeypatch.setattr(layout, "ROW_GROUP_BYTES", 10_000)
    for name in "abcdef":
        await put(source, name, *(f"{name} {n}" for n in range(50)))
    await export(source, file)
    good = file.read_bytes()
    file.write_bytes(good[: len(good) // 2] + bytes(200) + good[len(good) // 2 + 200 :])
    with pytest.raises(CollectionFileError) as raised:
        await bring_in(target, file)
    assert raised.value.problem == "file_damaged"
    assert 0 < len(await target.store.documents()) < 6
    for one in await target.store.documents():
        assert await target.store.chunks(one.id) == await source.store.chunks(one.id)
    file.write_bytes(good)
    await bring_in(target, file)
    assert await seen(target) == await seen(source)
