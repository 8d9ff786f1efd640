"""The server and the client are awaited, watched, and stopped together with their children."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.start import messages
from scripts.start.errors import CommandError, Stopped, ToolError
from scripts.start.services import Services, ask
from tests.scripts.fakes import FakeClone, free_port, gone

# Serves after a child of its own was started; takes a while to end when told to, and says so.
_SLOW_TO_END = """
import signal, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
def end(*_):
    time.sleep(0.5)
    print("finished", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print(child.pid, flush=True)
while True:
    time.sleep(0.05)
"""


@pytest.fixture
def services(clone: FakeClone) -> Iterator[Services]:
    with Services(clone.tools.console, clone.stop) as services:
        yield services


def _serve(
    clone: FakeClone, services: Services, port: int, name: messages.Sentence = messages.SERVER
) -> Path:
    log = clone.places.log(name.en)
    services.start(
        name,
        [sys.executable, clone.root / "server.py", str(port)],
        environ=os.environ,
        folder=clone.root,
        probe=f"http://127.0.0.1:{port}/readyz",
        log=log,
    )
    return log


def test_both_are_awaited(clone: FakeClone, services: Services) -> None:
    """Afterwards each of them answers."""
    ports = free_port(), free_port()
    for port, name in zip(ports, (messages.SERVER, messages.CLIENT), strict=True):
        _serve(clone, services, port, name)

    services.wait_until_ready(20)

    for port in ports:
        assert isinstance(ask(f"http://127.0.0.1:{port}/models"), dict)


def test_a_proxy_is_not_asked_for_this_machines_own_addresses(
    clone: FakeClone, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Companies set one for everything."""
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    _serve(clone, services, free_port())

    services.wait_until_ready(20)


def test_one_that_dies_is_told_with_its_status(clone: FakeClone, services: Services) -> None:
    """While it is watched; the log says the rest."""
    port = free_port()
    log = _serve(clone, services, port)
    services.wait_until_ready(20)
    with pytest.raises(OSError, match=r"."):
        ask(f"http://127.0.0.1:{port}/die")

    with pytest.raises(ToolError) as caught:
        services.watch()

    assert caught.value.sentence is messages.SERVICE_DIED
    assert (caught.value.values["status"], caught.value.log) == (7, log)


def test_one_that_dies_before_it_is_ready_is_told_at_once(clone: FakeClone, services: Services) -> None:
    """Nobody waits three minutes for a wrong setting."""
    services.start(
        messages.SERVER,
        ["sh", "-c", "echo DATA_DIR is wrong; exit 2"],
        environ=os.environ,
        folder=clone.root,
        probe=f"http://127.0.0.1:{free_port()}/readyz",
        log=clone.places.log("server"),
    )

    with pytest.raises(ToolError) as caught:
        services.wait_until_ready(20)

    assert caught.value.values["status"] == 2


def test_one_that_stays_silent_is_told_with_its_last_answer(clone: FakeClone, services: Services) -> None:
    """What /readyz says is the reason."""
    port = free_port()
    _serve(clone, services, port)
    services.wait_until_ready(20)
    silent = free_port()
    services.start(
        messages.CLIENT,
        ["sleep", "60"],
        environ=os.environ,
        folder=clone.root,
        probe=f"http://127.0.0.1:{silent}/",
        log=clone.places.log("client"),
    )

    with pytest.raises(ToolError) as caught:
        services.wait_until_ready(0.5)

    assert caught.value.sentence is messages.SERVICE_SILENT
    assert "refused" in str(caught.value.values["reason"]).lower()


def test_a_program_that_is_not_there_is_told(clone: FakeClone, services: Services) -> None:
    """By its name."""
    with pytest.raises(CommandError) as caught:
        services.start(
            messages.CLIENT,
            [clone.root / "none"],
            environ=os.environ,
            folder=clone.root,
            probe="http://127.0.0.1:1/",
            log=clone.places.log("client"),
        )

    assert caught.value.sentence is messages.TOOL_MISSING


def test_leaving_lets_them_finish_and_ends_their_children(clone: FakeClone) -> None:
    """Answers under way may end; nothing is left running."""
    log = clone.places.log("server")
    with Services(clone.tools.console, clone.stop) as services:
        _slow_to_end(clone, services, log)

    child, *said = log.read_text().split()
    assert said == ["finished"]
    assert gone(int(child))


def test_asked_twice_nobody_is_waited_for(clone: FakeClone) -> None:
    """Ctrl-C again means now."""
    log = clone.places.log("server")
    with Services(clone.tools.console, clone.stop) as services:
        _slow_to_end(clone, services, log)
        clone.stop.note(signal.SIGINT)
        clone.stop.note(signal.SIGINT)

    child, *said = log.read_text().split()
    assert said == []
    assert gone(int(child))


def test_asked_to_stop_watching_ends(clone: FakeClone, services: Services) -> None:
    """With the signal that asked."""
    _serve(clone, services, free_port())
    asking = threading.Timer(0.2, clone.stop.note, (signal.SIGTERM,))
    asking.start()

    with pytest.raises(Stopped) as caught:
        services.watch()

    asking.join()
    assert caught.value.signal_number == signal.SIGTERM


def _slow_to_end(clone: FakeClone, services: Services, log: Path) -> None:
    services.start(
        messages.SERVER,
        [sys.executable, "-c", _SLOW_TO_END],
        environ=os.environ,
        folder=clone.root,
        probe="",
        log=log,
    )
    deadline = time.monotonic() + 20
    while not log.read_text().endswith("\n") and time.monotonic() < deadline:
        time.sleep(0.02)
