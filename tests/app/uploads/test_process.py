"""The process beside the server."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.settings import Settings
from app.uploads.process import WorkerProcess, worker_command, worker_environment
from database.settings import Settings as CollectionSettings

SAYS = """
import json, os, sys
print("no record"); print(json.dumps(["none either"])); print(json.dumps({"nice": os.nice(0)}), flush=True)
sys.exit(7 if sys.stdin.readline() else 0)
"""
LEAVES_ONE = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], stdout=subprocess.DEVNULL)
print('{"pid": %d}' % child.pid, flush=True)
"""


def test_the_worker_has_the_servers_collection(tmp_path: Path) -> None:
    """Whatever the environment of the server says."""
    settings = Settings.load(
        _env_file=None,
        data_dir=tmp_path,
        mongodb_uri="mongodb://u:secret@h/",
        intranet_addresses="10.0.0.0/8, 192.168.1.1",
    )
    environment = worker_environment(settings)
    given = {name: environment[name.upper()] for name in CollectionSettings.model_fields}
    read = CollectionSettings.load(_env_file=None, **given)
    assert read == CollectionSettings.load(
        _env_file=None, **{name: getattr(settings, name) for name in CollectionSettings.model_fields}
    )
    assert worker_environment(Settings.load(_env_file=None, mongodb_uri=None))["MONGODB_URI"] == ""


async def test_it_runs_when_nothing_else_wants_to() -> None:
    """At the lowest priority; what it prints that is no record is passed over."""
    heard: list[Mapping[str, Any]] = []

    async def hear(record: Mapping[str, Any]) -> None:
        heard.append(record)
        process.ring()

    command = (*worker_command()[:-3], "-c", SAYS)
    assert command[-3] == sys.executable
    process = WorkerProcess(command, dict(os.environ))
    process.ring()  # nothing runs yet, nothing happens
    assert await process.run(hear) == 7
    assert heard == [{"nice": 19}]
    assert process.pid is None


async def test_what_it_started_ends_with_it() -> None:
    """Not one process is left behind, however it ended."""
    heard: list[int] = []

    async def hear(record: Mapping[str, Any]) -> None:
        heard.append(record["pid"])

    assert await WorkerProcess((sys.executable, "-c", LEAVES_ONE), dict(os.environ)).run(hear) == 0
    async with asyncio.timeout(5):
        while Path(f"/proc/{heard[0]}/cmdline").exists() and Path(f"/proc/{heard[0]}/cmdline").read_text():
            await asyncio.sleep(0.01)


async def test_one_that_does_not_stop_is_killed(monkeypatch: Any) -> None:
    """A server's stop has an end."""
    monkeypatch.setattr("app.uploads.process._STOP_SECONDS", 0.1)
    process = WorkerProcess((sys.executable, "-c", "import time; time.sleep(60)"), dict(os.environ))

    async def run() -> None:
        await process.run(lambda _: asyncio.sleep(0))

    running = asyncio.create_task(run())
    while process.pid is None:
        await asyncio.sleep(0.01)
    async with asyncio.timeout(5):
        await process.stop(running)
    assert process.pid is None
