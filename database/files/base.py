"""What keeps the documents' own bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


class Files(Protocol):
    """Keeps bytes under their SHA-256 (lower-case hexadecimal)."""

    async def put(self, data: bytes) -> str:
        """Keep the bytes and return their SHA-256. Keeping them twice is keeping them once."""

    async def path(self, sha256: str) -> Path | None:
        """A local file that holds the bytes, to be read only, or None where they aren't kept."""

    async def keep_only(self, sha256s: frozenset[str]) -> int:
        """Delete the bytes of every other file; return how many were deleted."""
