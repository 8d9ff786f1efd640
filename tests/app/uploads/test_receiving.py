"""Files that come in pieces."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.errors import FileTooLarge, NoSpace
from app.uploads.receiving import Receiver
from database.jobs.queue import Places


async def pieces(*data: bytes) -> AsyncIterator[bytes]:
    for piece in data:
        yield piece


async def cut() -> AsyncIterator[bytes]:
    yield b"half"
    raise ConnectionResetError


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def test_a_file_is_hashed_on_its_way_and_kept_under_its_hash(tmp_path: Path) -> None:
    """Whole, with the name that it came with."""
    receiver = Receiver(Places(tmp_path))
    async with receiver.receive(pieces(b"a" * 2**20, b"b" * 2**20, b"c")) as received:
        assert received.size == 2**21 + 1
        receiver.keep(received, "ç.txt")
    data = b"a" * 2**20 + b"b" * 2**20 + b"c"
    (kept,) = files(tmp_path)
    assert kept == tmp_path / "uploads/files" / hashlib.sha256(data).hexdigest() / "ç.txt"
    assert kept.read_bytes() == data


async def test_what_is_not_kept_is_gone(tmp_path: Path) -> None:
    """Also where the sender left in the middle."""
    receiver = Receiver(Places(tmp_path))
    async with receiver.receive(pieces(b"x")):
        pass
    with pytest.raises(ConnectionResetError):
        async with receiver.receive(cut()):
            pass
    assert files(tmp_path) == []


async def test_what_is_too_large_is_read_to_its_end_and_not_written(tmp_path: Path) -> None:
    """Another file may follow in the same request."""
    read = []

    async def counted() -> AsyncIterator[bytes]:
        for number in range(10):
            read.append(number)
            yield b"x" * 2**20

    with pytest.raises(FileTooLarge, match="3 MiB"):
        async with Receiver(Places(tmp_path), most_bytes=3 * 2**20).receive(counted()):
            pass
    assert len(read) == 10
    assert files(tmp_path) == []


async def test_a_disk_is_not_filled(tmp_path: Path) -> None:
    """Neither by what is said beforehand nor by what comes."""
    receiver = Receiver(Places(tmp_path), reserved_bytes=2**60)
    with pytest.raises(NoSpace):
        await receiver.check_space(1)
    with pytest.raises(NoSpace):
        async with receiver.receive(pieces(b"x")):
            pass
    assert files(tmp_path) == []
    with pytest.raises(NoSpace):
        await Receiver(Places(tmp_path)).check_space(2**60)


async def test_the_same_bytes_under_two_names_are_forgotten_one_by_one(tmp_path: Path) -> None:
    """And nothing that isn't ours ever is."""
    receiver = Receiver(Places(tmp_path / "data"))
    async with receiver.receive(pieces(b"x")) as received:
        receiver.keep(received, "a.txt")
    async with receiver.receive(pieces(b"x")) as received:
        receiver.keep(received, "b.txt")
    place = receiver.place(received, "b.txt")
    receiver.forget(str(place))
    assert [path.name for path in files(tmp_path)] == ["a.txt"]
    receiver.forget(str(place.with_name("a.txt")))
    assert not place.parent.exists()
    (tmp_path / "mine.txt").write_text("mine")
    receiver.forget(str(tmp_path / "mine.txt"))
    receiver.forget("https://example.org/a.txt")
    assert (tmp_path / "mine.txt").exists()


def test_what_a_dead_server_was_receiving_is_swept(tmp_path: Path) -> None:
    """What another one is receiving now is not."""
    incoming = Places(tmp_path).incoming
    incoming.mkdir(parents=True)
    (incoming / "old").write_bytes(b"x")
    (incoming / "new").write_bytes(b"x")
    long_ago = time.time() - 7_200
    os.utime(incoming / "old", (long_ago, long_ago))
    Receiver(Places(tmp_path)).sweep()
    assert [path.name for path in files(incoming)] == ["new"]
