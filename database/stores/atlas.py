"""The store on MongoDB: Atlas, the local Atlas container, or Community with mongot.

A version's chunks are in the collection `chunks` before they may be found, and a moment longer than they may.
The versions that must not be found are listed, as hidden, in their document's own record, beside the version
that is; so one update of one record makes a version findable and withdraws the one before it. The search
indexes follow the collection a moment later: a version is only shown when both of them hold it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Self

from pymongo import ASCENDING, AsyncMongoClient, ReplaceOne, UpdateOne

from database.errors import EmbedderMismatch, StoreUnavailable
from database.records import Changeover, Chunk, Count, Document, Hit, PageState, Scope, chunk_id
from database.stores import atlas_records, atlas_stages
from database.stores.atlas_client import connect, explained, reading, writing
from database.stores.atlas_indexes import Indexes
from database.stores.atlas_lease import Lease
from database.stores.atlas_records import Record, version_id
from database.stores.atlas_sets import EMBEDDER, AtlasSets, Tie
from database.stores.atlas_stages import (
    EMBEDDING,
    EXACT_BELOW,
    MARKDOWN,
    SCORE,
    SENTENCES,
    Stage,
    as_binary,
    as_int8,
)
from database.stores.base import Embedded, Tell, Vectors, silent
from database.stores.counts import with_counts, with_embedded, without_sentences
from database.stores.vector_sets import VectorSet, VectorSets
from database.terms import search_terms

_RETRIES = 3  # of a search during which a version was swapped
_AT_ONCE = 500  # chunks in one insert: about 3 MB
_IS_DOCUMENT = {"name": {"$exists": True}}


@dataclass(frozen=True, kw_only=True, slots=True)
class _State:
    """What a search must know of the collection before it begins."""

    hidden: frozenset[str]
    languages: frozenset[str]
    chunks: int
    tie: Tie


class AtlasStore:
    """A collection in one database. Any number of processes read it, one writes."""

    def __init__(
        self, client: AsyncMongoClient[Record], uri: str, database: str, *, embedder: str, indexes: Indexes
    ) -> None:
        self._client = client
        self._uri = uri
        self.database = client[database]
        self._documents = self.database["documents"]
        self._chunks = self.database["chunks"]
        self._pages = self.database["pages"]
        self._meta = self.database["meta"]
        self._embedder = embedder
        self._sets = AtlasSets(self._meta)
        self._indexes = indexes
        self._lease = Lease(self._meta)
        self._beginning = asyncio.Lock()
        self._exchanging = asyncio.Lock()
        self._prepared_for: tuple[VectorSet, int] | None = None  # dimensions; 0 until something is embedded

    @classmethod
    def open(cls, uri: str, database: str, *, embedder: str, tell: Tell = silent) -> Self:
        """`embedder` names the model that embeds what is written; `tell` hears what is waited for.

        Connects when it is first used. Raises SettingError where the address can't be read.
        """
        client = connect(uri)
        return cls(
            client, uri, database, embedder=embedder, indexes=Indexes(client[database]["chunks"], tell=tell)
        )

    async def close(self) -> None:
        await self._lease.release()
        await self._client.close()

    async def ready(self) -> None:
        await self._ping()
        state = await self._state()
        if state.chunks:
            await self._check_indexes(state.tie)
        if state.tie.dimensions:
            await self._indexes.check_vectors(state.tie.sets.answering, state.tie.dimensions)

    async def _ping(self) -> None:
        """Raises StoreUnavailable soon, where a loader's first write would wait for a minute."""
        async with explained(self._client, self._uri):
            with reading():
                await self._client.admin.command("ping")

    async def count(self) -> Count:
        pipeline: list[Stage] = [
            {"$match": {"chunks": {"$gt": 0}}},
            {"$group": {"_id": None, "documents": {"$sum": 1}, "chunks": {"$sum": "$chunks"}}},
        ]
        with reading():
            async with await self._documents.aggregate(pipeline) as rows:
                found = await rows.to_list()
        return (
            Count(documents=found[0]["documents"], chunks=found[0]["chunks"])
            if found
            else Count(documents=0, chunks=0)
        )

    async def document(self, document_id: str) -> Document | None:
        with reading():
            record = await self._documents.find_one({"_id": document_id, **_IS_DOCUMENT})
        return atlas_records.document(record, (await self._sets.now()).sets) if record else None

    async def documents(self, scope: Scope | None = None) -> list[Document]:
        condition: Stage = dict(_IS_DOCUMENT)
        if scope is not None:
            condition["library"] = {"$in": list(scope.libraries)}
            if scope.documents is not None:
                condition["_id"] = {"$in": list(scope.documents)}
        with reading():
            found = (
                await self._documents.find(condition)
                .sort([("name", ASCENDING), ("_id", ASCENDING)])
                .to_list()
            )
        return await self._as_documents(found)

    async def document_at(self, address: str, library: str) -> Document | None:
        at = [{"source": address}, {"copies.address": address}]
        return await self._one({"library": library, "$or": at})

    async def document_of(self, sha256: str, library: str) -> Document | None:
        return await self._one({"library": library, "sha256": sha256})

    async def unfinished(self) -> list[Document]:
        with reading():
            sets = (await self._sets.now()).sets.for_writer(self._embedder)
            lacking = atlas_stages.lacking_vectors(sets.written), atlas_stages.not_laid_out()
            found = await self._documents.find({"$or": list(lacking)}).sort("updated_at").to_list()
        return await self._as_documents(found)

    async def _as_documents(self, records: Sequence[Record]) -> list[Document]:
        sets = (await self._sets.now()).sets
        return [atlas_records.document(record, sets) for record in records]

    async def _one(self, condition: Stage) -> Document | None:
        """The one with the newest version, where there are several."""
        with reading():
            found = await self._documents.find({**condition, **_IS_DOCUMENT}).sort("version", -1).to_list(1)
        return (await self._as_documents(found))[0] if found else None

    async def answering(self) -> str | None:
        tie = await self._sets.now()
        return (tie.begun and tie.sets.answering.embedder) or None

    async def changeover(self) -> Changeover | None:
        sets = (await self._sets.now()).sets.for_writer(self._embedder)
        if sets.coming is None:
            return None
        with reading():
            async with await self._documents.aggregate(atlas_stages.counted_vectors(sets.coming)) as rows:
                found = await rows.to_list()
        return Changeover(
            answering=sets.answering.embedder,
            coming=self._embedder,
            embedded=found[0]["embedded"] if found else 0,
            passages=found[0]["passages"] if found else 0,
        )

    async def claim(self) -> None:
        async with self._beginning:
            if self._lease.held:
                return
            await self._ping()
            await self._lease.take()
            try:
                await self._finish_clearing()
                await self._make_indexes_of_documents()
                await self._erase_hidden()
                await self._sets.for_writer(self._embedder)
                if not await self._exchange_if_whole():
                    await self._drop_what_is_left(await self._sets.now())
            except BaseException:
                await self._lease.release()  # the next write begins anew
                raise

    async def release(self) -> None:
        async with self._beginning:
            await self._lease.release()

    async def put(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        embeddings: Vectors | None = None,
        pages: Sequence[PageState] = (),
    ) -> None:
        if embeddings is not None and embeddings.shape[0] != len(chunks):
            raise ValueError(f"{len(chunks)} chunks with {embeddings.shape[0]} embeddings")
        await self.claim()
        sets = (await self._sets.now()).sets
        if chunks:
            sets = await self._prepare_for(0 if embeddings is None else embeddings.shape[1])
        if embeddings is None and sets.coming:
            chunks = without_sentences(chunks)
        of = sets.written
        shown = version_id(document.id, document.version)
        with writing():
            before = await self._documents.find_one({"_id": document.id}) or {}
            await self._documents.update_one(
                {"_id": document.id}, {"$addToSet": {"hidden": document.version}}, upsert=True
            )
            await self._delete_version(shown)  # of an attempt that failed half-way
        records = list(atlas_records.chunk_records(document, chunks, embeddings, of))
        for start in range(0, len(records), _AT_ONCE):
            with writing():
                await self._chunks.insert_many(records[start : start + _AT_ONCE])
        await self._write_pages(document, pages)
        if records:
            await self._indexes.wait_for_text(shown, len(records))
        if embeddings is not None and records:
            await self._indexes.wait_for_vectors(shown, records[0][of.named(EMBEDDING)], len(records), of)
        replaced = {*before.get("hidden", []), before.get("version", 0)} - {document.version, 0}
        counted = with_counts(
            document, chunks, pages, embedded=embeddings is not None, changing=sets.coming is not None
        )
        fields = {
            **atlas_records.document_fields(counted),
            **atlas_records.counted_fields(counted, sets),
            "hidden": sorted(replaced),
        }
        with writing():  # the step
            await self._documents.update_one({"_id": document.id}, {"$set": fields})
        for version in sorted(replaced):
            await self._erase(document.id, version)
        await self._exchange_if_whole()

    async def embed(
        self, document: Document, first: int, embeddings: Vectors, sentences: Sequence[bytes] = ()
    ) -> Document | None:
        await self.claim()
        current = await self._current(document)
        if current is None:
            return None
        sets = await self._prepare_for(embeddings.shape[1])
        written = sets.written
        binaries = [as_binary(vector) for vector in embeddings]
        ids = (chunk_id(current.id, current.version, first + at) for at in range(len(binaries)))
        packed = map(as_int8, sentences or [b""] * len(binaries))
        updates = [
            UpdateOne(
                {"_id": id_},
                {"$set": {written.named(EMBEDDING): binary, written.named(SENTENCES): of_sentences}},
            )
            for id_, binary, of_sentences in zip(ids, binaries, packed, strict=True)
        ]
        for start in range(0, len(updates), _AT_ONCE):
            with writing():
                await self._chunks.bulk_write(updates[start : start + _AT_ONCE], ordered=False)
        after = with_embedded(current, first + len(binaries))
        if binaries and after.prepared >= after.passages:
            version = version_id(after.id, after.version)
            await self._indexes.wait_for_vectors(version, binaries[0], after.passages, written)
        await self._count(after, sets)
        if await self._exchange_if_whole():
            return await self.document(after.id)
        return after

    async def embed_together(self, parts: Sequence[Embedded]) -> list[Document | None]:
        return [
            await self.embed(part.document, part.first, part.embeddings, part.sentences) for part in parts
        ]

    async def lay_out(
        self, document: Document, pages: Sequence[PageState], markdown: Mapping[int, str]
    ) -> Document | None:
        await self.claim()
        current = await self._current(document)
        if current is None:
            return None
        updates = [
            UpdateOne({"_id": chunk_id(current.id, current.version, at)}, {"$set": {MARKDOWN: text}})
            for at, text in markdown.items()
        ]
        if updates:
            with writing():
                await self._chunks.bulk_write(updates, ordered=False)
        await self._write_pages(current, pages)
        of = version_id(current.id, current.version)
        with writing():
            laid_out = await self._pages.count_documents({"version_id": of, "laid_out": True})
            await self._documents.update_one({"_id": current.id}, {"$set": {"laid_out": laid_out}})
        return replace(current, laid_out=laid_out)

    async def _write_pages(self, document: Document, pages: Sequence[PageState]) -> None:
        records = atlas_records.page_records(document, pages)
        writes = [ReplaceOne({"_id": record["_id"]}, record, upsert=True) for record in records]
        if writes:
            with writing():
                await self._pages.bulk_write(writes, ordered=False)

    async def _count(self, document: Document, sets: VectorSets) -> None:
        fields = {**atlas_records.counted_fields(document, sets), "status": document.status}
        with writing():
            await self._documents.update_one({"_id": document.id}, {"$set": fields})

    async def _current(self, document: Document) -> Document | None:
        """The document as it is, if this version of it is the findable one."""
        current = await self.document(document.id)
        return current if current and current.version == document.version else None

    async def record(self, document: Document) -> None:
        await self.claim()
        sets = (await self._sets.now()).sets
        with writing():
            await self._documents.update_one(
                {"_id": document.id},
                {
                    "$set": atlas_records.document_fields(document),
                    "$setOnInsert": {"hidden": [], **atlas_records.counted_fields(document, sets)},
                },
                upsert=True,
            )

    async def delete(self, document_id: str) -> bool:
        await self.claim()
        with writing():
            before = await self._documents.find_one({"_id": document_id, **_IS_DOCUMENT})
            if before is None:
                return False
            versions = sorted({*before["hidden"], before["version"]} - {0})
            await self._documents.replace_one({"_id": document_id}, {"hidden": versions})  # the step
        for version in versions:
            await self._erase(document_id, version)
        with writing():
            await self._documents.delete_one({"_id": document_id, "hidden": []})
        await self._exchange_if_whole()
        return True

    async def clear(self) -> None:
        async with self._beginning:
            await self._ping()
            await self._lease.take()
            with writing():
                await self._meta.update_one({"_id": EMBEDDER}, {"$set": {"clearing": True}}, upsert=True)
            await self._finish_clearing()
            self._prepared_for = None

    async def state(self) -> object | None:
        return None

    async def warm(self) -> None:
        """MongoDB keeps in its memory what is often read."""

    async def settle(self) -> None:
        """The indexes follow by themselves; those that are missing are made, those that differ updated."""
        await self.claim()
        tie = await self._sets.now()
        if tie.begun:
            self._prepared_for = None
            await self._prepare_for(tie.lengths.get(tie.sets.written.number, 0))

    async def search_vector(self, vector: Vectors, scope: Scope, limit: int) -> list[Hit]:
        async def search(state: _State) -> list[Hit]:
            stored, sets = state.tie.dimensions, state.tie.sets
            if not stored:
                return []
            if vector.shape[0] != stored:
                raise EmbedderMismatch("other_dimensions", stored=stored, wanted=vector.shape[0])
            exact = state.chunks < EXACT_BELOW
            pipeline = atlas_stages.nearest(vector, scope, state.hidden, limit, exact=exact, sets=sets)
            return await self._hits(pipeline, sets)

        hits = await self._consistently(search, scope)
        if not hits:
            await self._check_emptiness(scope)
        return hits

    async def search_text(self, text: str, language: str, scope: Scope, limit: int) -> list[Hit]:
        async def search(state: _State) -> list[Hit]:
            asked = search_terms(text, state.languages | {language})
            if not asked:
                return []
            sets = state.tie.sets
            pipeline = atlas_stages.sharing_words(asked, scope, state.hidden, limit, sets=sets)
            return await self._hits(pipeline, sets)

        hits = await self._consistently(search, scope)
        if not hits:
            await self._check_emptiness(scope)
        return hits

    async def sample(self, limit: int) -> list[Chunk]:
        sets = (await self._sets.now()).sets
        with reading():
            async with await self._chunks.aggregate(atlas_stages.some(limit, sets)) as rows:
                found = await rows.to_list()
        return [atlas_records.chunk(record, sets.answering) for record in found]

    async def with_markdown(self, chunks: Sequence[Chunk]) -> list[Chunk]:
        with reading():
            ids = [chunk.id for chunk in chunks]
            found = await self._chunks.find({"_id": {"$in": ids}}, {MARKDOWN: 1}).to_list()
        markdown = {record["_id"]: record[MARKDOWN] for record in found}
        return [replace(chunk, markdown=markdown.get(chunk.id, "")) for chunk in chunks]

    async def pages(self, document_id: str) -> list[PageState]:
        async def read(version: int) -> list[Record]:
            of = version_id(document_id, version)
            return await self._pages.find({"version_id": of}).sort("number").to_list()

        return list(map(atlas_records.page, await self._of_current_version(document_id, read)))

    async def chunks(self, document_id: str, positions: Sequence[int] | None = None) -> list[Chunk]:
        sets = (await self._sets.now()).sets
        unread = {key: 0 for key in atlas_stages.not_read(sets) if key != MARKDOWN}

        async def read(version: int) -> list[Record]:
            condition: Stage = {"version_id": version_id(document_id, version)}
            if positions is not None:
                condition = {"_id": {"$in": [chunk_id(document_id, version, at) for at in positions]}}
            return await self._chunks.find(condition, unread).sort("position").to_list()

        found = await self._of_current_version(document_id, read)
        return [atlas_records.chunk(record, sets.answering) for record in found]

    async def embedded(self, document_id: str) -> tuple[list[Chunk], Vectors]:
        of = (await self._sets.now()).sets.answering

        async def read(version: int) -> list[Record]:
            condition = {"version_id": version_id(document_id, version)}
            return await self._chunks.find(condition).sort("position").to_list()

        found = await self._of_current_version(document_id, read)
        embedded = list(takewhile(lambda record: of.named(EMBEDDING) in record, found))
        chunks = [atlas_records.chunk(record, of) for record in found]
        return chunks, atlas_records.vectors(embedded, of)

    async def _of_current_version(
        self, document_id: str, read: Callable[[int], Awaitable[list[Record]]]
    ) -> list[Record]:
        """Read again where the version was replaced meanwhile."""
        found: list[Record] = []
        for _ in range(_RETRIES):
            with reading():
                before = await self._current_version(document_id)
                found = await read(before) if before is not None else []
                if await self._current_version(document_id) == before:
                    break
        return found

    async def _current_version(self, document_id: str) -> int | None:
        record = await self._documents.find_one({"_id": document_id, **_IS_DOCUMENT}, {"version": 1})
        return record.get("version", 0) if record else None

    async def _hits(self, pipeline: list[Stage], sets: VectorSets) -> list[Hit]:
        async with await self._chunks.aggregate(pipeline) as rows:
            found = await rows.to_list()
        of = sets.answering
        return [
            Hit(chunk=atlas_records.chunk(row, of), seen=atlas_records.seen(row), score=float(row[SCORE]))
            for row in found
        ]

    async def _consistently(
        self, search: Callable[[_State], Awaitable[list[Hit]]], scope: Scope
    ) -> list[Hit]:
        """Search again where a version was shown or withdrawn meanwhile: old and new could both be missed; or
        where other vectors answer now.
        """
        if not scope.libraries or scope.documents == ():
            return []
        state = await self._state()
        hits: list[Hit] = []
        for _ in range(_RETRIES):
            if not state.tie.begun:
                return []
            try:
                with reading():
                    hits = await search(state)
            except StoreUnavailable as error:
                if error.problem == "mongodb_failed":
                    await self._check_indexes(state.tie)  # one that is being built says so by failing
                raise
            before, state = state, await self._state()
            same = before.tie.sets.answering == state.tie.sets.answering and before.hidden <= state.hidden
            if same and not any(_version_of(hit) in state.hidden for hit in hits):
                break
        return hits

    async def _state(self) -> _State:
        """Raises StoreUnavailable."""
        with reading():
            tie, hiding, languages, chunks = await asyncio.gather(
                self._sets.now(),
                self._documents.find({"hidden.0": {"$exists": True}}, {"hidden": 1}).to_list(),
                self._documents.distinct("language"),
                self._chunks.estimated_document_count(),
            )
        if not tie.begun:
            return _State(hidden=frozenset(), languages=frozenset(), chunks=0, tie=Tie())
        return _State(
            hidden=frozenset(version_id(one["_id"], version) for one in hiding for version in one["hidden"]),
            languages=frozenset(languages),
            chunks=chunks,
            tie=tie,
        )

    async def _check_emptiness(self, scope: Scope) -> None:
        """Raises StoreUnavailable where nothing was found because an index can't find."""
        state = await self._state()
        if not state.tie.begun:
            return
        with reading():
            some = await self._chunks.find_one(atlas_stages.within(scope, state.hidden), {"_id": 1})
        if some is not None:
            await self._check_indexes(state.tie)

    async def _check_indexes(self, tie: Tie) -> None:
        """Those that are searched. Raises StoreUnavailable."""
        answering = tie.sets.answering.number
        await self._indexes.check({answering: tie.dimensions} if tie.dimensions else {})

    async def _prepare_for(self, dimensions: int) -> VectorSets:
        """Tie the collection to its embedder and make its indexes, once; 0: nothing is embedded yet. The sets
        of vectors that there are then.
        """
        async with self._beginning:
            tie = await self._sets.now()
            of, prepared = tie.sets.written, self._prepared_for
            if prepared and prepared[0] == of and prepared[1] and dimensions in (0, prepared[1]):
                return tie.sets
            if prepared == (of, dimensions):
                return tie.sets
            tie = await self._sets.tie(self._embedder, dimensions)
            of = tie.sets.written
            stored = tie.lengths.get(of.number, 0)
            if dimensions and stored != dimensions:
                raise EmbedderMismatch("other_dimensions", stored=stored, wanted=dimensions)
            await self._make_indexes_of_chunks()
            await self._indexes.ensure(tie.lengths)
            self._prepared_for = of, stored
            return tie.sets

    async def _exchange_if_whole(self) -> bool:
        """The step in which the coming vectors become those that answer; whether it was taken. Each document
        was only counted when the index found its vectors.
        """
        async with self._exchanging:
            tie = await self._sets.now()
            coming = tie.sets.coming
            if coming is None:
                return False
            with writing():
                if await self._documents.find_one(atlas_stages.lacking_vectors(coming), {"_id": 1}):
                    return False
            if tie.lengths.get(coming.number):
                await self._indexes.ensure(tie.lengths)
            await self._drop_what_is_left(await self._sets.exchange(tie))
            return True

    async def _drop_what_is_left(self, tie: Tie) -> None:
        """Of sets of vectors that neither answer nor come."""
        for number in tie.gone:
            of = VectorSet(number=number)
            await self._indexes.drop(of)
            with writing():
                unset = {of.named(name): "" for name in (EMBEDDING, SENTENCES)}
                await self._chunks.update_many({}, {"$unset": unset})
                await self._documents.update_many({}, {"$unset": {of.named("embedded"): ""}})
            await self._sets.forget(number)

    async def _make_indexes_of_documents(self) -> None:
        with writing():
            await self._documents.create_index([("library", ASCENDING), ("name", ASCENDING)])
            await self._documents.create_index("hidden")
            await self._documents.create_index("language")
            await self._documents.create_index([("library", ASCENDING), ("sha256", ASCENDING)])
            await self._documents.create_index([("library", ASCENDING), ("source", ASCENDING)])
            await self._documents.create_index([("library", ASCENDING), ("copies.address", ASCENDING)])
            await self._pages.create_index([("version_id", ASCENDING), ("number", ASCENDING)])

    async def _make_indexes_of_chunks(self) -> None:
        with writing():
            await self._chunks.create_index([("version_id", ASCENDING), ("position", ASCENDING)])

    async def _erase_hidden(self) -> None:
        """What a writer that died left half-done."""
        with writing():
            left = await self._documents.find({"hidden.0": {"$exists": True}}).to_list()
        for record in left:
            for version in record["hidden"]:
                await self._erase(record["_id"], version)
        with writing():
            await self._documents.delete_many({"name": {"$exists": False}, "hidden": []})

    async def _erase(self, document_id: str, version: int) -> None:
        """Delete a hidden version's chunks, see that they are gone, and only then forget it."""
        erased = version_id(document_id, version)
        with writing():
            await self._delete_version(erased)
            left = await self._chunks.count_documents({"version_id": erased})
        if left:
            raise StoreUnavailable("not_erased", left=left)
        if self._prepared_for is not None:
            await self._indexes.wait_until_gone(erased)
        with writing():
            await self._documents.update_one({"_id": document_id}, {"$pull": {"hidden": version}})

    async def _delete_version(self, of: str) -> None:
        await self._chunks.delete_many({"version_id": of})
        await self._pages.delete_many({"version_id": of})

    async def _finish_clearing(self) -> None:
        """All documents, chunks and the tie to the embedder, whichever a process that died has left."""
        with writing():
            meta = await self._meta.find_one({"_id": EMBEDDER})
            if meta is None or not meta.get("clearing"):
                return
            await self._chunks.drop()  # and with it the search indexes
            await self._documents.delete_many({})
            await self._pages.delete_many({})
            await self._meta.delete_one({"_id": EMBEDDER})


def _version_of(hit: Hit) -> str:
    return version_id(hit.chunk.document_id, hit.chunk.version)
