"""Reads the streams of many answers in rounds.

Waking up for a token costs as much processor time as reading it: what ran meanwhile has taken the
processor's caches. Where many answers are written at once, their tokens are therefore read together after
rests, the longer the more there are, as network cards do it (interrupt moderation); where few are, each is
read as it comes. docs/benchmarks.md has what that gives.
"""

from __future__ import annotations

import asyncio
import select
import socket
from typing import ClassVar

# So many streams are many. A token waits for a rest at most, and for half of one on average.
MANY = 16
REST_SECONDS_EACH = 0.0001
LONGEST_REST_SECONDS = 0.02

_PIECE = 2**14  # bytes that are read of a connection at once


def possible() -> bool:
    """Whether this system can watch many connections as one."""
    return hasattr(select, "epoll")


class Rounds:
    """All connections of an event loop that are read so; there for as long as there are any."""

    _of: ClassVar[dict[asyncio.AbstractEventLoop, Rounds]] = {}

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._poll = select.epoll()
        self._connections: dict[int, Connection] = {}
        self._rest: asyncio.TimerHandle | None = None
        self._watch()

    @classmethod
    def here(cls) -> Rounds:
        """Those of the event loop that runs."""
        loop = asyncio.get_running_loop()
        if loop not in cls._of:
            cls._of[loop] = cls(loop)
        return cls._of[loop]

    def read(self, connected: socket.socket, protocol: asyncio.Protocol) -> Connection:
        """Hand what comes to the protocol, from now on. The socket doesn't block, and is closed with the
        connection. Raises OSError where the system watches no more.
        """
        number = connected.fileno()
        self._poll.register(number, select.EPOLLIN)
        connection = self._connections[number] = Connection(self, connected, protocol)
        return connection

    def leave(self, number: int) -> None:
        """Read no more of the connection with this file descriptor."""
        self._poll.unregister(number)
        del self._connections[number]
        if not self._connections:
            self._end()

    def _watch(self) -> None:
        self._loop.add_reader(self._poll.fileno(), self._come)

    def _come(self) -> None:
        self._round()
        if len(self._connections) >= MANY:
            self._loop.remove_reader(self._poll.fileno())
            self._lie_down()

    def _lie_down(self) -> None:
        seconds = min(len(self._connections) * REST_SECONDS_EACH, LONGEST_REST_SECONDS)
        self._rest = self._loop.call_later(seconds, self._rested)

    def _rested(self) -> None:
        heard = self._round()
        if heard and len(self._connections) >= MANY:
            self._lie_down()
        elif self._connections:
            self._rest = None
            self._watch()

    def _round(self) -> bool:
        """Read what has come; false where nothing has."""
        ready = self._poll.poll(0)
        for number, _ in ready:
            if connection := self._connections.get(number):  # another one may have ended it
                connection.receive()
        return bool(ready)

    def _end(self) -> None:
        if self._rest:
            self._rest.cancel()
        else:
            self._loop.remove_reader(self._poll.fileno())
        self._poll.close()
        del self._of[self._loop]


class Connection(asyncio.BaseTransport):
    """One that is only read."""

    def __init__(self, rounds: Rounds, connected: socket.socket, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self._rounds = rounds
        self._socket = connected
        self._protocol = protocol

    def receive(self) -> None:
        """Hand on what is there; a connection that has ended is closed."""
        try:
            data = self._socket.recv(_PIECE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._lose(error)
            return
        if not data:
            self._lose(None)
            return
        try:
            self._protocol.data_received(data)
        except Exception as error:  # noqa: BLE001 - as with any transport it ends this connection, and no other
            self._lose(error)

    def close(self) -> None:
        """Nothing is handed on any more; the protocol isn't told of what it has done itself."""
        if not self.is_closing():
            self._rounds.leave(self._socket.fileno())
            self._socket.close()

    def is_closing(self) -> bool:
        return self._socket.fileno() < 0

    def _lose(self, error: Exception | None) -> None:
        self.close()
        self._protocol.connection_lost(error)
