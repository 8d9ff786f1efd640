"""The process beside the server that loads documents: started when there is something to do."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import SecretStr

import database
from app.settings import Settings
from database.settings import Settings as CollectionSettings

Hear = Callable[[Mapping[str, Any]], Awaitable[None]]

_STOP_SECONDS = 20.0  # for what is half-written; what takes longer is done again next time
_NO_PROCESS = 127  # a shell's status for it

logger = logging.getLogger(__name__)


class WorkerProcess:
    """One process at a time, in a group of its own: Ctrl-C in the terminal is the server's."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command = command
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def run(self, hear: Hear) -> int:
        """Start it, pass on what it says, and return its exit status. What it started itself ends with it."""
        try:
            process = self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=self._environment,
                process_group=0,
            )
        except OSError as error:
            logger.error("the process that loads documents can't be started: %s", error)
            return _NO_PROCESS
        assert process.stdout is not None
        try:
            async for line in process.stdout:
                if (record := _parsed(line)) is not None:
                    await hear(record)
            return await process.wait()
        finally:
            self._process = None
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    def ring(self) -> None:
        """There may be something to do."""
        if self._process and self._process.stdin:
            with suppress(ConnectionError):  # it has just ended
                self._process.stdin.write(b"\n")

    async def stop(self, running: asyncio.Task[None]) -> None:
        """Let it end what it must, within limits. `running` is what waits for `run`."""
        if self._process and self._process.stdin:
            self._process.stdin.close()
        await asyncio.wait({running}, timeout=_STOP_SECONDS)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def worker_command() -> tuple[str, ...]:
    """`python -m database work`, which computes, reads and writes when nothing else wants to.

    Priorities are given before it starts, so that every thread and process of it has them.
    """
    nice, ionice = shutil.which("nice"), shutil.which("ionice")
    return (
        *((nice, "-n", "19") if nice else ()),
        *((ionice, "-t", "-c", "3") if ionice else ()),
        sys.executable,
        "-m",
        "database",
        "work",
    )


def worker_environment(settings: Settings) -> dict[str, str]:
    """With the settings of the server's collection, wherever the server has them from."""
    root = str(Path(database.__file__).parents[1])
    return {
        **os.environ,
        **{name.upper(): _text(getattr(settings, name)) for name in CollectionSettings.model_fields},
        "PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH")))),
    }


def _text(value: object) -> str:
    """A setting's value as it is written in the environment."""
    match value:
        case None:
            return ""
        case SecretStr():
            return value.get_secret_value()
        case Path():
            return str(value.absolute())
        case tuple():
            return ",".join(map(str, value))
        case _:
            return str(value)


def _parsed(line: bytes) -> Mapping[str, Any] | None:
    try:
        record = json.loads(line)
    except ValueError:
        record = None
    if not isinstance(record, dict):
        logger.warning("the loader said something that is not a record: %r", line[:200])
        return None
    return record
