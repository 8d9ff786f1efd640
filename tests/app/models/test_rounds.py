"""Connections that are read together, where they are many, and as they come, where they are few."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import sys
from collections.abc import Iterator

import pytest

from app.models import rounds
from app.models.rounds import Connection, Rounds

pytestmark = pytest.mark.skipif(not rounds.possible(), reason="this system has no epoll")


class Heard(asyncio.Protocol):
    """What came, in the order in which it did; `all_` is what came to any."""

    def __init__(self, all_: list[Heard] | None = None) -> None:
        self.data = b""
        self.lost: list[Exception | None] = []
        self.came = asyncio.Event()
        self._all = all_ if all_ is not None else []

    def data_received(self, data: bytes) -> None:
        self.data += data
        self._all.append(self)
        self.came.set()

    def connection_lost(self, error: Exception | None) -> None:
        self.lost.append(error)
        self.came.set()


@contextlib.contextmanager
def pairs(number: int) -> Iterator[list[tuple[socket.socket, socket.socket]]]:
    """Connections with both ends: the one to be read and the other one."""
    with contextlib.ExitStack() as opened, socket.create_server(("127.0.0.1", 0)) as server:
        made = []
        for _ in range(number):
            near = opened.enter_context(socket.create_connection(server.getsockname()))
            near.setblocking(False)
            made.append((near, opened.enter_context(server.accept()[0])))
        yield made


def resting(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """For so long, however many there are."""
    monkeypatch.setattr(rounds, "REST_SECONDS_EACH", seconds)
    monkeypatch.setattr(rounds, "LONGEST_REST_SECONDS", seconds)


def read(near: socket.socket, heard: Heard) -> Connection:
    return Rounds.here().read(near, heard)


async def heard_by(*all_: Heard) -> None:
    async with asyncio.timeout(5):
        for one in all_:
            await one.came.wait()
            one.came.clear()


async def test_what_comes_is_handed_on() -> None:
    """Also what is longer than one reading, in its order."""
    with pairs(1) as ((near, far),):
        heard = Heard()
        connection = read(near, heard)
        far.sendall(b"one")
        await heard_by(heard)
        assert heard.data == b"one"
        long = bytes(range(256)) * 400
        far.sendall(long)
        while len(heard.data) < 3 + len(long):
            await heard_by(heard)
        assert heard.data == b"one" + long
        connection.close()


async def test_few_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a rest."""
    resting(monkeypatch, 60.0)
    with pairs(rounds.MANY - 1) as ends:
        heard = [Heard() for _ in ends]
        connections = [read(near, one) for (near, _), one in zip(ends, heard, strict=True)]
        for word in (b"one ", b"two"):
            for _, far in ends:
                far.sendall(word)
            await heard_by(*heard)
        assert {one.data for one in heard} == {b"one two"}
        for connection in connections:
            connection.close()


async def test_many_are_read_together_after_a_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes meanwhile waits, and comes in one round."""
    resting(monkeypatch, 0.3)
    loop = asyncio.get_running_loop()
    with pairs(rounds.MANY) as ends:
        order: list[Heard] = []
        heard = [Heard(order) for _ in ends]
        connections = [read(near, one) for (near, _), one in zip(ends, heard, strict=True)]
        ends[0][1].sendall(b"first")
        await heard_by(heard[0])
        begun = loop.time()
        for _, far in ends:
            far.sendall(b"next")
            await asyncio.sleep(0.002)
        assert order == [heard[0]]
        await heard_by(heard[-1])
        assert loop.time() - begun > 0.2
        assert len(order) == 1 + len(ends)
        await asyncio.sleep(0.5)  # nothing came for a whole rest: the next one is read at once
        begun = loop.time()
        ends[0][1].sendall(b"last")
        heard[0].came.clear()
        await heard_by(heard[0])
        assert loop.time() - begun < 0.2
        for connection in connections:
            connection.close()


async def test_those_that_remain_are_read_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where many have become few during a rest."""
    resting(monkeypatch, 0.05)
    with pairs(rounds.MANY) as ends:
        heard = [Heard() for _ in ends]
        connections = [read(near, one) for (near, _), one in zip(ends, heard, strict=True)]
        for _, far in ends:
            far.sendall(b"a")
        await heard_by(*heard)
        for connection in connections[1:]:
            connection.close()
        for letter in (b"b", b"c"):
            ends[0][1].sendall(letter)
            await heard_by(heard[0])
        assert heard[0].data == b"abc"
        connections[0].close()


