"""Bytes in MongoDB's GridFS by SHA-256, with a local folder as cache."""

from __future__ import annotations

import asyncio
import contextlib
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
_SENT_AT_ONCE = 2**20  # bytes


class GridFSFiles:
    """Keeps bytes in GridFS. A file's entry is written after its bytes: it is there whole or not at all.

    Whoever needs a path is given one in the cache, fetched when it isn't there; every process has its own.
    A file that is sent takes up to some 180 MB of memory, however large it is: pymongo collects 32 MB of it,
    and encodes them before it sends them.
    """

    def __init__(self, database: AsyncDatabase[dict[str, Any]], *, cache: LocalFiles) -> None:
        self._bucket = AsyncGridFSBucket(database, bucket_name=_BUCKET)
        self._entries = database[f"{_BUCKET}.files"]
        self._parts = database[f"{_BUCKET}.chunks"]
        self._cache = cache

    async def put(self, path: Path) -> str:
        """Raises StoreUnavailable."""
        sha256 = await self._cache.put(path)
        if not await self._holds(sha256):
            with transferring():
                await self._parts.delete_many({"files_id": sha256})  # of a writer that died half-way
                with contextlib.suppress(FileExists):  # another process was faster with the same bytes
                    await self._send(sha256)
        return sha256

    async def path(self, sha256: str) -> Path | None:
        """Raises StoreUnavailable. What arrives with another SHA-256 is not given out."""
        if not _SHA256.fullmatch(sha256):
            return None
        path = await self._cache.path(sha256)
        if path is None and await self._holds(sha256):
            with transferring():
                await self._fetch(sha256)
            path = await self._cache.path(sha256)
        return path

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

    async def _send(self, sha256: str) -> None:
        """The copy in the cache, whose SHA-256 is known: the file that it was made of may change."""
        with self._cache.place(sha256).open("rb") as file:
            async with self._bucket.open_upload_stream_with_id(sha256, sha256) as upload:
                while data := await asyncio.to_thread(file.read, _SENT_AT_ONCE):
                    await upload.write(data)

    async def _fetch(self, sha256: str) -> None:
        """Into the cache, where its SHA-256 is the one that was asked for."""
        with self._cache.receive() as arriving:
            async with await self._bucket.open_download_stream(sha256) as download:
                while data := await download.readchunk():
                    await asyncio.to_thread(arriving.write, data)
            if arriving.sha256 == sha256:
                await asyncio.to_thread(arriving.keep)
