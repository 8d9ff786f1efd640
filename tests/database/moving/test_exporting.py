"""A collection written into a file."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from database.collection import Storage, open_storage
from database.errors import CollectionFileError, StoreUnavailable
from database.moving.whole import Whole
from database.moving.writer import writing
from database.records import Chunk, PageState
from database.settings import Settings
from database.stores.base import Store, Vectors
from database.stores.lance import LanceStore
from tests.database.fakes import chunks, document, embeddings, page_state
from tests.database.moving.carrying import (
    NOTICE,
    PAGES,
    bring_in,
    export,
    fill,
    put,
    put_half,
    seen,
    settings,
)

HERE = "lance"
THERE = "mongodb"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "collection.parquet"


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Storage]:
    async with open_storage(settings(tmp_path / "data")) as opened:
        yield opened


@pytest.fixture
def places(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Settings, Settings]:
    """From one store to another; each is the embedded one or MongoDB."""
    made = []
    for number, kind in enumerate(request.param):
        mongodb = {}
        if kind == THERE:
            uri, database = (request.getfixturevalue(f"mongodb_{name}") for name in ("uri", "database"))
            mongodb = {"mongodb_uri": uri, "mongodb_database": database}
        made.append(settings(tmp_path / f"data{number}", **mongodb))
    return made[0], made[1]


@pytest.mark.parametrize("places", [(HERE, HERE), (HERE, THERE), (THERE, HERE)], indirect=True)
async def test_a_collection_is_the_same_in_the_other_store(
    places: tuple[Settings, Settings], file: Path
) -> None:
    """Records, passages, vectors bit for bit, pages, originals, what is found, and what is still to do."""
    async with open_storage(places[0]) as source:
        await fill(source)
        exported = await export(source, file)
        before = await seen(source)
    async with open_storage(places[1]) as target:
        imported = await bring_in(target, file)
        assert await seen(target) == before
    assert (exported.header.documents, exported.header.chunks, exported.header.originals) == (7, 48, 5)
    assert (imported.documents, imported.chunks, imported.unchanged) == (7, 48, 0)
    assert exported.incomplete == ()
    assert exported.bytes == file.stat().st_size


async def test_an_empty_collection_is_a_file_too(storage: Storage, file: Path, tmp_path: Path) -> None:
    """It brings nothing, and ties the collection to nothing."""
    await export(storage, file)
    async with open_storage(settings(tmp_path / "other")) as target:
        assert (await bring_in(target, file)).documents == 0
        await put(target, "a", "um texto")


async def test_other_programs_read_it(storage: Storage, file: Path) -> None:
    """Passages and pages are rows with columns of their own; the file is private, as the collection is."""
    await fill(storage)
    await export(storage, file)
    columns = ["document_id", "text", "page", "embedding"]
    rows = pq.read_table(file, columns=columns, filters=pc.field("kind") == "chunk").to_pylist()
    assert len(rows) == 48
    of_notice = [row for row in rows if row["document_id"] == "notice"]
    assert [row["text"] for row in of_notice] == ["O prazo é de trinta dias.", "A organização."]
    _, vectors = await storage.store.embedded("notice")
    assert np.array_equal(np.array([row["embedding"] for row in of_notice], np.float32), vectors)
    embedded = [row["embedding"] is not None for row in rows if row["document_id"] == "half"]
    assert embedded == [True, True, False]
    pages = pq.read_table(file, columns=["document_id", "state"], filters=pc.field("kind") == "page")
    of_half = [row["state"] for row in pages.to_pylist() if row["document_id"] == "half"]
    assert of_half == [asdict(page) for page in PAGES]
    assert file.stat().st_mode & 0o077 == 0


async def test_original_files_can_be_left_out_and_are_written_once(storage: Storage, file: Path) -> None:
    """Two documents of the same bytes share them."""
    await fill(storage)
    whole = await export(storage, file)
    others = ("again", "half", "page", "text")
    assert (whole.header.originals, parts(file)) == (5, {"copy": 2, **dict.fromkeys(others, 1)})
    without = await export(storage, file, originals=False)
    assert (without.header.originals, parts(file), without.incomplete) == (0, {}, ())


def parts(file: Path) -> dict[str, int]:
    """How many parts of an original stand with each document."""
    rows = pq.read_table(file, columns=["document_id"], filters=pc.field("kind") == "original")
    return dict(Counter(rows["document_id"].to_pylist()))


async def test_missing_and_damaged_originals_are_named(storage: Storage, file: Path) -> None:
    """The rest is exported; a file with other bytes than the document's is not passed on as its own."""
    lost = await put(storage, "lost", "um texto", original=b"lost")
    damaged = await put(storage, "damaged", "outro texto", original=b"damaged")
    await put(storage, "kept", "mais um", original=b"kept")
    for one in (lost, damaged):
        path = await storage.files.path(one.sha256)
        assert path is not None
        path.unlink() if one is lost else path.write_bytes(b"DAMAGED")
    exported = await export(storage, file)
    assert {one.name for one in exported.incomplete} == {"lost.pdf", "damaged.pdf"}
    assert (exported.header.documents, exported.header.originals) == (3, 1)


