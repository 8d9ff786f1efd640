"""The bundled embedder, which leaves its process's id behind: that tells it from the others of the loader.

Its process imports this module, so it imports no more than that process has anyway.
"""

from __future__ import annotations

import os
from pathlib import Path

from database.embedders.base import PassageEmbedder
from database.embedders.opening import open_local


def load_noted(note: Path, model: str) -> PassageEmbedder:
    note.write_text(str(os.getpid()), encoding="utf-8")
    return open_local(model)


def noted(note: Path) -> int | None:
    """The process's id; None where it hasn't started yet."""
    try:
        return int(note.read_text(encoding="utf-8") or 0) or None
    except FileNotFoundError:
        return None
