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
import pyarrow.parquet as pq
import pytest

from database.collection import Storage, open_storage
from database.errors import CollectionFileError, EmbedderMismatch, StoreBusy, StoreUnavailable
from database.moving import layout
from database.moving.importing import Decision, decide
from database.moving.whole import Whole
from database.moving.writer import writing
from database.records import Chunk, Document, PageState
from database.stores.base import Store, Vectors
from database.stores.lance import LanceStore
from tests.database.fakes import chunks, document, embeddings
from tests.database.moving.carrying import (
    COPIES,
    DESCRIBED,
    NOTICE,
    PASSING,
    bring_in,
    export,
    fill,
    put,
    put_half,
    seen,
    seen_but_for_versions,
    settings,
)
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


def whole(of: Document, parts: list[Chunk], vectors: Vectors) -> Whole:
    made = Whole(document=of, chunks=parts, embeddings=vectors, pages=())
    return replace(made, document=made.counted)


class Breaking:
    """A store that is lost after so many documents, and counts them."""

    def __init__(self, store: Store, *, after: int) -> None:
        self._store = store
        self._after = after
        self.kept: list[str] = []
        self.chunks: list[str] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    async def put(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        embeddings: Vectors | None = None,
        pages: Sequence[PageState] = (),
    ) -> None:
        if len(self.kept) == self._after:
            raise StoreUnavailable("unreadable")
        self.kept.append(document.id)
        await self._store.put(document, chunks, embeddings, pages)
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
    assert (imported.documents, imported.unchanged) == (4, 3)
    assert set(counting.kept) | set(breaking.kept) == {"again", "copy", "half", "notice", "page", "text"}
    assert not set(counting.kept) & set(breaking.kept)
    assert await seen(target) == await seen(source)
    again = await bring_in(target, file)
    assert (again.documents, again.chunks, again.unchanged) == (0, 0, 7)


class Unembedding(Breaking):
    """A store that is lost whenever it is given embeddings alone."""

    async def embed(
        self, document: Document, first: int, embeddings: Vectors, sentences: Sequence[bytes] = ()
    ) -> Document | None:
        raise StoreUnavailable("unreadable")


async def test_an_import_that_broke_off_before_the_embeddings_is_finished_by_the_next(
    source: Storage, target: Storage, file: Path
) -> None:
    """The text is found meanwhile; then the loader goes on where it was, not from the first passage on."""
    await put_half(source, "half", "prazo um", "prazo dois", "prazo três", embedded=2)
    await export(source, file)
    with pytest.raises(StoreUnavailable):
        await bring_in(replace(target, store=Unembedding(target.store, after=9)), file)  # type: ignore[arg-type]
    (left,) = await target.store.unfinished()
    assert (left.passages, left.embedded, left.copies, left.described) == (3, 0, COPIES, DESCRIBED)
    assert (await bring_in(target, file)).documents == 1
    (unfinished,) = await target.store.unfinished()
    assert (unfinished.version, unfinished.embedded, unfinished.laid_out) == (2, 2, 1)
    assert (await seen(target)).vectors == (await seen(source)).vectors
    assert await target.store.pages("half") == await source.store.pages("half")
    assert (await bring_in(target, file)).unchanged == 1


async def test_what_was_exported_later_goes_further(source: Storage, target: Storage, file: Path) -> None:
    """The first file's documents are finished by the second; the first one changes nothing any more."""
    of = await put_half(source, "half", "prazo um", "prazo dois", embedded=1)
    early = file.with_name("early.parquet")
    await export(source, early)
    await bring_in(target, early)
    parts = await source.store.chunks("half")
    await source.store.embed(of, 1, embeddings(parts[1:]))
    await export(source, file)
    for brought, one in enumerate((early, file, early)):
        assert (await bring_in(target, one)).documents == (brought == 1)
    after = await target.store.document("half")
    assert after is not None
    assert (after.status, after.embedded, after.laid_out) == ("ready", 2, 1)


