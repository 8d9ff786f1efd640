"""The embedded store: chunks, vectors and full text in LanceDB, documents in SQLite."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

import lancedb
import numpy as np

from database.errors import EmbedderMismatch, StoreUnavailable
from database.records import Changeover, Chunk, Count, Document, Hit, PageState, Scope
from database.stores import lance_indexes, lance_queries, lance_rows, lance_sets
from database.stores.base import Embedded, Vectors
from database.stores.catalogue import Catalogue, Shown, Version
from database.stores.counts import with_counts, with_embedded, without_sentences
from database.stores.lance_memory import LanceMemory
from database.stores.lance_passages import LancePassages
from database.stores.lance_sets import LanceSets
from database.stores.vector_sets import VectorSets
from database.stores.writer_lock import WriterLock
from database.terms import search_terms

T = TypeVar("T")

_TABLE = "chunks"
_ALWAYS_NEWEST = timedelta(0)
_RETRIES = 30  # of a search during which a version was swapped: every second one, while write follows write

# Of a large collection, so much is searched exactly, whatever the index of its vectors misses.
_EXACT_WITHIN = 10_000  # passages
_TIDY_EVERY = 32  # writes

# LanceDB computes on all cores: more searches at a time would only make each wait for all others.
_SEARCHES_AT_ONCE = 8


class LanceStore:
    """A collection in one folder. Any number of processes read it, one writes."""

    def __init__(
        self, *, connection: lancedb.AsyncConnection, catalogue: Catalogue, lock: WriterLock, embedder: str
    ) -> None:
        self._connection = connection
        self._catalogue = catalogue
        self._lock = lock
        self._embedder = embedder
        self._sets = LanceSets(catalogue)
        self._opened: lancedb.AsyncTable | None = None
        self._passages = LancePassages()
        self._memory = LanceMemory(self._table, catalogue.shown, self._passages)
        self._searching = asyncio.Semaphore(_SEARCHES_AT_ONCE)
        self._writing = asyncio.Lock()
        self._writes = 0

    @classmethod
    async def open(cls, folder: Path, *, embedder: str) -> Self:
        """Open or create the collection. `embedder` names the model that embeds what is written.

        Raises StoreUnavailable where the folder can't be used.
        """
        try:
            await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable("folder_unusable", detail=error) from error
        return cls(
            connection=await lancedb.connect_async(
                folder / "lance", read_consistency_interval=_ALWAYS_NEWEST
            ),
            catalogue=await Catalogue.open(folder / "catalogue.sqlite"),
            lock=WriterLock(folder / "writer.lock"),
            embedder=embedder,
        )

    async def close(self) -> None:
        await self._memory.close()
        await self._catalogue.close()
        self._connection.close()
        self._lock.release()

    async def ready(self) -> None:
        await self._table()

    async def count(self) -> Count:
        return await self._catalogue.count()

    async def document(self, document_id: str) -> Document | None:
        return await self._catalogue.document(document_id)

    async def document_at(self, address: str, library: str) -> Document | None:
        return await self._catalogue.document_at(address, library)

    async def document_of(self, sha256: str, library: str) -> Document | None:
        return await self._catalogue.document_of(sha256, library)

    async def unfinished(self) -> list[Document]:
        return await self._catalogue.unfinished(await self._sets.prepared(self._embedder))

    async def documents(self, scope: Scope | None = None) -> list[Document]:
        return await self._catalogue.documents(scope)

    async def answering(self) -> str | None:
        return (await self._sets.now()).answering.embedder or None

    async def changeover(self) -> Changeover | None:
        return await self._sets.changeover(self._embedder)

    async def claim(self) -> None:
        async with self._writing:
            await self._begin_writing()

    async def release(self) -> None:
        async with self._writing:
            self._lock.release()

    async def put(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        embeddings: Vectors | None = None,
        pages: Sequence[PageState] = (),
    ) -> None:
        if embeddings is not None and embeddings.shape[0] != len(chunks):
            raise ValueError(f"{len(chunks)} chunks with {embeddings.shape[0]} embeddings")
        async with self._writing:
            await self._begin_writing()
            table, sets = await self.table_for(embeddings.shape[1] if embeddings is not None else None)
            if embeddings is None and sets.coming:
                chunks = without_sentences(chunks)
            version = (document.id, document.version)
            if version in await self._catalogue.hidden():  # an attempt before this one failed half-way
                await self._erase([version])
            await self._catalogue.hide(version)
            if chunks:
                await table.add(lance_rows.rows(document, chunks, embeddings, sets.written))
            counted = with_counts(
                document, chunks, pages, embedded=embeddings is not None, changing=sets.coming is not None
            )
            markdown = {chunk.position: chunk.markdown for chunk in chunks}
            replaced = await self._catalogue.show(counted, pages, markdown)
            if replaced:
                await self._erase([replaced])
            await self._tidy(table)
            await self._exchange_if_whole(sets)

    async def embed(
        self, document: Document, first: int, embeddings: Vectors, sentences: Sequence[bytes] = ()
    ) -> Document | None:
        part = Embedded(document=document, first=first, embeddings=embeddings, sentences=sentences)
        return (await self.embed_together([part]))[0]

    async def embed_together(self, parts: Sequence[Embedded]) -> list[Document | None]:
        async with self._writing:
            await self._begin_writing()
            current = [await self._current(part.document) for part in parts]
            wanted = [part for part, found in zip(parts, current, strict=True) if found]
            sets = await self._sets.now()
            if wanted:
                table, sets = await self.table_for(wanted[0].embeddings.shape[1])
                # Rows are replaced whole: of some columns alone, LanceDB reads all that the table holds.
                rows = await table.query().where(lance_rows.of_parts(wanted)).to_arrow()
                rows = lance_rows.embedded(rows, wanted, sets.written)
                await table.merge_insert(lance_rows.KEY).when_matched_update_all().execute(rows)
                await self._tidy(table)
            after = [
                found and with_embedded(found, part.first + len(part.embeddings))
                for part, found in zip(parts, current, strict=True)
            ]
            await self._catalogue.count_embedded([document for document in after if document])
            if await self._exchange_if_whole(sets):
                return [found and await self._catalogue.document(found.id) for found in after]
            return after

    async def lay_out(
        self, document: Document, pages: Sequence[PageState], markdown: Mapping[int, str]
    ) -> Document | None:
        async with self._writing:
            await self._begin_writing()
            current = await self._current(document)
            return current and await self._catalogue.lay_out(current, pages, markdown)

    async def record(self, document: Document) -> None:
        async with self._writing:
            await self._begin_writing()
            await self._catalogue.record(document)

    async def delete(self, document_id: str) -> bool:
        async with self._writing:
            await self._begin_writing()
            gone = await self._catalogue.withdraw(document_id)
            if gone:
                await self._erase([gone])
                await self._exchange_if_whole(await self._sets.now())
            return gone is not None

    async def clear(self) -> None:
        async with self._writing:
            self._lock.take()
            await self._catalogue.clear()
            if await self._table() is not None:
                await self._connection.drop_table(_TABLE)
                self._opened = None
                # Whoever read the table since the catalogue was cleared has passages that are gone.
                await self._catalogue.note_new_table()

    async def settle(self) -> None:
        async with self._writing:
            await self._begin_writing()
            table = await self._table()
            if table is None or not await table.count_rows():
                return
            await self._settle(table)

    async def state(self) -> object | None:
        return self._catalogue.changes()

    async def warm(self) -> None:
        async def read(shown: Shown) -> None:
            if not await self._memory.start() and (table := await self._table()) is not None:
                await self._passages.warm(table, shown)

        await self._consistently(read)

    async def in_memory(self) -> bool:
        """Whether a search that began now would be answered from memory."""
        return self._memory.of(await self._catalogue.shown()) is not None

    async def search_vector(self, vector: Vectors, scope: Scope, limit: int) -> list[Hit]:
        async def search(shown: Shown) -> list[Hit]:
            if (held := self._memory.of(shown)) is not None:
                return await held.nearest(vector, scope, shown.hidden, limit)
            table, of = await self._table(), shown.answering
            if table is None or of.named(lance_rows.EMBEDDING) not in (await table.schema()).names:
                return []
            partitioned = await lance_indexes.partitioned(table, of)
            find = partial(
                lance_queries.nearest,
                table,
                vector,
                lance_rows.within(scope, shown.hidden),
                limit,
                of=of,
                partitioned=partitioned,
                exact=partitioned and await self._catalogue.holds_at_most(_EXACT_WITHIN, scope),
            )
            async with self._searching:
                return await self._passages.hits(table, find, shown)

        return await self._consistently(search)

    async def search_text(self, text: str, language: str, scope: Scope, limit: int) -> list[Hit]:
        async def search(shown: Shown) -> list[Hit]:
            asked = search_terms(text, (await self._catalogue.languages()) | {language})
            if (held := self._memory.of(shown)) is not None:
                return held.sharing_words(asked, scope, shown.hidden, limit)
            table = await self._table()
            if table is None or not asked:
                return []
            condition = lance_rows.within(scope, shown.hidden)
            find = partial(lance_queries.sharing_words, table, asked, condition, limit)
            async with self._searching:
                return await self._passages.hits(table, find, shown)

        return await self._consistently(search)

    async def sample(self, limit: int) -> list[Chunk]:
        async def read(shown: Shown) -> list[Chunk]:
            table, of = await self._table(), shown.answering
            rows = 0 if table is None else await table.count_rows()
            if table is None or not rows:
                return []
            spread = sorted({at * rows // limit for at in range(limit)} if rows > limit else range(rows))
            found = await table.take_offsets(spread).select(lance_rows.columns_of(of)).to_list()
            return [lance_rows.chunk(row, of) for row in found]

        return await self._consistently(read)

    async def with_markdown(self, chunks: Sequence[Chunk]) -> list[Chunk]:
        return await self._catalogue.markdown(chunks)

    async def pages(self, document_id: str) -> list[PageState]:
        return await self._catalogue.pages(document_id)

    async def chunks(self, document_id: str, positions: Sequence[int] | None = None) -> list[Chunk]:
        async def read(shown: Shown) -> list[Chunk]:
            document = await self._catalogue.document(document_id)
            table, of = await self._table(), shown.answering
            if document is None or table is None or (positions is not None and not positions):
                return []
            condition = lance_rows.at_positions(document_id, document.version, positions)
            found = await table.query().where(condition).select(lance_rows.columns_of(of)).to_list()
            bare = sorted((lance_rows.chunk(row, of) for row in found), key=lambda chunk: chunk.position)
            return await self._catalogue.markdown(bare)

        return await self._consistently(read)

    async def embedded(self, document_id: str) -> tuple[list[Chunk], Vectors]:
        async def read(shown: Shown) -> tuple[list[Chunk], Vectors]:
            document = await self._catalogue.document(document_id)
            table, of = await self._table(), shown.answering
            if document is None or table is None:
                return [], np.zeros((0, 0), np.float32)
            condition = lance_rows.of_version(document_id, document.version)
            columns, embedding = lance_rows.columns_of(of), of.named(lance_rows.EMBEDDING)
            if embedding in (await table.schema()).names:
                columns.append(embedding)
            found = await table.query().where(condition).select(columns).to_list()
            found.sort(key=lambda row: row["position"])
            chunks = await self._catalogue.markdown([lance_rows.chunk(row, of) for row in found])
            vectors = [row[embedding] for row in found[: document.embedded]]
            return chunks, np.array(vectors, np.float32) if vectors else np.zeros((0, 0), np.float32)

        return await self._consistently(read)

    async def _current(self, document: Document) -> Document | None:
        """The document as it is, if this version of it is the findable one."""
        current = await self._catalogue.document(document.id)
        return current if current and current.version == document.version else None

    async def _consistently(self, search: Callable[[Shown], Awaitable[T]]) -> T:
        """Search again where a version was swapped meanwhile: it could have missed old and new; or where the
        vectors were.
        """
        shown = await self._catalogue.shown()
        for attempt in range(_RETRIES):
            try:
                found = await search(shown)
            except (OSError, RuntimeError, ValueError) as error:
                if attempt == _RETRIES - 1:
                    raise StoreUnavailable("unreadable", detail=error) from error
                self._opened = None
                shown = await self._catalogue.shown()
            else:
                shown_now = await self._catalogue.shown()
                if shown_now == shown or attempt == _RETRIES - 1:
                    return found
                shown = shown_now
        raise AssertionError("the last attempt returns or raises")

    async def _table(self) -> lancedb.AsyncTable | None:
        if self._opened is None and _TABLE in (await self._connection.list_tables()).tables:
            try:
                self._opened = await self._connection.open_table(_TABLE)
            except ValueError as error:
                if "was not found" not in str(error):
                    raise
                return None  # its folder alone: a writer died while it made the table
        return self._opened

    async def table_for(self, dimensions: int | None) -> tuple[lancedb.AsyncTable, VectorSets]:
        """The table, made where there is none, with room for embeddings of so many dimensions, if any; and
        the sets of vectors.
        """
        table, sets = await self._table(), await self._sets.now()
        if table is None:
            if (await self._catalogue.count()).chunks:  # there was one: it is not ours to write over
                raise StoreUnavailable("unreadable", detail=f"the table {_TABLE!r} is gone")
            table = await self._connection.create_table(
                _TABLE, schema=lance_rows.schema(sets.written), mode="overwrite"
            )
            await table.create_index("terms", config=lance_indexes.FULL_TEXT)
            await self._catalogue.note_new_table()
            self._opened = table
        if dimensions is None:
            return table, sets
        if not sets.answering.embedder:
            sets = await self._sets.tie(self._embedder)  # before the first vector is there
        schema, column = await table.schema(), sets.written.named(lance_rows.EMBEDDING)
        if column not in schema.names:
            await table.add_columns(lance_rows.embedding_field(sets.written, dimensions))
        elif (stored := schema.field(column).type.list_size) != dimensions:
            raise EmbedderMismatch("other_dimensions", stored=stored, wanted=dimensions)
        return table, sets

    async def _tidy(self, table: lancedb.AsyncTable) -> None:
        """Now and then, where much is written."""
        self._writes += 1
        if self._writes % _TIDY_EVERY == 0 and await lance_indexes.untidy(table):
            await self._settle(table)

    async def _settle(self, table: lancedb.AsyncTable) -> None:
        made_for, of = await self._sets.indexed(), (await self._sets.now()).answering
        now = await lance_indexes.settle(table, of, await self._catalogue.embedded(), made_for)
        if now != made_for:
            await self._sets.note_indexed(now)

    async def _begin_writing(self) -> None:
        """Take the lock; what a writer that died left half-done is erased first. Then a change-over begins,
        goes on, or ends.
        """
        if self._lock.held:
            return
        self._lock.take()
        try:
            await self._erase(list(await self._catalogue.hidden()))
            sets = await self._sets.for_writer(self._embedder)
            if not await self._exchange_if_whole(sets):
                await self._fit(sets)
        except BaseException:
            self._lock.release()  # the next write begins anew
            raise

    async def _exchange_if_whole(self, sets: VectorSets) -> bool:
        """The step in which the coming vectors become those that answer; whether it was taken."""
        if sets.coming is None or not await self._catalogue.all_renewed():
            return False
        table, (vectors, _) = await self._table(), await self._catalogue.renewed()
        if table is not None and vectors:
            await lance_indexes.index_vectors(table, sets.coming, vectors)
        await self._fit(await self._sets.exchange(sets, vectors))
        return True

    async def _fit(self, sets: VectorSets) -> None:
        if (table := await self._table()) is not None:
            await lance_sets.fit(table, sets)

    async def _erase(self, versions: Sequence[Version]) -> None:
        table = await self._table()
        for document_id, version in versions:
            if table is not None:
                await table.delete(lance_rows.of_version(document_id, version))
            await self._catalogue.forget([(document_id, version)])
