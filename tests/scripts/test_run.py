"""`scripts/run` from its first line to its last, on a clone whose tools are fakes."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripts.commands.run import client_environ, server_environ
from scripts.start.addresses import Addresses
from scripts.start.places import CLONE
from scripts.start.services import ask
from tests.scripts.fakes import FakeClone, free_port, gone

READY = "Ctrl-C stops both."
SECONDS = 40.0


class Running:
    """A `scripts/run` that was started."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, ports: tuple[int, int]) -> None:
        self.process = process
        self._log = log
        self.server, self.client = (f"http://127.0.0.1:{port}" for port in ports)

    @property
    def said(self) -> str:
        """Everything so far."""
        return self._log.read_text()

    def wait_until_ready(self) -> None:
        """Wait for the two addresses."""
        deadline = time.monotonic() + SECONDS
        while READY not in self.said:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)

    def wait(self) -> int:
        """Wait for its end."""
        return self.process.wait(SECONDS)


@contextmanager
def _started(clone: FakeClone, **environ: str) -> Iterator[Running]:
    if not (clone.root / "scripts").exists():
        shutil.copytree(
            CLONE.root / "scripts", clone.root / "scripts", ignore=shutil.ignore_patterns("__pycache__")
        )
    ports = free_port(), free_port()
    log = clone.root / "said"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603
            [clone.root / "scripts" / "run"],
            env={
                "PATH": os.environ["PATH"],
                "LANG": "C.UTF-8",
                "PORT": str(ports[0]),
                "CLIENT_PORT": str(ports[1]),
                **environ,
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
        )
    try:
        yield Running(process, log, ports)
    finally:
        process.kill()
        process.wait()


def test_it_ends_at_two_addresses(clone: FakeClone) -> None:
    """Everything missing is prepared, and what is printed can be opened."""
    with _started(clone) as run:
        run.wait_until_ready()
        said = run.said
        for address in (run.server, run.client):
            assert address.replace("127.0.0.1", "localhost") in said
            with urllib.request.urlopen(address, timeout=5) as response:  # noqa: S310
                assert response.status == 200
        run.process.send_signal(signal.SIGINT)
        assert run.wait() == 0

    assert re.search(r"Answers +extractive\n", said)
    assert "(llama3: no Ollama)" in said
    assert "\x1b" not in said
    assert "\r" not in said


def test_a_second_start_does_nothing_again(clone: FakeClone) -> None:
    """No pip, no npm, no seeding: it needs no network."""
    for _ in range(2):
        clone.forget_calls()
        with _started(clone) as run:
            run.wait_until_ready()
            run.process.terminate()
            assert run.wait() == 0

    assert clone.calls("npm ") == []
    assert clone.calls("pip") == []
    assert clone.calls("seed") == []
    assert clone.calls("-m app")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_both(clone: FakeClone, number: signal.Signals) -> None:
    """The server in peace, and neither port is held any longer."""
    with _started(clone) as run:
        run.wait_until_ready()
        run.process.send_signal(number)
        assert run.wait() == 0
        for address in (run.server, run.client):
            with pytest.raises(OSError, match=r"refused"):
                ask(address)

    assert (clone.root / ".run" / "server.log").read_text().endswith("stopped in peace\n")


@pytest.mark.parametrize("which", ["server", "client"])
def test_if_one_dies_the_other_is_stopped(clone: FakeClone, which: str) -> None:
    """And the exit status says that it was no wish of the person's."""
    with _started(clone) as run:
        run.wait_until_ready()
        address, other = (run.server, run.client) if which == "server" else (run.client, run.server)
        with pytest.raises(OSError, match=r"."):
            ask(f"{address}/die")
        assert run.wait() == 1
        with pytest.raises(OSError, match=r"refused"):
            ask(other)
        assert f"The {which} stopped by itself with status 7" in run.said


def test_a_port_in_use_is_told_before_any_work(clone: FakeClone) -> None:
    """Not after minutes of installing."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with _started(clone, CLIENT_PORT=port) as run:
            assert run.wait() == 1
            assert f"Port {port} is in use" in run.said
            assert "CLIENT_PORT=" in run.said

    assert clone.calls("npm ") == []


def test_asked_to_stop_while_it_prepares_it_stops(clone: FakeClone) -> None:
    """With the status that shells give to a signal, and without the tool it had started."""
    npm = clone.binaries / "npm"
    npm.write_text("#!/bin/sh\necho $$ > npm-pid\nexec sleep 60\n")
    pid = clone.places.frontend / "npm-pid"
    with _started(clone) as run:
        deadline = time.monotonic() + SECONDS
        while not (pid.exists() and pid.read_text().strip()) and time.monotonic() < deadline:
            time.sleep(0.05)
        run.process.send_signal(signal.SIGINT)
        assert run.wait() == 128 + signal.SIGINT

    assert gone(int(pid.read_text()))


def test_a_failed_step_is_told_with_its_log_in_the_persons_language(clone: FakeClone) -> None:
    """The sentence, and the words of the tool."""
    clone.refuse("run build", "error TS2307: Cannot find module")
    with _started(clone, LANG="pt_BR.UTF-8") as run:
        assert run.wait() == 1
        assert "npm falhou com o status 1" in run.said
        assert "  error TS2307: Cannot find module" in run.said


def test_the_server_lets_the_client_in_wherever_it_listens() -> None:
    """Another port for the client is another origin for the server."""
    addresses = Addresses(host="127.0.0.1", server_port=9000, client_port=9001)

    server = server_environ({"A": "1"}, {}, addresses)
    client = client_environ({"A": "1"}, {}, addresses)

    assert server["PORT"] == "9000"
    assert server["ALLOWED_ORIGINS"] == "http://localhost:9001,http://127.0.0.1:9001"
    assert (client["PORT"], client["ACERVO_API"]) == ("9001", "http://localhost:9000")


def test_what_the_person_set_is_kept() -> None:
    """Behind a proxy of their own the addresses are others."""
    addresses = Addresses(host="127.0.0.1", server_port=8000, client_port=4200)
    settings = {"ALLOWED_ORIGINS": "https://docs.example", "ACERVO_API": "https://api.example"}

    assert server_environ({}, settings, addresses)["ALLOWED_ORIGINS"] == "https://docs.example"
    assert client_environ({}, settings, addresses)["ACERVO_API"] == "https://api.example"
