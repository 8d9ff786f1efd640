"""Pages that were asked about before they were laid out."""

from __future__ import annotations

import os
from pathlib import Path

from database.asked import AskedPages


def test_they_are_taken_once_and_the_newest_first(tmp_path: Path) -> None:
    """By another process, which has the same folder."""
    AskedPages(tmp_path / "asked").add([("a", 3), ("b", 12)])
    os.utime(tmp_path / "asked" / "a.3", (1, 1))
    other = AskedPages(tmp_path / "asked")
    assert other.take() == [("b", 12), ("a", 3)]
    assert other.take() == []


def test_what_can_not_be_written_is_let_go(tmp_path: Path) -> None:
    """No answer fails for it; and a folder isn't filled without end."""
    (tmp_path / "file").touch()
    AskedPages(tmp_path / "file").add([("a", 1)])
    asked = AskedPages(tmp_path / "asked")
    asked.add([("a", n) for n in range(1, 1_001)])
    asked.add([("b", 1)])
    assert ("b", 1) not in asked.take()


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    """Only names that could be a page's are taken."""
    for name in ("x", "a.0", "a.b", "../a.1".replace("/", "_")):
        (tmp_path / name).touch()
    assert AskedPages(tmp_path).take() == []
    assert len(list(tmp_path.iterdir())) == 4
