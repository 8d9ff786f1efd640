"""Files that were sent to this machine, in a folder that its actors of one run share."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_PREFIX = "acervo-ray-"


class KeptFiles:
    """The folder lasts as long as an actor has it open: who opens one removes what dead ones left behind."""

    def __init__(self, name: str, *, under: Path | None = None) -> None:
        self._root = under or Path(tempfile.gettempdir())
        self._folder = self._root / f"{_PREFIX}{name}"
        self._lock = self._open()
        self._remove_left_behind()

    def keep(self, name: str, data: NDArray[np.uint8]) -> Path:
        """Write it, unless that was done. Raises OSError."""
        path = self._folder / name
        if path.exists():
            return path
        handle, temporary = tempfile.mkstemp(dir=self._folder, prefix=".")
        try:
            with os.fdopen(handle, "wb") as file:
                data.tofile(file)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return path

    def drop(self, name: str) -> None:
        (self._folder / name).unlink(missing_ok=True)

    def close(self) -> None:
        """The last one to close it removes it."""
        os.close(self._lock)
        self._remove_if_nobodys(self._folder)

    def _open(self) -> int:
        """Held open and locked; made anew where somebody removed it in between."""
        while True:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            try:
                lock = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            except FileNotFoundError:
                continue
            fcntl.flock(lock, fcntl.LOCK_SH)
            if self._folder.exists() and os.path.samestat(os.fstat(lock), self._folder.stat()):
                return lock
            os.close(lock)

    def _remove_left_behind(self) -> None:
        for folder in self._root.glob(f"{_PREFIX}*"):
            if folder != self._folder:
                self._remove_if_nobodys(folder)

    def _remove_if_nobodys(self, folder: Path) -> None:
        try:
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:  # removed meanwhile, or another person's
            return
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:  # in use
            pass
        finally:
            os.close(lock)
