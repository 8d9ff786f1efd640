"""The report's file."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from database.errors import ReportFileError, StoreUnavailable
from database.report.file import write
from database.report.page import GENERATOR


async def pieces(*parts: str) -> AsyncIterator[str]:
    for part in (f"<html>{GENERATOR}", *parts):
        yield part


async def cut() -> AsyncIterator[str]:
    yield f"<html>{GENERATOR}"
    raise StoreUnavailable("unreadable")


async def test_a_report_replaces_the_one_before(tmp_path: Path) -> None:
    """Its owner alone reads it: it names their documents."""
    path = tmp_path / "report.html"
    await write(path, pieces("one"))
    await write(path, pieces("ação", "x" * 600_000))
    assert path.read_text(encoding="utf-8") == f"<html>{GENERATOR}ação{'x' * 600_000}"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


async def test_nothing_else_is_replaced(tmp_path: Path) -> None:
    """A document of somebody's stays as it is, whatever it is called."""
    path = tmp_path / "page.html"
    path.write_text("<html>mine")
    with pytest.raises(ReportFileError, match=r"page\.html exists"):
        await write(path, pieces())
    assert path.read_text() == "<html>mine"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["none/report.html", "folder.html"])
async def test_what_cannot_be_written_is_said(tmp_path: Path, name: str) -> None:
    """A folder that isn't there, or one in the file's place."""
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(ReportFileError, match="can't be written"):
        await write(tmp_path / name, pieces())
    assert [path.name for path in tmp_path.iterdir()] == ["folder.html"]


async def test_a_report_that_ends_half_way_leaves_the_one_before(tmp_path: Path) -> None:
    """And nothing of its own."""
    path = tmp_path / "report.html"
    await write(path, pieces("one"))
    with pytest.raises(StoreUnavailable):
        await write(path, cut())
    assert path.read_text() == f"<html>{GENERATOR}one"
    assert list(tmp_path.iterdir()) == [path]
