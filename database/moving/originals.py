"""Originals on their way out of a collection's file: on the disk, part by part, as large as they may be."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from database.errors import StoreUnavailable
from database.moving.threads import in_thread
from database.records import Document

_FOLDER = "importing"


@dataclass(frozen=True, kw_only=True, slots=True)
class Original:
    """A document's file, whose digest has been checked. It is gone when the next piece is asked for."""

    sha256: str
    path: Path


class Incoming:
    """One original of which so many bytes are to come, in a folder. Its methods block."""

    def __init__(self, document: Document, *, size: int, folder: Path) -> None:
        self._document = document
        self._left = size
        self._path = folder / document.sha256
        self._digest = hashlib.sha256()
        self._parts = 0

    @property
    def complete(self) -> bool:
        return not self._left

    def take(self, position: int | None, data: bytes | None) -> None:
        """Raises ValueError where this can't be the next part, StoreUnavailable where there is no room."""
        if self.complete or position != self._parts or data is None or len(data) > self._left:
            raise ValueError(f"the parts of the original of {self._document.id} aren't in order")
        with making_room(), self._path.open("ab" if self._parts else "wb") as file:
            file.write(data)
        self._digest.update(data)
        self._parts += 1
        self._left -= len(data)

    def checked(self) -> Original:
        """Raises ValueError where it has other bytes than the document was made of."""
        if self._digest.hexdigest() != self._document.sha256:
            raise ValueError(f"the original of the document {self._document.id} has other bytes")
        return Original(sha256=self._document.sha256, path=self._path)


@contextmanager
def making_room() -> Iterator[None]:
    """A disk that is full is no fault of the file that is read."""
    try:
        yield
    except OSError as error:
        raise StoreUnavailable("folder_unusable", detail=error) from error


@asynccontextmanager
async def landing(folder: Path) -> AsyncIterator[Path]:
    """An empty folder within this one, for the one process that writes; not the system's own, which may be in
    memory. What a process that was killed has left in it is gone.

    Raises StoreUnavailable.
    """
    place = folder / _FOLDER
    try:
        with making_room():
            await in_thread(_make_empty, place)
        yield place
    finally:
        await in_thread(shutil.rmtree, place, ignore_errors=True)


def _make_empty(place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
