"""Passages that are held in memory are what the table has now, whoever has written meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from database.records import Chunk, Hit, Scope
from database.seen import Seen
from database.sentence_vectors import pack
from database.stores import lance_passages
from database.stores.lance import LanceStore
from tests.database.fakes import chunks, document, embedding, embeddings


def said(of_version: int, *texts: str) -> list[Chunk]:
    parts = chunks(document("a", version=of_version), *texts)
    return [replace(part, sentences=pack(embedding(part.text)[None])) for part in parts]


async def put(store: LanceStore, version: int, *texts: str) -> None:
    parts = said(version, *texts)
    await store.put(document("a", version=version), parts, embeddings(parts))


async def found(store: LanceStore, question: str) -> list[Hit]:
    by_text = await store.search_text(question, "pt", Scope(), 10)
    by_vector = await store.search_vector(embedding(question), Scope(), 10)
    assert {hit.chunk.id: hit.chunk for hit in by_text}.items() <= {
        hit.chunk.id: hit.chunk for hit in by_vector
    }.items(), "both legs read the same"
    return by_text


def texts(hits: Sequence[Hit]) -> list[str]:
    return sorted(hit.chunk.text for hit in hits)


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[tuple[LanceStore, LanceStore]]:
    """One that writes and one that reads: the second holds what it has read."""
    async with AsyncExitStack() as stack:
        opened = []
        for _ in range(2):
            store = await LanceStore.open(tmp_path, embedder="words")
            stack.push_async_callback(store.close)
            opened.append(store)
        yield opened[0], opened[1]


def reading(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows are read from now on, search by search."""
    read, numbers = lance_passages._read, []

    async def counted(table: object, ids: list[int], of: object) -> object:
        numbers.extend([len(ids)] if ids else [])
        return await read(table, ids, of)  # type: ignore[arg-type]

    monkeypatch.setattr(lance_passages, "_read", counted)
    return numbers


async def test_a_passage_is_read_once(
    stores: tuple[LanceStore, LanceStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what it is compared by; then it is held."""
    writer, reader = stores
    await put(writer, 1, "prazo um", "prazo dois", "recurso")
    numbers = reading(monkeypatch)
    first = await found(reader, "prazo")
    assert [hit.seen for hit in first] == [Seen.of(hit.chunk.text, "pt") for hit in first]
    assert await found(reader, "prazo") == first
    assert numbers == [2, 1], "by its words, then the third by its vector"


async def test_warmed_it_needs_no_reading(
    stores: tuple[LanceStore, LanceStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after it was written elsewhere; an empty collection has nothing to read."""
    writer, reader = stores
    await reader.warm()
    await put(writer, 1, "prazo um", "prazo dois")
    await reader.warm()
    numbers = reading(monkeypatch)
    assert texts(await found(reader, "prazo")) == ["prazo dois", "prazo um"]
    assert numbers == []


async def test_the_oldest_are_let_go(
    stores: tuple[LanceStore, LanceStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large collection does not fill the memory."""
    monkeypatch.setattr(lance_passages, "_HELD", 2)
    writer, reader = stores
    await put(writer, 1, *(f"prazo {n}" for n in range(5)))
    assert len(texts(await found(reader, "prazo"))) == 5
    assert len(reader._passages._held) == 2


async def test_rows_that_move_are_found_where_they_are(stores: tuple[LanceStore, LanceStore]) -> None:
    """Compacting a table gives its rows other numbers."""
    writer, reader = stores
    await put(writer, 1, "prazo um")
    for version in range(2, 8):
        await put(writer, version, f"prazo {version}", f"recurso {version}")
        assert texts(await found(reader, "prazo")) == [f"prazo {version}"]
        await writer.settle()
        assert texts(await found(reader, "prazo")) == [f"prazo {version}"]
        assert texts(await found(reader, "recurso")) == [f"recurso {version}"]


async def test_another_table_has_other_passages(stores: tuple[LanceStore, LanceStore]) -> None:
    """Its rows may have the same numbers, its documents the same names and versions."""
    writer, reader = stores
    await put(writer, 1, "prazo antigo")
    assert texts(await found(reader, "prazo")) == ["prazo antigo"]
    await writer.clear()
    assert texts(await found(reader, "prazo")) == []
    await put(writer, 1, "prazo novo")
    assert texts(await found(reader, "prazo")) == ["prazo novo"]


async def test_a_document_that_comes_again_is_read_again(stores: tuple[LanceStore, LanceStore]) -> None:
    """With the version that it had before it was removed."""
    writer, reader = stores
    await put(writer, 1, "prazo antigo")
    assert texts(await found(reader, "prazo")) == ["prazo antigo"]
    await writer.delete("a")
    await put(writer, 1, "prazo novo")
    assert texts(await found(reader, "prazo")) == ["prazo novo"]


async def test_what_is_embedded_later_has_its_vectors_then(stores: tuple[LanceStore, LanceStore]) -> None:
    """A passage that was found by its words before isn't held without them."""
    writer, reader = stores
    of = document("a")
    parts = said(1, "prazo um", "prazo dois")
    await writer.put(of, [replace(part, sentences=b"") for part in parts])
    (first, second) = await reader.search_text("prazo", "pt", Scope(), 10)
    assert first.chunk.sentences == second.chunk.sentences == b""
    await writer.embed(of, 0, embeddings(parts), [part.sentences for part in parts])
    hits = await found(reader, "prazo")
    assert {hit.chunk.text: hit.chunk.sentences for hit in hits} == {
        part.text: part.sentences for part in parts
    }


async def test_a_search_whose_rows_have_moved_is_repeated(
    stores: tuple[LanceStore, LanceStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between finding them and reading them."""
    writer, reader = stores
    await put(writer, 1, "prazo um")
    read = lance_passages._read
    moved: list[bool] = []

    async def move_first(table: object, ids: list[int], of: object) -> object:
        if not moved:
            moved.append(True)
            ids = [id_ + (1 << 40) for id_ in ids]
        return await read(table, ids, of)  # type: ignore[arg-type]

    monkeypatch.setattr(lance_passages, "_read", move_first)
    assert texts(await found(reader, "prazo")) == ["prazo um"]
    assert moved
