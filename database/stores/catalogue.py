"""The embedded store's documents, in SQLite: what is there, in which version, and what is hidden.

A version's chunks are in LanceDB before they may be found and a moment longer than they may. Those
versions are listed here as hidden; adding or removing a version is one transaction in this file,
and that is the step in which it becomes findable.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import aiosqlite

from database.errors import StoreUnavailable
from database.records import Count, Document, Scope

_SCHEMA = """
create table if not exists documents (
    id text primary key, name text not null, source text not null, sha256 text not null,
    media_type text not null, pages integer, title text not null, language text not null,
    library text not null, owner text not null, status text not null, error text,
    pipeline text not null, version integer not null, created_at text not null, updated_at text not null,
    chunks integer not null default 0
);
create index if not exists documents_by_library on documents (library, name);
create table if not exists hidden (
    document_id text not null, version integer not null, primary key (document_id, version)
);
create table if not exists meta (key text primary key, value text not null);
"""

_FIELDS = (
    "id", "name", "source", "sha256", "media_type", "pages", "title", "language", "library", "owner",
    "status", "error", "pipeline", "version", "created_at", "updated_at",
)  # fmt: skip
_COLUMNS = ", ".join(_FIELDS)
_WAIT_MS = 10_000  # for another process's transaction, which takes milliseconds

Version = tuple[str, int]


class Catalogue:
    """One connection to the file; opens it in write-ahead mode, so that readers never wait."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    @classmethod
    async def open(cls, path: Path) -> Self:
        try:
            connection = await aiosqlite.connect(path, isolation_level=None)
            await _prepare(connection)
        except aiosqlite.Error as error:
            raise StoreUnavailable("unreadable", detail=f"{path}: {error}") from error
        return cls(connection)

    async def close(self) -> None:
        await self._connection.close()

    async def meta(self) -> dict[str, str]:
        return dict(await self._rows("select key, value from meta"))

    async def set_meta(self, values: dict[str, str]) -> None:
        for key, value in values.items():
            await self._connection.execute("insert or replace into meta values (?, ?)", (key, value))

    async def hidden(self) -> frozenset[Version]:
        return frozenset(
            (row[0], row[1]) for row in await self._rows("select document_id, version from hidden")
        )

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
        condition, values = _condition(scope)
        rows = await self._rows(
            f"select {_COLUMNS} from documents where {condition} order by name, id", values
        )
        return [_document(row) for row in rows]

    async def languages(self) -> frozenset[str]:
        return frozenset(row[0] for row in await self._rows("select distinct language from documents"))

    async def count(self) -> Count:
        rows = await self._rows("select count(*), coalesce(sum(chunks), 0) from documents where chunks > 0")
        return Count(documents=rows[0][0], chunks=rows[0][1])

    async def record(self, document: Document) -> None:
        """Note the document's state; its findable version and its chunks stay as they are."""
        assignments = ", ".join(f"{field} = excluded.{field}" for field in _FIELDS if field != "version")
        await self._connection.execute(
            f"insert into documents ({_COLUMNS}) values ({_marks(len(_FIELDS))}) "
            f"on conflict (id) do update set {assignments}",
            _values(document),
        )

    async def show(self, document: Document, chunks: int) -> Version | None:
        """Make this version the findable one; the one before is hidden and returned."""
        before = await self.document(document.id)
        replaced = (document.id, before.version) if before and before.version != document.version else None
        async with self._transaction():
            await self._connection.execute(
                f"insert or replace into documents ({_COLUMNS}, chunks) values ({_marks(len(_FIELDS) + 1)})",
                (*_values(document), chunks),
            )
            await self.forget([(document.id, document.version)])
            if replaced:
                await self.hide(replaced)
        return replaced

    async def withdraw(self, document_id: str) -> Version | None:
        """Remove the document; its version is hidden and returned. None where there is none."""
        before = await self.document(document_id)
        if before is None:
            return None
        gone = (document_id, before.version)
        async with self._transaction():
            await self._connection.execute("delete from documents where id = ?", (document_id,))
            await self.hide(gone)
        return gone

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[None]:
        """Also where it is cancelled: what was asked of the connection is done before it rolls back."""
        try:
            await self._connection.execute("begin immediate")
            yield
            await self._connection.execute("commit")
        except BaseException:
            await asyncio.shield(self._connection.rollback())
            raise

    async def clear(self) -> None:
        await self._connection.executescript(
            "begin immediate; delete from documents; delete from hidden; delete from meta; commit"
        )

    async def _rows(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        try:
            return list(await self._connection.execute_fetchall(query, values))
        except (aiosqlite.Error, ValueError) as error:
            raise StoreUnavailable("unreadable", detail=error) from error


async def _prepare(connection: aiosqlite.Connection) -> None:
    try:
        await connection.execute(f"pragma busy_timeout = {_WAIT_MS}")
        await connection.execute("pragma journal_mode = wal")
        await connection.executescript(_SCHEMA)
    except BaseException:
        await connection.close()  # it has a thread, which would keep the process from ending
        raise


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
    values = (getattr(document, field) for field in _FIELDS)
    return tuple(value.isoformat() if isinstance(value, datetime) else value for value in values)


def _document(row: Sequence[Any]) -> Document:
    values = dict(zip(_FIELDS, row, strict=True))
    for field in ("created_at", "updated_at"):
        values[field] = datetime.fromisoformat(values[field])
    return Document(**values)
