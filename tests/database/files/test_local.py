"""The documents' own bytes in a local folder."""

from __future__ import annotations

import hashlib
import os
import time
import tracemalloc
from pathlib import Path

import pytest

from database.files.local import LocalFiles

SOURCE = b"bytes"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(SOURCE)
    return path


def all_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_bytes_come_back_under_their_digest(tmp_path: Path, source: Path) -> None:
    """Keeping them twice is keeping them once; the file that they come from may change or go."""
    files = LocalFiles(tmp_path / "files")
    sha256 = await files.put(source)
    assert sha256 == hashlib.sha256(SOURCE).hexdigest() == await files.put(source)
    source.write_bytes(b"other")
    path = await files.path(sha256)
    assert path is not None
    assert path.read_bytes() == SOURCE
    assert all_files(tmp_path / "files") == [path]


async def test_a_kept_file_that_is_damaged_is_mended(tmp_path: Path, source: Path) -> None:
    """Whoever keeps it again has its bytes."""
    files = LocalFiles(tmp_path / "files")
    path = files.place(await files.put(source))
    path.write_bytes(b"DAMAGED")
    await files.put(source)
    assert path.read_bytes() == SOURCE


async def test_a_large_file_is_never_whole_in_memory(tmp_path: Path) -> None:
    """It is copied and hashed part by part."""
    source = tmp_path / "source"
    with source.open("wb") as file:
        file.truncate(64 * 2**20)
    tracemalloc.start()
    try:
        await LocalFiles(tmp_path / "files").put(source)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 8 * 2**20


async def test_what_cannot_be_read_leaves_nothing(tmp_path: Path) -> None:
    """A file that isn't there, or is a folder, is the caller's to tell."""
    files = LocalFiles(tmp_path / "files")
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(OSError, match=r"none|directory"):
            await files.put(path)
    assert all_files(tmp_path) == []


async def test_what_is_not_kept_leaves_nothing(tmp_path: Path) -> None:
    """All of it may have come, but not what was asked for."""
    with LocalFiles(tmp_path).receive() as arriving:
        arriving.write(SOURCE)
        assert len(all_files(tmp_path)) == 1
    assert all_files(tmp_path) == []


@pytest.mark.parametrize("name", ["0" * 64, "../secret", "", "A" * 64, "0" * 63 + "/"])
async def test_only_a_known_digest_has_a_path(tmp_path: Path, name: str) -> None:
    """A name that isn't a digest reaches no file, also none outside the folder."""
    (tmp_path / "secret").write_text("secret")
    folder = tmp_path / "data" / "files"
    folder.mkdir(parents=True)
    assert await LocalFiles(folder).path(name) is None


async def test_files_that_no_document_has_are_deleted(tmp_path: Path, source: Path) -> None:
    """The others stay; an empty folder is no error."""
    files = LocalFiles(tmp_path / "files")
    assert await files.keep_only(frozenset()) == 0
    kept = await files.put(source)
    source.write_bytes(b"gone")
    gone = await files.put(source)
    assert await files.keep_only(frozenset([kept])) == 1
    assert await files.path(kept) is not None
    assert await files.path(gone) is None


async def test_what_a_dead_process_left_is_deleted(tmp_path: Path) -> None:
    """And what another one is fetching now isn't."""
    files = LocalFiles(tmp_path)
    old = time.time() - 2 * 24 * 3_600
    with files.receive() as arriving:
        left = tmp_path / ".part-left"
        left.write_bytes(SOURCE)
        os.utime(left, (old, old))
        assert await files.keep_only(frozenset()) == 0
        arriving.write(SOURCE)
        arriving.keep()
    assert all_files(tmp_path) == [files.place(hashlib.sha256(SOURCE).hexdigest())]
