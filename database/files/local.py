"""Files in a local folder: `ab/abcdef…` by SHA-256."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

_SHA256 = re.compile(r"[0-9a-f]{64}")
_COPIED_AT_ONCE = 2**20  # bytes
_ARRIVING = ".part-"
_DEAD_AFTER = 24 * 3_600.0  # seconds: whoever wrote such a part then writes it no more


class Arriving:
    """A file that comes part by part. Its methods block."""

    def __init__(self, file: BinaryIO, part: Path, place: Callable[[str], Path]) -> None:
        self._file = file
        self._part = part
        self._place = place
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """Of the bytes that are here by now."""
        return self._digest.hexdigest()

    def write(self, data: bytes) -> None:
        self._digest.update(data)
        self._file.write(data)

    def keep(self) -> None:
        """When all of it is here: it takes the place of its SHA-256, and is on the disk before it does."""
        self._file.flush()
        os.fsync(self._file.fileno())
        place = self._place(self.sha256)
        place.parent.mkdir(exist_ok=True)
        self._part.replace(place)


class LocalFiles:
    """Keeps files in a folder. A file appears whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, path: Path) -> str:
        return await asyncio.to_thread(self._put, path)

    async def path(self, sha256: str) -> Path | None:
        if not _SHA256.fullmatch(sha256):
            return None
        path = self.place(sha256)
        return path if await asyncio.to_thread(path.is_file) else None

    async def keep_only(self, sha256s: frozenset[str]) -> int:
        return await asyncio.to_thread(self._keep_only, sha256s)

    def place(self, sha256: str) -> Path:
        """Where the file of this SHA-256 is, if it is kept."""
        return self._folder / sha256[:2] / sha256

    @contextmanager
    def receive(self) -> Iterator[Arriving]:
        """A file whose name is known when all of it has come. What isn't kept then is gone."""
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self._folder, prefix=_ARRIVING)
        part = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield Arriving(file, part, self.place)
        finally:
            part.unlink(missing_ok=True)

    def _put(self, path: Path) -> str:
        with path.open("rb") as source, self.receive() as arriving:
            for data in iter(partial(source.read, _COPIED_AT_ONCE), b""):
                arriving.write(data)
            arriving.keep()
            return arriving.sha256

    def _keep_only(self, sha256s: frozenset[str]) -> int:
        """What a process that died has left half-way goes, too, and isn't counted: it was never kept.

        Another process may be fetching a file into this folder meanwhile: what is new stays.
        """
        for part in self._folder.glob(f"{_ARRIVING}*"):
            with suppress(FileNotFoundError):  # it has been kept by now
                if time.time() - part.stat().st_mtime > _DEAD_AFTER:
                    part.unlink()
        gone = [path for path in self._folder.glob("??/*") if path.name not in sha256s]
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)
