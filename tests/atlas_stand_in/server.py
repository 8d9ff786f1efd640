"""The real database: SecantusDB in a process of its own, which outlives nobody."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import socket
import sys
import time
from pathlib import Path

ATTEMPTS = 3
START_SECONDS = 30.0
STOP_SECONDS = 5.0
POLL_SECONDS = 0.02
CACHE = "256M"
PR_SET_PDEATHSIG = 1


class Server:
    """A SecantusDB on a free port, with its data in a folder.

    It ends when this process does, however that happens: on Linux the kernel sees to it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self.port = 0

    async def start(self) -> None:
        """Returns when it takes connections; raises TimeoutError or RuntimeError where it doesn't."""
        for _ in range(ATTEMPTS):
            self.port = free_port()
            if await self._started():
                return
        raise RuntimeError(f"SecantusDB did not start in {ATTEMPTS} attempts")

    async def _started(self) -> bool:
        """False where it ends at once: another program may have taken the port in the meantime."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "secantus", "--host", "127.0.0.1", "--port", str(self.port)),
            *("--storage-path", str(self._folder), "--log-level", "ERROR", "--cache-size", CACHE),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            preexec_fn=die_with_parent if sys.platform == "linux" else None,
        )
        until = time.monotonic() + START_SECONDS
        while not await self._answers():
            if self._process.returncode is not None:
                return False
            if time.monotonic() > until:
                raise TimeoutError(f"SecantusDB took longer than {START_SECONDS:.0f} s to start")
            await asyncio.sleep(POLL_SECONDS)
        return True

    async def _answers(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        return True

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def stop(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        terminate(process.pid)
        until = time.monotonic() + STOP_SECONDS
        while process.returncode is None:
            if time.monotonic() > until:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
            knock(self.port)
            await asyncio.sleep(POLL_SECONDS)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def terminate(pid: int) -> None:
    """Sends SIGTERM to the main thread: one that reaches another thread doesn't wake Python's main one."""
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "tgkill") or libc.tgkill(pid, pid, int(signal.SIGTERM)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


def knock(port: int) -> None:
    """Connects once: a SecantusDB that is to end waits two seconds for its last connection."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        pass


def die_with_parent() -> None:
    """In the child, before it becomes another program: Linux is to kill it when its parent has died."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
