"""The embedded store's documents, in SQLite: what is there, in which version, and what is hidden.

A version's chunks are in LanceDB before they may be found and a moment longer than they may. Those
versions are listed here as hidden; adding or removing a version is one transaction in this file,
and that is the step in which it becomes findable. The Markdown of the chunks is here, too, beside the states
of the pages: it is not searched, and comes later than the text.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Self
from uuid import uuid4

import aiosqlite
from pydantic import TypeAdapter

from database.errors import StoreUnavailable
from database.records import Chunk, Count, Description, Document, PageState, Place, Scope
from database.stores.remembered import Remembered
from database.stores.vector_sets import VectorSet

_FORMAT = 4  # of the tables; another one is another version's
_SCHEMA = """
create table if not exists documents (
    id text primary key, name text not null, source text not null, sha256 text not null,
    media_type text not null, pages integer, title text not null, language text not null,
    library text not null, owner text not null, status text not null, error text,
    pipeline text not null, version integer not null, created_at text not null, updated_at text not null,
    copies text not null, described text not null,
    passages integer not null, embedded integer not null, laid_out integer not null,
    renewed integer
);
create index if not exists documents_by_library on documents (library, name);
create index if not exists documents_by_bytes on documents (library, sha256);
create index if not exists documents_by_language on documents (language);
create index if not exists documents_by_passages on documents (library, passages);
create table if not exists places (
    library text not null, address text not null, document_id text not null, primary key (library, address)
);
create index if not exists places_by_document on places (document_id);
create table if not exists markdown (
    document_id text not null, version integer not null, position integer not null, markdown text not null,
    primary key (document_id, version, position)
) without rowid;
create table if not exists pages (
    document_id text not null, version integer not null, number integer not null, characters integer not null,
    condition text not null, recognised integer not null, tables integer not null, route text,
    laid_out integer not null, seconds real not null, primary key (document_id, version, number)
) without rowid;
create table if not exists hidden (
    document_id text not null, version integer not null, primary key (document_id, version)
);
create table if not exists meta (key text primary key, value text not null);
"""

_FIELDS = tuple(field.name for field in fields(Document))
_COLUMNS = ", ".join(_FIELDS)
_COUNTED = ("version", "passages", "embedded", "laid_out", "renewed")
_PAGE_FIELDS = tuple(field.name for field in fields(PageState))
_PLACES = TypeAdapter(tuple[Place, ...])
_DESCRIPTION = TypeAdapter(Description)
_TABLE = "table"  # which one the passages are in
_SWAPS = "swaps"
_COUNT_SWAP = (
    f"insert into meta values ('{_SWAPS}', '1') "
    "on conflict (key) do update set value = cast(value as integer) + 1"
)
_MOST_VALUES = 500  # in one query; SQLite takes 32,766
_TRIES = 200
_WAIT_MS = 10_000  # for another process's transaction, which takes milliseconds

Version = tuple[str, int]


class Shown(NamedTuple):
    """What a search must know before it begins: what it must not find, the set of vectors that answers, and
    which table it is, of those that there have ever been; and how often a version has come or gone, since
    afterwards the same may be hidden again: first because it is coming, then because it is going.
    """

    hidden: frozenset[Version]
    answering: VectorSet
    table: str
    swaps: int


class Catalogue:
    """One connection to the file; opens it in write-ahead mode, so that readers never wait."""

    def __init__(self, connection: aiosqlite.Connection, remembered: Remembered) -> None:
        self._connection = connection
        self._remembered = remembered

    @classmethod
    async def open(cls, path: Path) -> Self:
        try:
            connection = await aiosqlite.connect(path, isolation_level=None)
            await _prepare(connection)
            remembered = await _remembered(connection, path)
        except aiosqlite.Error as error:
            raise StoreUnavailable("unreadable", detail=f"{path}: {error}") from error
        return cls(connection, remembered)

    async def close(self) -> None:
        self._remembered.close()
        await self._connection.close()

    async def meta(self) -> Mapping[str, str]:
        async def read() -> Mapping[str, str]:
            return dict(await self._rows("select key, value from meta"))

        return await self._remembered.get("meta", read)

    async def set_meta(self, values: dict[str, str]) -> None:
        for key, value in values.items():
            await self._connection.execute("insert or replace into meta values (?, ?)", (key, value))

    async def together(self, statements: Sequence[tuple[str, Sequence[object]]]) -> None:
        """In one transaction."""
        async with self._transaction():
            for statement, values in statements:
                await self._connection.execute(statement, values)

    async def note_new_table(self) -> None:
        await self.set_meta({_TABLE: uuid4().hex})

    def changes(self) -> int:
        """A number that is another one whenever anything here may have changed."""
        return self._remembered.changes()

    async def shown(self) -> Shown:
        async def read() -> Shown:
            rows = await self._rows(
                "select 'hidden', document_id, version from hidden "
                "union all select 'meta', key, value from meta"
            )
            meta = {key: value for kind, key, value in rows if kind == "meta"}
            return Shown(
                frozenset((id_, version) for kind, id_, version in rows if kind == "hidden"),
                VectorSet(number=int(meta.get("vectors", 1))),
                meta.get(_TABLE, ""),
                int(meta.get(_SWAPS, 0)),
            )

        return await self._remembered.get("shown", read)

    async def hidden(self) -> frozenset[Version]:
        return (await self.shown()).hidden

    async def hide(self, version: Version) -> None:
        await self._connection.execute("insert or ignore into hidden values (?, ?)", version)

    async def forget(self, versions: Iterable[Version]) -> None:
        await self._connection.executemany(
            "delete from hidden where document_id = ? and version = ?", versions
        )

    async def document(self, document_id: str) -> Document | None:
        rows = await self._rows(f"select {_COLUMNS} from documents where id = ?", (document_id,))
        return _document(rows[0]) if rows else None

    async def documents(self, scope: Scope | None) -> list[Document]:
        if scope and scope.documents is not None:
            return await self._documents_of(scope.documents, scope.libraries)
        condition, values = _condition(scope)
        rows = await self._rows(
            f"select {_COLUMNS} from documents where {condition} order by name, id", values
        )
        return [_document(row) for row in rows]

    async def _documents_of(self, ids: Sequence[str], libraries: Sequence[str]) -> list[Document]:
        known: dict[str, Document | None] = self._remembered.known().setdefault("documents", {})
        unknown = sorted({id_ for id_ in ids if id_ not in known})
        found: dict[str, Document | None] = dict.fromkeys(unknown)
        for start in range(0, len(unknown), _MOST_VALUES):
            some = unknown[start : start + _MOST_VALUES]
            rows = await self._rows(
                f"select {_COLUMNS} from documents where id in ({_marks(len(some))})", some
            )
            found |= {document.id: document for document in map(_document, rows)}
        known |= found
        wanted = [document for id_ in set(ids) if (document := known[id_]) and document.library in libraries]
        return sorted(wanted, key=lambda document: (document.name, document.id))

    async def document_at(self, address: str, library: str) -> Document | None:
        rows = await self._rows(
            "select document_id from places where library = ? and address = ?", (library, address)
        )
        return await self.document(rows[0][0]) if rows else None

    async def document_of(self, sha256: str, library: str) -> Document | None:
        rows = await self._rows(
            f"select {_COLUMNS} from documents where library = ? and sha256 = ? "
            "order by version desc, id limit 1",
            (library, sha256),
        )
        return _document(rows[0]) if rows else None

    async def unfinished(self, prepared: str) -> list[Document]:
        """`prepared`: the column that says how many passages have vectors."""
        rows = await self._rows(
            f"select {_COLUMNS} from documents where passages > 0 "
            f"and ({prepared} < passages or laid_out < coalesce(pages, 1)) order by updated_at, id"
        )
        return [_document(row) for row in rows]

    async def markdown(self, chunks: Sequence[Chunk]) -> list[Chunk]:
        """The chunks with their Markdown."""
        found: dict[tuple[str, int, int], str] = {}
        wanted = [(chunk.document_id, chunk.version, chunk.position) for chunk in chunks]
        for start in range(0, len(wanted), _MOST_VALUES):
            some = wanted[start : start + _MOST_VALUES]
            places = ", ".join(["(?, ?, ?)"] * len(some))
            rows = await self._rows(
                f"with wanted (document_id, version, position) as (values {places})"
                " select document_id, version, position, markdown from wanted"
                " join markdown using (document_id, version, position)",
                [value for key in some for value in key],
            )
            found |= {(id_, version, position): markdown for id_, version, position, markdown in rows}
        return [
            replace(chunk, markdown=found.get(key, "")) for chunk, key in zip(chunks, wanted, strict=True)
        ]

    async def pages(self, document_id: str) -> list[PageState]:
        rows = await self._rows(
            f"select {', '.join(_PAGE_FIELDS)} from pages where document_id = ? "
            "and version = (select version from documents where id = document_id) order by number",
            (document_id,),
        )
        return [_page(row) for row in rows]

    async def languages(self) -> frozenset[str]:
        async def read() -> frozenset[str]:
            return frozenset(row[0] for row in await self._rows("select distinct language from documents"))

        return await self._remembered.get("languages", read)

    async def count(self) -> Count:
        async def read() -> Count:
            rows = await self._rows(
                "select count(*), coalesce(sum(passages), 0) from documents where passages > 0"
            )
            return Count(documents=rows[0][0], chunks=rows[0][1])

        return await self._remembered.get("count", read)

    async def embedded(self) -> int:
        """How many chunks have vectors."""
        ((number,),) = await self._rows("select coalesce(sum(embedded), 0) from documents")
        return int(number)

    async def renewed(self) -> tuple[int, int]:
        """How many chunks have vectors of the embedder that the collection changes over to, and how many
        there are.
        """
        ((renewed, passages),) = await self._rows(
            "select coalesce(sum(renewed), 0), coalesce(sum(passages), 0) from documents where passages > 0"
        )
        return int(renewed), int(passages)

    async def all_renewed(self) -> bool:
        """Whether no chunk lacks such a vector."""
        return not await self._rows("select 1 from documents where passages > coalesce(renewed, 0) limit 1")

    async def holds_at_most(self, chunks: int, scope: Scope) -> bool:
        """Whether the scope has no more than so many; of one that names very many documents, no."""
        if len(scope.documents or ()) > _MOST_VALUES:
            return False
        condition, values = _condition(scope)
        ((number,),) = await self._rows(
            f"select coalesce(sum(passages), 0) from documents where {condition}", values
        )
        return int(number) <= chunks

    async def record(self, document: Document) -> None:
        """Note the document's state; its findable version, its chunks and their number stay as they are."""
        kept = [field for field in _FIELDS if field not in _COUNTED]
        assignments = ", ".join(f"{field} = excluded.{field}" for field in kept)
        async with self._transaction():
            await self._connection.execute(
                f"insert into documents ({_COLUMNS}) values ({_marks(len(_FIELDS))}) "
                f"on conflict (id) do update set {assignments}",
                _values(document),
            )
            await self._place(document)

    async def show(
        self, document: Document, pages: Sequence[PageState], markdown: Mapping[int, str]
    ) -> Version | None:
        """Make this version the findable one; the one before is hidden and returned."""
        before = await self.document(document.id)
        replaced = (document.id, before.version) if before and before.version != document.version else None
        async with self._transaction():
            await self._connection.execute(
                f"insert or replace into documents ({_COLUMNS}) values ({_marks(len(_FIELDS))})",
                _values(document),
            )
            await self._place(document)
            await self._forget_contents(document.id)
            await self._add_contents(document, pages, markdown)
            await self._connection.execute(_COUNT_SWAP)
            await self.forget([(document.id, document.version)])
            if replaced:
                await self.hide(replaced)
        return replaced

    async def count_embedded(self, documents: Sequence[Document]) -> None:
        async with self._transaction():
            await self._connection.executemany(
                "update documents set embedded = ?, renewed = ?, status = ? where id = ? and version = ?",
                [(one.embedded, one.renewed, one.status, one.id, one.version) for one in documents],
            )

    async def lay_out(
        self, document: Document, pages: Sequence[PageState], markdown: Mapping[int, str]
    ) -> Document:
        """The document with its laid-out pages counted anew."""
        async with self._transaction():
            await self._add_contents(document, pages, markdown)
            await self._connection.execute(
                "update documents set laid_out = (select count(*) from pages "
                "where document_id = documents.id and version = documents.version and laid_out) where id = ?",
                (document.id,),
            )
        after = await self.document(document.id)
        assert after is not None, "one process writes"
        return after

    async def withdraw(self, document_id: str) -> Version | None:
        """Remove the document; its version is hidden and returned. None where there is none."""
        before = await self.document(document_id)
        if before is None:
            return None
        gone = (document_id, before.version)
        async with self._transaction():
            await self._connection.execute("delete from documents where id = ?", (document_id,))
            await self._connection.execute("delete from places where document_id = ?", (document_id,))
            await self._forget_contents(document_id)
            await self._connection.execute(_COUNT_SWAP)
            await self.hide(gone)
        return gone

    async def _place(self, document: Document) -> None:
        await self._connection.execute("delete from places where document_id = ?", (document.id,))
        await self._connection.executemany(
            "insert or replace into places values (?, ?, ?)",
            [(document.library, place.address, document.id) for place in document.places],
        )

    async def _forget_contents(self, document_id: str) -> None:
        for name in ("markdown", "pages"):
            await self._connection.execute(f"delete from {name} where document_id = ?", (document_id,))

    async def _add_contents(
        self, document: Document, pages: Sequence[PageState], markdown: Mapping[int, str]
    ) -> None:
        version = (document.id, document.version)
        await self._connection.executemany(
            "insert or replace into markdown values (?, ?, ?, ?)",
            [(*version, position, text) for position, text in markdown.items() if text],
        )
        await self._connection.executemany(
            f"insert or replace into pages (document_id, version, {', '.join(_PAGE_FIELDS)}) "
            f"values ({_marks(2 + len(_PAGE_FIELDS))})",
            [(*version, *(getattr(page, field) for field in _PAGE_FIELDS)) for page in pages],
        )

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[None]:
        """Also where it is cancelled: what was asked of the connection is done before it rolls back."""
        try:
            await self._connection.execute("begin immediate")
            yield
            await self._connection.execute("commit")
        except BaseException:
            await asyncio.shield(self._connection.rollback())
            self._remembered.forget()  # somebody may have read what isn't so
            raise

    async def clear(self) -> None:
        await self._connection.executescript(
            "begin immediate; delete from documents; delete from places; delete from markdown; "
            "delete from pages; delete from hidden; delete from meta; commit"
        )

    async def _rows(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        try:
            return list(await self._connection.execute_fetchall(query, values))
        except (aiosqlite.Error, ValueError) as error:
            raise StoreUnavailable("unreadable", detail=error) from error


async def _prepare(connection: aiosqlite.Connection) -> None:
    try:
        await connection.execute(f"pragma busy_timeout = {_WAIT_MS}")
        await _in_write_ahead_mode(connection)
        await _check_format(connection)
        # In one step: whoever opens the file meanwhile sees no tables, or all of them with their format.
        script = f"begin immediate; {_SCHEMA} pragma user_version = {_FORMAT}; commit"
        await connection.executescript(script)
        await _add_what_is_new(connection)
    except BaseException:
        await connection.close()  # it has a thread, which would keep the process from ending
        raise


async def _remembered(connection: aiosqlite.Connection, path: Path) -> Remembered:
    try:
        return Remembered(path)
    except BaseException:
        await connection.close()
        raise


async def _add_what_is_new(connection: aiosqlite.Connection) -> None:
    """What an earlier version's tables lack."""
    await connection.execute("begin immediate")
    there = await connection.execute_fetchall(
        "select 1 from pragma_table_info('documents') where name = 'renewed'"
    )
    if not list(there):
        await connection.execute("alter table documents add column renewed integer")
    await connection.execute("commit")


async def _in_write_ahead_mode(connection: aiosqlite.Connection) -> None:
    """SQLite doesn't wait for its turn to change to this mode, as it does for everything else."""
    for left in reversed(range(_TRIES)):
        try:
            await connection.execute("pragma journal_mode = wal")
            return
        except aiosqlite.OperationalError:
            if not left:
                raise
            await asyncio.sleep(_WAIT_MS / _TRIES / 1000)


async def _check_format(connection: aiosqlite.Connection) -> None:
    """Raises StoreUnavailable where another version of this program keeps other tables."""
    tables = await connection.execute_fetchall("select 1 from sqlite_master where name = 'documents'")
    ((found,),) = await connection.execute_fetchall("pragma user_version")
    if list(tables) and found != _FORMAT:
        raise StoreUnavailable("other_format")


def _condition(scope: Scope | None) -> tuple[str, tuple[str, ...]]:
    if scope is None:
        return "true", ()
    condition, values = f"library in ({_marks(len(scope.libraries))})", scope.libraries
    if scope.documents is not None:
        condition, values = (
            f"{condition} and id in ({_marks(len(scope.documents))})",
            values + scope.documents,
        )
    return condition, values


def _marks(count: int) -> str:
    return ", ".join("?" * count)


def _values(document: Document) -> tuple[object, ...]:
    values = {field: getattr(document, field) for field in _FIELDS}
    values["copies"] = _PLACES.dump_json(document.copies).decode("utf-8")
    values["described"] = _DESCRIPTION.dump_json(document.described).decode("utf-8")
    return tuple(value.isoformat() if isinstance(value, datetime) else value for value in values.values())


def _document(row: Sequence[Any]) -> Document:
    values = dict(zip(_FIELDS, row, strict=True))
    for field in ("created_at", "updated_at"):
        values[field] = datetime.fromisoformat(values[field])
    values["copies"] = _PLACES.validate_json(values["copies"])
    values["described"] = _DESCRIPTION.validate_json(values["described"])
    return Document(**values)


def _page(row: Sequence[Any]) -> PageState:
    values = dict(zip(_PAGE_FIELDS, row, strict=True))
    return PageState(
        **{**values, "recognised": bool(values["recognised"]), "laid_out": bool(values["laid_out"])}
    )