@pytest.mark.parametrize("at", [1, 3, -4])
async def test_a_killed_import_is_finished_by_the_next(
    source: Storage, file: Path, tmp_path: Path, at: int
) -> None:
    """Between documents and in the middle of some: one that had its text, but no vectors, becomes a version
    more.
    """
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
        assert await seen_but_for_versions(target) == await seen_but_for_versions(source)


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
        assert await seen_but_for_versions(target) == await seen_but_for_versions(source)


class Slow(Breaking):
    """Takes a while for each document, and notes how many it had at once."""

    most = running = 0

    async def put(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        embeddings: Vectors | None = None,
        pages: Sequence[PageState] = (),
    ) -> None:
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0.2)
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
            writer.add(whole(of, parts, np.ones((passages, 3), np.float32)), None)
        writer.finish()
    slow = Slow(target.store, after=100)
    imported = await bring_in(replace(target, store=slow), file)  # type: ignore[arg-type]
    assert (imported.documents, imported.chunks) == (10, 10 * passages)
    assert slow.most == most


def made(*, updated_at: datetime = EARLIER, sha256: str = "1" * 64, version: int = 1) -> Document:
    return replace(document("a", version=version), updated_at=updated_at, sha256=sha256)


def done(*, embedded: int = 0, laid_out: int = 0) -> Document:
    return replace(made(), passages=3, embedded=embedded, laid_out=laid_out)


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
        (done(embedded=2), done(embedded=1), "bring"),
        (done(embedded=1), done(embedded=2), "unchanged"),
        (done(laid_out=2), done(laid_out=1), "bring"),
        (done(embedded=2, laid_out=1), done(embedded=1, laid_out=2), "unchanged"),
        (done(embedded=2), replace(done(embedded=1), updated_at=LATER), "unchanged"),
        (replace(done(embedded=1), updated_at=LATER), done(embedded=2), "bring"),
    ],
)
def test_the_newer_one_wins_and_one_with_passages_over_one_without(
    of_file: Document, before: Document | None, decision: Decision
) -> None:
    """Of the same one that which is further, unless a person has changed it since.

    Times are compared as both stores keep them: MongoDB's have whole milliseconds.
    """
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
        writer.add(whole(of, chunks(of, "outro"), np.ones((1, 3), np.float32)), None)
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


async def test_what_a_killed_import_left_in_the_folder_is_gone_after_the_next(
    source: Storage, target: Storage, file: Path
) -> None:
    """Originals would fill the disk there, one after the other."""
    await put(source, "a", "um texto", original=NOTICE)
    await export(source, file)
    left = file.with_name(PASSING) / "importing" / ("0" * 64)
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half of an original")
    await bring_in(target, file)
    assert not left.exists()


async def test_a_folder_that_cannot_be_used_is_said(source: Storage, target: Storage, file: Path) -> None:
    """It is the collection's, and no damage of the file; nothing is brought in."""
    await put(source, "a", "um texto", original=NOTICE)
    await export(source, file)
    file.with_name(PASSING).write_bytes(b"a file where the folder should be")
    with pytest.raises(StoreUnavailable) as raised:
        await bring_in(target, file)
    assert raised.value.problem == "folder_unusable"
    assert await target.store.documents() == []


async def test_damage_in_the_middle_leaves_what_came_before(
    source: Storage, target: Storage, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole documents; the whole file brings the rest."""
    monkeypatch.setattr(layout, "ROW_GROUP_BYTES", 10_000)
    for name in "abcdef":
        await put(source, name, *(f"{name} {n}" for n in range(50)))
    await export(source, file)
    good = file.read_bytes()
    metadata = pq.ParquetFile(file).metadata
    group = metadata.row_group(metadata.num_row_groups // 2)
    embeddings = group.column(group.num_columns - 1)
    end = embeddings.data_page_offset + embeddings.total_compressed_size
    file.write_bytes(good[: end - 200] + bytes(200) + good[end:])
    with pytest.raises(CollectionFileError) as raised:
        await bring_in(target, file)
    assert raised.value.problem == "file_damaged"
    assert 0 < len(await target.store.documents()) < 6
    for one in await target.store.documents():
        assert await target.store.chunks(one.id) == await source.store.chunks(one.id)
    file.write_bytes(good)
    await bring_in(target, file)
    assert await seen(target) == await seen(source)