class Replacing:
    """A store whose document `a` is replaced, or removed, by another process each time that it is read."""

    def __init__(self, store: Store, *, times: int, remove: bool = False) -> None:
        self._store = store
        self._left = times
        self._remove = remove

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    async def embedded(self, document_id: str) -> tuple[list[Chunk], Vectors]:
        if document_id == "a" and self._left:
            self._left -= 1
            before = await self._store.document("a")
            assert before is not None
            if self._remove:
                await self._store.delete("a")
            else:
                after = replace(before, version=before.version + 1)
                parts = chunks(after, f"versão {after.version}", "mais")
                await self._store.put(after, parts, embeddings(parts))
        return await self._store.embedded(document_id)


@pytest.mark.parametrize(("remove", "texts"), [(False, ["versão 4", "mais"]), (True, [])])
async def test_what_is_replaced_meanwhile_is_read_again(
    storage: Storage, file: Path, tmp_path: Path, remove: bool, texts: list[str]
) -> None:
    """The file holds one whole version, or nothing of a document that is gone."""
    await put(storage, "a", "versão 1")
    await put(storage, "b", "outro")
    replacing = Replacing(storage.store, times=3, remove=remove)
    await export(replace(storage, store=replacing), file)  # type: ignore[arg-type]
    async with open_storage(settings(tmp_path / "other")) as target:
        await bring_in(target, file)
        assert [chunk.text for chunk in await target.store.chunks("a")] == texts
        assert [chunk.text for chunk in await target.store.chunks("b")] == ["outro"]


class Growing:
    """A store whose loader embeds a chunk and lays out a page each time that the passages are read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._embedded = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    async def embedded(self, document_id: str) -> tuple[list[Chunk], Vectors]:
        before = await self._store.document(document_id)
        assert before is not None
        one = (await self._store.chunks(document_id, [self._embedded]))[0]
        await self._store.lay_out(
            before, [page_state(one.position + 1, laid_out=True)], {one.position: "# Já"}
        )
        await self._store.embed(before, one.position, embeddings([one]))
        self._embedded += 1
        return await self._store.embedded(document_id)


async def test_a_collection_is_exported_while_it_is_embedded_and_laid_out(
    storage: Storage, file: Path, tmp_path: Path
) -> None:
    """At the first attempt; no page is said to be laid out whose Markdown may have come too late."""
    await put_half(storage, "a", "um", "dois", "três", embedded=0)
    await export(replace(storage, store=Growing(storage.store)), file)  # type: ignore[arg-type]
    async with open_storage(settings(tmp_path / "other")) as target:
        await bring_in(target, file)
        brought = await target.store.document("a")
        assert brought is not None
        assert (brought.embedded, brought.laid_out, brought.status) == (1, 1, "embedding")
        assert await target.store.pages("a") == list(PAGES)
        found, vectors = await target.store.embedded("a")
        assert found == await storage.store.chunks("a")
        assert np.array_equal(vectors, embeddings(found[:1]))


class LoadedAgain:
    """A store whose document is removed and loaded again, with the same numbers, while its pages are read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._left = 1

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    async def pages(self, document_id: str) -> list[PageState]:
        found = await self._store.pages(document_id)
        if self._left:
            self._left -= 1
            before = await self._store.document(document_id)
            assert before is not None
            await self._store.delete(document_id)
            after = replace(before, created_at=before.created_at + timedelta(seconds=1))
            await self._store.put(after, chunks(after, "novo"), pages=[page_state(1, laid_out=True)])
        return found


