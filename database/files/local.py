"""Bytes in a local folder: `ab/abcdef…` by SHA-256."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import tempfile
from pathlib import Path

_SHA256 = re.compile(r"[0-9a-f]{64}")


class LocalFiles:
    """Keeps bytes in a folder. A file appears whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, data: bytes) -> str:
        return await asyncio.to_thread(self._put, data)

    async def path(self, sha256: str) -> Path | None:
        if not _SHA256.fullmatch(sha256):
            return None
        path = self._place(sha256)
        return path if await asyncio.to_thread(path.is_file) else None

    async def keep_only(self, sha256s: frozenset[str]) -> int:
        return await asyncio.to_thread(self._keep_only, sha256s)

    def _place(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def _put(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        place = self._place(sha256)
        if place.is_file():
            return sha256
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=place.parent, prefix=".part-", delete=False) as part:
            part.write(data)
            part.flush()
            os.fsync(part.fileno())
        Path(part.name).replace(place)
        return sha256

    def _keep_only(self, sha256s: frozenset[str]) -> int:
        if not self._folder.is_dir():
            return 0
        gone = [path for path in self._folder.glob("??/*") if path.name not in sha256s]
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)
