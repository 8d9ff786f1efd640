"""Brings the bytes of an upload to the disk, as they come."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from app.errors import FileTooLarge, NoSpace
from database.jobs.queue import Places, sync_folder

MOST_BYTES = 512 * 2**20  # in one file, as for those of a folder
RESERVED_BYTES = 512 * 2**20  # of the disk: what is loaded takes some, and full disks break more than this

_AT_ONCE = 2**20  # bytes that are hashed and written in one go, in a thread
_FORGOTTEN_AFTER = 3_600.0  # seconds without a byte


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """A file that is on the disk, for the moment in the folder of what is being received."""

    path: Path
    sha256: str
    size: int


class Receiver:
    """Keeps at most `most_bytes` of a file, and leaves `reserved_bytes` of the disk free."""

    def __init__(
        self, places: Places, *, most_bytes: int = MOST_BYTES, reserved_bytes: int = RESERVED_BYTES
    ) -> None:
        self._places = places
        self._most_bytes = most_bytes
        self._reserved_bytes = reserved_bytes

    async def check_space(self, size: int) -> None:
        """Raises NoSpace where that much can't be received."""
        await asyncio.to_thread(self._places.incoming.mkdir, parents=True, exist_ok=True)
        if not await asyncio.to_thread(self._has_space, size):
            raise NoSpace

    @contextlib.asynccontextmanager
    async def receive(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[Received]:
        """The file, which is gone afterwards unless it was kept. Raises FileTooLarge, NoSpace.

        What is too large is read to its end, since another file may follow.
        """
        part = await asyncio.to_thread(self._part)
        digest = hashlib.sha256()
        size = 0
        try:
            with part.open("xb") as file:
                fits = await asyncio.to_thread(self._has_space)
                async for piece in _gathered(pieces):
                    size += len(piece)
                    if fits and size <= self._most_bytes:
                        await asyncio.to_thread(_write, file, digest, piece)
                        fits = await asyncio.to_thread(self._has_space)
                await asyncio.to_thread(_sync, file)
            if size > self._most_bytes:
                raise FileTooLarge(self._most_bytes)
            if not fits:
                raise NoSpace
            yield Received(path=part, sha256=digest.hexdigest(), size=size)
        finally:
            part.unlink(missing_ok=True)

    def place(self, received: Received, name: str) -> Path:
        """Where the file is kept: the address of its document."""
        return self._places.files / received.sha256 / name

    def keep(self, received: Received, name: str) -> None:
        """Blocks. What is there already has the same bytes."""
        place = self.place(received, name)
        place.parent.mkdir(parents=True, exist_ok=True)
        sync_folder(place.parent.parent)
        received.path.replace(place)
        sync_folder(place.parent)

    def forget(self, address: str) -> None:
        """Delete what was kept at this address, if it is one of ours. Blocks."""
        place = Path(address)
        if place.parent.parent != self._places.files:
            return
        place.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # the same bytes have another name, too
            place.parent.rmdir()

    def sweep(self) -> None:
        """Delete what a server that died was receiving. Blocks."""
        with contextlib.suppress(FileNotFoundError):
            for part in self._places.incoming.iterdir():
                if time.time() - part.stat().st_mtime > _FORGOTTEN_AFTER:
                    part.unlink(missing_ok=True)

    def _part(self) -> Path:
        self._places.incoming.mkdir(parents=True, exist_ok=True)
        return self._places.incoming / secrets.token_hex(8)

    def _has_space(self, size: int = 0) -> bool:
        return shutil.disk_usage(self._places.incoming).free - size > self._reserved_bytes


async def _gathered(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """In larger ones: each costs a change of threads."""
    gathered = bytearray()
    async for piece in pieces:
        gathered += piece
        if len(gathered) >= _AT_ONCE:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)


def _write(file: IO[bytes], digest: hashlib._Hash, piece: bytes) -> None:
    digest.update(piece)
    file.write(piece)


def _sync(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())