async def test_what_is_removed_and_loaded_again_meanwhile_is_read_again(
    storage: Storage, file: Path, tmp_path: Path
) -> None:
    """Its version is the first one again: that alone tells nothing."""
    await put_half(storage, "a", "um", "dois", embedded=0)
    await export(replace(storage, store=LoadedAgain(storage.store)), file)  # type: ignore[arg-type]
    async with open_storage(settings(tmp_path / "other")) as target:
        await bring_in(target, file)
        assert await target.store.pages("a") == [page_state(1, laid_out=True)]
        assert [chunk.text for chunk in await target.store.chunks("a")] == ["novo"]


async def test_what_is_replaced_without_end_fails_the_export(storage: Storage, file: Path) -> None:
    """With what to do about it; the file that was there stays, and nothing is left beside it."""
    await put(storage, "a", "versão 1")
    file.write_bytes(b"the file before")
    replacing = Replacing(storage.store, times=1_000)
    with pytest.raises(StoreUnavailable, match=r"a\.pdf is being replaced"):
        await export(replace(storage, store=replacing), file)  # type: ignore[arg-type]
    assert file.read_bytes() == b"the file before"
    assert {path.name for path in file.parent.iterdir()} == {"data", file.name}


@pytest.mark.parametrize("after", [0.0, 0.001, 0.01, 0.03, 0.1])
async def test_a_stopped_export_leaves_no_part_of_a_file(storage: Storage, file: Path, after: float) -> None:
    """Also where it is stopped while a thread is writing: the whole file is there or nothing."""
    await put(storage, "a", *(f"texto {n}" for n in range(2_000)), original=NOTICE)
    task = asyncio.create_task(export(storage, file))
    await asyncio.wait([task], timeout=after)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert [path for path in file.parent.glob("collection*") if path != file] == []
    assert not file.exists() or pq.ParquetFile(file).metadata.num_rows == 2_003


async def test_one_process_writes_a_file(storage: Storage, file: Path) -> None:
    """A second one is told; afterwards the name is free again, also where a process was killed over it."""
    file.with_name(f"{file.name}.part").write_bytes(b"left by a process that was killed" * 10_000)
    with writing(file, embedder="words") as writer:
        with pytest.raises(CollectionFileError) as raised:
            await export(storage, file)
        assert raised.value.problem == "file_being_written"
        writer.finish()
    await export(storage, file)
    assert pq.ParquetFile(file).metadata.num_rows == 0
    assert file.stat().st_size < 100_000


@pytest.mark.parametrize("where", ["none/collection.parquet", "."])
async def test_a_file_that_cannot_be_written_is_said(storage: Storage, tmp_path: Path, where: str) -> None:
    """A folder that isn't there, or a name that is a folder's."""
    with pytest.raises(CollectionFileError) as raised:
        await export(storage, tmp_path / where)
    assert raised.value.problem == "file_unwritable"


async def test_the_file_names_the_model_of_its_vectors(storage: Storage, file: Path) -> None:
    """Which is the one that answers, whichever is set."""
    await put(storage, "a", "um texto")
    store = await LanceStore.open(file.parent / "data", embedder="another")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(store.close)
        exported = await export(replace(storage, store=store), file)
    assert exported.header.embedder == "words"


async def test_vectors_of_two_models_are_not_exported_together(
    storage: Storage, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The collection changes over while it is read: repeat the command."""
    await put(storage, "a", "um texto")
    names = iter(["words", "another"])

    async def answering() -> str:
        return next(names)

    monkeypatch.setattr(storage.store, "answering", answering)
    with pytest.raises(StoreUnavailable) as raised:
        await export(storage, file)
    assert raised.value.problem == "changed_over_meanwhile"
    assert not file.exists()


def test_a_large_document_is_divided(file: Path) -> None:
    """Row groups stay near their size, whatever a document's; each passage keeps its place."""
    of = document("a")
    texts = [f"{n} " + "x" * 20_000 for n in range(2_500)]
    parts = chunks(of, *texts)
    with writing(file, embedder="words") as writer:
        vectors = np.zeros((len(parts), 4), np.float32)
        writer.add(Whole(document=of, chunks=parts, embeddings=vectors, pages=()), None)
        writer.finish()
    metadata = pq.ParquetFile(file).metadata
    sizes = [metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups)]
    assert metadata.num_row_groups >= 5
    assert max(sizes) < 32 * 2**20
