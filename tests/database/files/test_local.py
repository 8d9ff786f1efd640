"""The documents' own bytes in a local folder."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from database.files.local import LocalFiles


async def test_bytes_come_back_under_their_digest(tmp_path: Path) -> None:
    """Keeping them twice is keeping them once."""
    files = LocalFiles(tmp_path)
    sha256 = await files.put(b"bytes")
    assert sha256 == hashlib.sha256(b"bytes").hexdigest() == await files.put(b"bytes")
    path = await files.path(sha256)
    assert path is not None
    assert path.read_bytes() == b"bytes"
    assert len([p for p in tmp_path.rglob("*") if p.is_file()]) == 1


@pytest.mark.parametrize("name", ["0" * 64, "../secret", "", "A" * 64, "0" * 63 + "/"])
async def test_only_a_known_digest_has_a_path(tmp_path: Path, name: str) -> None:
    """A name that isn't a digest reaches no file, also none outside the folder."""
    (tmp_path / "secret").write_text("secret")
    folder = tmp_path / "data" / "files"
    folder.mkdir(parents=True)
    assert await LocalFiles(folder).path(name) is None


async def test_files_that_no_document_has_are_deleted(tmp_path: Path) -> None:
    """The others stay; an empty folder is no error."""
    files = LocalFiles(tmp_path / "files")
    assert await files.keep_only(frozenset()) == 0
    kept, gone = await files.put(b"kept"), await files.put(b"gone")
    assert await files.keep_only(frozenset([kept])) == 1
    assert await files.path(kept) is not None
    assert await files.path(gone) is None
