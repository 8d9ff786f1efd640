"""Folders that stay in step."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from database.commands import watch
from database.messages import Messages

MESSAGES = Messages("en")
LOOK = 0.03


class Seeding:
    """Stands for the process that loads: notes what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.statuses: list[int] = []
        self.slow = False

    async def __call__(self, folders: list[str]) -> int:
        self.asked.append([Path(folder).name for folder in folders])
        if self.slow:
            await asyncio.Event().wait()
        return self.statuses.pop(0) if self.statuses else 0


@pytest.fixture
def seeding(monkeypatch: pytest.MonkeyPatch) -> Seeding:
    stand_in = Seeding()
    monkeypatch.setattr(watch, "_seed", stand_in)
    return stand_in


@asynccontextmanager
async def watching(*folders: Path) -> AsyncIterator[None]:
    task = asyncio.create_task(watch.run(MESSAGES, [str(folder) for folder in folders], look_every=LOOK))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(LOOK)


async def test_what_is_there_and_what_changes_is_loaded(tmp_path: Path, seeding: Seeding) -> None:
    """New, changed, renamed and deleted files, once each; without a change, nothing."""
    (tmp_path / "a.md").write_text("um")
    async with watching(tmp_path):
        await until(lambda: len(seeding.asked) == 1)
        await asyncio.sleep(LOOK * 5)
        assert len(seeding.asked) == 1
        for number, change in enumerate(
            (
                lambda: (tmp_path / "b.md").write_text("dois"),
                lambda: (tmp_path / "b.md").write_text("dois e meio"),
                lambda: (tmp_path / "b.md").rename(tmp_path / "c.md"),
                lambda: (tmp_path / "c.md").unlink(),
            ),
            start=2,
        ):
            change()
            await until(lambda number=number: len(seeding.asked) == number)  # type: ignore[misc]
        await asyncio.sleep(LOOK * 5)
        assert len(seeding.asked) == 5


async def test_a_file_that_is_being_copied_is_left_until_it_is_whole(
    tmp_path: Path, seeding: Seeding
) -> None:
    """Its size changes from one look to the next."""
    async with watching(tmp_path):
        await until(lambda: len(seeding.asked) == 1)
        with (tmp_path / "a.md").open("a") as growing:
            for _ in range(20):
                growing.write("mais um pedaço ")
                growing.flush()
                await asyncio.sleep(LOOK / 2)
            assert len(seeding.asked) == 1
        await until(lambda: len(seeding.asked) == 2)


async def test_what_could_not_begin_is_tried_again(tmp_path: Path, seeding: Seeding) -> None:
    """Another process may be loading; a file that failed is not a reason."""
    (tmp_path / "a.md").write_text("um")
    seeding.statuses = [2, 2, 1]
    async with watching(tmp_path):
        await until(lambda: len(seeding.asked) == 3)
        await asyncio.sleep(LOOK * 5)
        assert len(seeding.asked) == 3


async def test_what_comes_meanwhile_does_not_wait_for_what_was_there(
    tmp_path: Path, seeding: Seeding
) -> None:
    """The process that lays out a thousand pages is stopped; the next one reads the new file first."""
    seeding.slow = True
    (tmp_path / "a.md").write_text("um")
    async with watching(tmp_path):
        await until(lambda: len(seeding.asked) == 1)
        await asyncio.sleep(LOOK * 5)
        assert len(seeding.asked) == 1
        (tmp_path / "b.md").write_text("dois")
        await until(lambda: len(seeding.asked) == 2)
        seeding.slow = False


async def test_a_folder_out_of_reach_loses_no_documents(
    tmp_path: Path, seeding: Seeding, capsys: pytest.CaptureFixture[str]
) -> None:
    """A drive that is unplugged is not a folder whose files were deleted."""
    for name in ("here", "drive"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.md").write_text("um")
    async with watching(tmp_path / "here", tmp_path / "drive"):
        await until(lambda: len(seeding.asked) == 1)
        shutil.move(tmp_path / "drive", tmp_path / "unplugged")
        await until(lambda: len(seeding.asked) == 2)
        assert seeding.asked[-1] == ["here"]
        shutil.move(tmp_path / "unplugged", tmp_path / "drive")
        await until(lambda: len(seeding.asked) == 3)
        assert seeding.asked[-1] == ["here", "drive"]
    assert "drive is out of reach" in capsys.readouterr().err


async def test_a_folder_that_is_not_there_is_told(
    tmp_path: Path, seeding: Seeding, capsys: pytest.CaptureFixture[str]
) -> None:
    """At the start it is a mistake."""
    assert await watch.run(MESSAGES, [str(tmp_path / "none")]) == 1
    assert "doesn't exist" in capsys.readouterr().err
    assert seeding.asked == []


async def test_the_loading_process_ends_with_the_watching_one() -> None:
    """Whoever stops watching stops the loading, too."""
    async with watch._process("-c", "import time; time.sleep(600)") as process:
        assert process.returncode is None
    assert process.returncode is not None
