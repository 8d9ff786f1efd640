"""Pages that were asked about before they were laid out, told by those who answer to the one who lays out.

DATA_DIR/asked/DOCUMENT.PAGE    an empty file: the newest is laid out first
"""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

Asked = tuple[str, int]
"""A document's id, and a page of it, from 1."""

_MOST = 1_000  # more than are laid out while anybody remembers what they asked
_NAME = re.compile(r"([\w-]+)\.([1-9]\d*)")


class AskedPages:
    """One folder of them. All of its methods block, for as long as it takes to look into a small folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, pages: list[Asked]) -> None:
        """Never in the way of an answer: where it can't be written, the page comes in its own time."""
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            if sum(1 for _ in self._folder.iterdir()) < _MOST:
                for document, page in pages:
                    (self._folder / f"{document}.{page}").touch()

    def take(self) -> list[Asked]:
        """All that were added since they were last taken, the newest first."""
        found: list[tuple[float, Asked]] = []
        with contextlib.suppress(FileNotFoundError), os.scandir(self._folder) as entries:
            for entry in entries:
                if name := _NAME.fullmatch(entry.name):
                    with contextlib.suppress(FileNotFoundError):
                        found.append((entry.stat().st_mtime, (name[1], int(name[2]))))
                        Path(entry.path).unlink()
        return [asked for _, asked in sorted(found, reverse=True)]
