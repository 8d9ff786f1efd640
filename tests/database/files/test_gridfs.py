"""Files in MongoDB's GridFS."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from database.errors import StoreUnavailable
from database.files.gridfs import GridFSFiles
from database.files.local import LocalFiles

DATA = b"%PDF-1.7 " + bytes(range(256)) * 3_000  # three parts of GridFS
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
async def database(mongodb_uri: str, mongodb_database: str) -> AsyncIterator[AsyncDatabase[dict[str, Any]]]:
    async with AsyncMongoClient[dict[str, Any]](mongodb_uri) as client:
        yield client[mongodb_database]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(DATA)
    return path


def files(database: AsyncDatabase[dict[str, Any]], folder: Path) -> GridFSFiles:
    return GridFSFiles(database, cache=LocalFiles(folder))


async def test_what_one_machine_keeps_another_can_read(
    database: AsyncDatabase[dict[str, Any]], tmp_path: Path, source: Path
) -> None:
    """Fetched once, then read from the machine's own cache."""
    assert await files(database, tmp_path / "loader").put(source) == SHA256
    server = files(database, tmp_path / "server")
    path = await server.path(SHA256)
    assert path is not None
    assert path.read_bytes() == DATA
    await database["files.chunks"].delete_many({})
    assert await server.path(SHA256) == path


async def test_keeping_twice_is_keeping_once(
    database: AsyncDatabase[dict[str, Any]], tmp_path: Path, source: Path
) -> None:
    """By one process or by two."""
    await files(database, tmp_path / "a").put(source)
    await files(database, tmp_path / "a").put(source)
    await files(database, tmp_path / "b").put(source)
    assert await database["files.files"].count_documents({}) == 1
    assert await database["files.chunks"].count_documents({}) == 3


async def test_what_a_dead_writer_left_is_written_anew(
    database: AsyncDatabase[dict[str, Any]], tmp_path: Path, source: Path
) -> None:
    """A file's entry comes after its parts: without one, the parts are nothing."""
    await files(database, tmp_path / "dead").put(source)
    await database["files.files"].delete_many({})
    await database["files.chunks"].delete_one({"n": 1})
    assert await files(database, tmp_path / "reader").path(SHA256) is None
    await files(database, tmp_path / "loader").put(source)
    path = await files(database, tmp_path / "server").path(SHA256)
    assert path is not None
    assert path.read_bytes() == DATA


async def test_other_bytes_are_not_given_out(
    database: AsyncDatabase[dict[str, Any]], tmp_path: Path, source: Path
) -> None:
    """What arrives must have the SHA-256 that was asked for; it doesn't stay in the cache either."""
    await files(database, tmp_path / "loader").put(source)
    await database["files.chunks"].update_one({"n": 0}, {"$set": {"data": b"x" * 261_120}})
    assert await files(database, tmp_path / "server").path(SHA256) is None
    assert [path for path in (tmp_path / "server").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("sha256", ["0" * 64, "", "../../etc/passwd", SHA256.upper()])
async def test_what_is_not_kept_has_no_path(
    database: AsyncDatabase[dict[str, Any]], tmp_path: Path, sha256: str
) -> None:
    """Whatever the name looks like."""
    assert await files(database, tmp_path).path(sha256) is None


async def test_only_what_is_still_wanted_is_kept(
    database: AsyncDatabase[dict[str, Any]], tmp_path: Path, source: Path
) -> None:
    """The rest is deleted in MongoDB and in the cache."""
    kept = files(database, tmp_path / "cache")
    (tmp_path / "other").write_bytes(b"other")
    other = await kept.put(tmp_path / "other")
    await kept.put(source)
    assert await kept.keep_only(frozenset([other])) == 1
    assert await kept.path(SHA256) is None
    assert await kept.path(other) is not None
    assert await database["files.chunks"].count_documents({"files_id": SHA256}) == 0


async def test_a_server_that_is_gone_is_told(tmp_path: Path) -> None:
    """As by the store."""
    async with AsyncMongoClient[dict[str, Any]](
        "mongodb://127.0.0.1:1/?directConnection=true", serverSelectionTimeoutMS=100
    ) as client:
        with pytest.raises(StoreUnavailable):
            await files(client["x"], tmp_path).path(SHA256)
