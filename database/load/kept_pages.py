"""Converted pages on disk, so that a loader that was stopped goes on where it was."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

from pydantic import TypeAdapter

from database.load.converters.base import Page

_FORGOTTEN_AFTER = 7 * 24 * 3_600.0  # seconds: then nobody comes back for them

_PAGES = TypeAdapter(list[Page])


class KeptPages:
    """The pages of one document as one pipeline converts them: a file a range, there whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, wanted: range) -> list[Page] | None:
        """The pages, counted from 0; None where they aren't kept, or can't be read."""
        try:
            return _PAGES.validate_json(self._place(wanted).read_bytes())
        except (OSError, ValueError):
            return None

    def write(self, wanted: range, pages: list[Page]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix=".part-", delete=False) as part:
            part.write(_PAGES.dump_json(pages))
        Path(part.name).replace(self._place(wanted))

    def discard(self) -> None:
        """They are in the collection, or never will be."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _place(self, wanted: range) -> Path:
        return self._folder / f"{wanted.start}-{wanted.stop}.json"


def forget_old(folder: Path) -> None:
    """Remove what was kept of documents that nobody came back for."""
    if not folder.is_dir():
        return
    for kept in os.scandir(folder):
        if kept.is_dir() and time.time() - kept.stat().st_mtime > _FORGOTTEN_AFTER:
            shutil.rmtree(kept.path, ignore_errors=True)