async def test_the_end_and_an_error_are_told_once() -> None:
    """And the socket is closed."""
    with pairs(2) as ((near, far), (reset, resetting)):
        heard, failed = Heard(), Heard()
        connections = [read(near, heard), read(reset, failed)]
        far.sendall(b"all")
        far.close()
        resetting.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        resetting.close()
        await heard_by(failed)
        while not heard.lost:
            await heard_by(heard)
        assert (heard.data, heard.lost) == (b"all", [None])
        assert isinstance(failed.lost[0], ConnectionResetError)
        assert len(failed.lost) == 1
        for connection in connections:
            assert connection.is_closing()
            connection.close()  # once more does nothing


async def test_one_that_another_has_closed_is_not_read() -> None:
    """Within the same round, whichever of the two is read first."""
    with pairs(2) as ((near, far), (beside, far_beside)):
        connections: list[Connection] = []

        class Closing(Heard):
            def data_received(self, data: bytes) -> None:
                super().data_received(data)
                for connection in connections:
                    connection.close()

        heard = [Closing(), Closing()]
        far.sendall(b"a")
        far_beside.sendall(b"b")
        connections += [read(near, heard[0]), read(beside, heard[1])]
        await asyncio.sleep(0.05)
        assert sorted(one.data for one in heard) in ([b"", b"a"], [b"", b"b"])
        assert [one.lost for one in heard] == [[], []]


async def test_a_protocol_that_fails_loses_its_own_connection_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are read on, also after a rest."""

    class Failing(Heard):
        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if data == b"b":
                raise ValueError("b")

    resting(monkeypatch, 0.01)
    with pairs(rounds.MANY + 1) as ends:
        heard = [Failing(), *(Heard() for _ in ends[1:])]
        connections = [read(near, one) for (near, _), one in zip(ends, heard, strict=True)]
        for letter, hearing in ((b"a", heard), (b"b", heard), (b"c", heard[1:])):
            for _, far in ends[-len(hearing) :]:
                far.sendall(letter)
            await heard_by(*hearing)
        assert [one.data for one in heard] == [b"ab", *[b"abc"] * rounds.MANY]
        assert [str(error) for error in heard[0].lost] == ["b"]
        assert [connection.is_closing() for connection in connections] == [True, *[False] * rounds.MANY]
        for connection in connections:
            connection.close()


async def test_nothing_is_left_where_nothing_is_read() -> None:
    """Neither a watched descriptor nor a timer; the next connection begins anew."""
    for _ in range(2):
        with pairs(rounds.MANY) as ends:
            heard = [Heard() for _ in ends]
            connections = [read(near, one) for (near, _), one in zip(ends, heard, strict=True)]
            for _, far in ends:
                far.sendall(b"a")
            await heard_by(*heard)
            here = Rounds.here()
            for connection in connections:
                connection.close()
            assert Rounds.here() is not here
            Rounds.here().read(*_unread()).close()


def _unread() -> tuple[socket.socket, Heard]:
    near, far = socket.socketpair()
    far.close()
    near.setblocking(False)
    return near, Heard()


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop isn't for Windows")
def test_it_works_in_the_loop_that_the_server_runs_in() -> None:
    """Which watches in another way."""
    uvloop = pytest.importorskip("uvloop")

    async def reading() -> list[bytes]:
        with pairs(rounds.MANY) as ends:
            heard = [Heard() for _ in ends]
            connections = [read(near, one) for (near, _), one in zip(ends, heard, strict=True)]
            for word in (b"one ", b"two"):
                for _, far in ends:
                    far.sendall(word)
                await heard_by(*heard)
            for connection in connections:
                connection.close()
            return [one.data for one in heard]

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(reading()) == [b"one two"] * rounds.MANY
