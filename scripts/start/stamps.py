"""Marks that say for which content a piece of work was done, so that a later start can skip it.

A stamp lies inside what it describes (`.venv`, `node_modules`, `dist`) and is deleted together with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def fingerprint(paths: Iterable[Path], *, root: Path, also: Iterable[str] = ()) -> str:
    """Hash of these files' names and contents, and of the strings in `also`; a missing file counts."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        content = path.read_bytes() if path.is_file() else None
        size = "missing" if content is None else str(len(content))
        digest.update(f"{path.relative_to(root).as_posix()}\0{size}\0".encode())
        digest.update(content or b"")
    for text in also:
        digest.update(f"{len(text)}\0{text}".encode())
    return digest.hexdigest()


def files_below(folder: Path, *, without: frozenset[str] = frozenset()) -> list[Path]:
    """Every file below `folder`, leaving out folders (at any depth) whose name is in `without`."""
    found: list[Path] = []
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir():
            if path.name not in without:
                found += files_below(path, without=without)
        else:
            found.append(path)
    return found


class Stamp:
    """One mark, in one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def fits(self, content: str) -> bool:
        """Whether the work was last done for this content."""
        try:
            return self._path.read_text(encoding="utf-8") == content
        except (OSError, UnicodeDecodeError):
            return False

    def put(self, content: str) -> None:
        """Record that the work is done for this content."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(content, encoding="utf-8")

    def remove(self) -> None:
        """Forget it, before the work starts anew: a half-done piece must not pass for done."""
        self._path.unlink(missing_ok=True)
