"""What web servers said of their pages' versions, so that the next visit can ask whether they changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import aiosqlite

_SCHEMA = """
create table if not exists visits (
    address text primary key, etag text not null, last_modified text not null, sha256 text not null,
    media_type text not null, robots text not null
)
"""
_WAIT_MS = 10_000  # for another process's transaction, which takes milliseconds


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """A page as it was: its validators (RFC 9110, 8.8; "" where the site gave none) and its bytes' SHA-256.

    `robots` is what its header X-Robots-Tag said.
    """

    etag: str
    last_modified: str
    sha256: str
    media_type: str
    robots: str


class Visits:
    """Visits by address, in one SQLite file. Without it, all is fetched anew."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    @classmethod
    async def open(cls, path: Path) -> Self:
        """A file that can't be used is done without."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return cls(await _connect(path))
        except (aiosqlite.Error, OSError):
            return cls(await _connect(Path(":memory:")))

    async def close(self) -> None:
        await self._connection.close()

    async def last(self, address: str) -> Visit | None:
        """None where there was none, or it gave no validator."""
        try:
            rows = list(
                await self._connection.execute_fetchall(
                    "select etag, last_modified, sha256, media_type, robots from visits where address = ?",
                    (address,),
                )
            )
        except aiosqlite.Error:
            return None
        if not rows:
            return None
        etag, last_modified, sha256, media_type, robots = rows[0]
        return Visit(
            etag=etag, last_modified=last_modified, sha256=sha256, media_type=media_type, robots=robots
        )

    async def note(self, address: str, visit: Visit) -> None:
        """Remember the visit, or forget the address where it gave no validator."""
        values = (address, visit.etag, visit.last_modified, visit.sha256, visit.media_type, visit.robots)
        try:
            if visit.etag or visit.last_modified:
                await self._connection.execute(
                    "insert or replace into visits values (?, ?, ?, ?, ?, ?)", values
                )
            else:
                await self._connection.execute("delete from visits where address = ?", (address,))
        except aiosqlite.Error:
            return


async def _connect(path: Path) -> aiosqlite.Connection:
    connection = await aiosqlite.connect(path, isolation_level=None)
    try:
        await connection.execute(f"pragma busy_timeout = {_WAIT_MS}")
        await connection.execute("pragma journal_mode = wal")
        await connection.execute(_SCHEMA)
    except BaseException:
        await connection.close()  # it has a thread, which would keep the process from ending
        raise
    return connection
