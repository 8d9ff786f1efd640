"""Starts a stand-in as a process and controls it: `with StandIn() as stand_in: MongoClient(stand_in.uri)`."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from pymongo import MongoClient

from tests.atlas_stand_in.__main__ import READY
from tests.atlas_stand_in.server import knock, terminate
from tests.atlas_stand_in.settings import COMMAND

START_SECONDS = 60.0
STOP_SECONDS = 20.0
POLL_SECONDS = 0.02
REPOSITORY = Path(__file__).resolve().parents[2]


class StandIn:
    """A stand-in for MongoDB Atlas, its server and its data; `folder` keeps the data when it ends.

    Its port stays the same from one start to the next, and so does the data.
    """

    def __init__(
        self,
        *,
        lag: float = 0.05,
        build: float = 0.1,
        hosts: tuple[str, ...] = (),
        search: bool = True,
        port: int = 0,
        folder: Path | None = None,
    ) -> None:
        self._settings: dict[str, Any] = {"lag": lag, "build": build, "hosts": hosts, "search": search}
        self.port = port
        self._kept = folder
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None
        self._server = self._server_port = 0  # the process id and the port of its server

    @property
    def uri(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}/?directConnection=true"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Returns when it takes connections. Raises RuntimeError where it doesn't within a minute."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="atlas-stand-in-"))
        command = [sys.executable, "-m", "tests.atlas_stand_in", "--port", str(self.port)]
        command += ["--folder", str(self._folder), "--lag", str(self._settings["lag"])]
        command += ["--build", str(self._settings["build"])]
        command += [part for host in self._settings["hosts"] for part in ("--host", host)]
        if not self._settings["search"]:
            command.append("--no-search")
        self._process = subprocess.Popen(  # noqa: S603
            command,
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._await_ready(self._process)

    def _await_ready(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        until = time.monotonic() + START_SECONDS
        readable, _, _ = select.select([process.stdout], [], [], until - time.monotonic())
        line = process.stdout.readline() if readable else ""
        if not line.startswith(READY):
            process.kill()
            self._ended(process)
            raise RuntimeError("the stand-in for MongoDB Atlas did not start")
        server, server_port, address = line.split()[1:]
        self._server, self._server_port = int(server), int(server_port)
        self.port = urlsplit(address).port or 0

    def configure(self, **changes: Any) -> None:
        """Changes settings while it runs (see `settings.Settings`); they outlast a restart."""
        self._settings.update(changes)
        with MongoClient[dict[str, Any]](self.uri, serverSelectionTimeoutMS=10_000) as client:
            client.admin.command({COMMAND: 1, **changes})

    def pause(self) -> None:
        """It takes connections and answers nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """It breaks off at once, whatever it is doing; its server saves its data, as a journal would.

        `start` brings them back.
        """
        process = self._process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.pause()
        terminate(self._server)
        self._await_server()
        process.kill()
        self._ended(process)

    def stop(self) -> None:
        """Ends it and its server, and removes the data unless the folder was given."""
        process = self._process
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.resume()
                process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
            else:
                self._ended(process)
        if self._folder is not None and self._kept is None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _ended(self, process: subprocess.Popen[str]) -> None:
        process.wait()
        self._await_server()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        self._process = None

    def _await_server(self) -> None:
        until = time.monotonic() + STOP_SECONDS
        while self._server and is_running(self._server):
            if time.monotonic() > until:
                os.kill(self._server, signal.SIGKILL)
            knock(self._server_port)
            time.sleep(POLL_SECONDS)
        self._server = 0


def is_running(pid: int) -> bool:
    """Whether there is such a process; one that has ended and waits to be buried is none."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return not status.parent.parent.exists()  # a system without /proc
