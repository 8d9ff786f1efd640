"""What keeps the documents' own bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


class Files(Protocol):
    """Keeps files under the SHA-256 of their bytes (lower-case hexadecimal), also large ones."""

    async def put(self, path: Path) -> str:
        """Keep a copy of the file and return its SHA-256. Keeping it twice is keeping it once.

        The file stays as it is, and may go when this has returned. Raises OSError where it can't be read.
        """

    async def path(self, sha256: str) -> Path | None:
        """A local file that holds the bytes, to be read only, or None where they aren't kept."""

    async def keep_only(self, sha256s: frozenset[str]) -> int:
        """Delete the bytes of every other file; return how many were deleted."""
