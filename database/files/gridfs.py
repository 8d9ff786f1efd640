"""Bytes in MongoDB's GridFS by SHA-256, with a local folder as cache."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gridfs import AsyncGridFSBucket
from gridfs.errors import FileExists
from pymongo.asynchronous.database import AsyncDatabase

from database.files.local import LocalFiles
from database.stores.atlas_client import reading, transferring

_BUCKET = "files"
_SHA256 = re.compile(r"[0-9a-f]{64}")


class GridFSFiles:
    """Keeps bytes in GridFS. A file's entry is written after its bytes: it is there whole or not at all.

    Whoever needs a path is given one in the cache, fetched when it isn't there; every process has its own.
    """

    def __init__(self, database: AsyncDatabase[dict[str, Any]], *, cache: LocalFiles) -> None:
        self._bucket = AsyncGridFSBucket(database, bucket_name=_BUCKET)
        self._entries = database[f"{_BUCKET}.files"]
        self._parts = database[f"{_BUCKET}.chunks"]
        self._cache = cache

    async def put(self, data: bytes) -> str:
        """Raises StoreUnavailable."""
        sha256 = await self._cache.put(data)
        if not await self._holds(sha256):
            with transferring():
                await self._parts.delete_many({"files_id": sha256})  # of a writer that died half-way
                with contextlib.suppress(FileExists):  # another process was faster with the same bytes
                    await self._bucket.upload_from_stream_with_id(sha256, sha256, data)
        return sha256

    async def path(self, sha256: str) -> Path | None:
        """Raises StoreUnavailable. What arrives with another SHA-256 is not given out."""
        if not _SHA256.fullmatch(sha256):
            return None
        path = await self._cache.path(sha256)
        if path is not None:
            return path
        if not await self._holds(sha256):
            return None
        with transferring():
            async with await self._bucket.open_download_stream(sha256) as stream:
                data = await stream.read()
        if hashlib.sha256(data).hexdigest() != sha256:
            return None
        await self._cache.put(data)
        return await self._cache.path(sha256)

    async def keep_only(self, sha256s: frozenset[str]) -> int:
        """Raises StoreUnavailable."""
        await self._cache.keep_only(sha256s)
        with transferring():
            entries: Sequence[dict[str, Any]] = await self._entries.find({}, {"_id": 1}).to_list()
            gone = [entry["_id"] for entry in entries if entry["_id"] not in sha256s]
            for sha256 in gone:
                await self._bucket.delete(sha256)
        return len(gone)

    async def _holds(self, sha256: str) -> bool:
        """Asked first: where MongoDB is gone, nobody waits as long as a transfer may take."""
        with reading():
            return await self._entries.find_one({"_id": sha256}, {"_id": 1}) is not None
