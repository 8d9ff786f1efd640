"""Runs a tool (pip, npm, …) to its end: output to a log, progress on the console, stopped when we are."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from scripts.start import messages
from scripts.start.causes import failure_of
from scripts.start.console import Console
from scripts.start.errors import CommandError
from scripts.start.progress import step
from scripts.start.stop import StopRequest

POLL_SECONDS = 0.1
GRACE_SECONDS = 10.0  # for a tool to put away its half-written files


class Tools:
    """Runs tools with one console, in one folder, until they end or somebody asks to stop."""

    def __init__(self, console: Console, stop: StopRequest, folder: Path) -> None:
        self.console = console
        self.stop = stop
        self._folder = folder

    def run(
        self,
        arguments: Sequence[str | Path],
        *,
        tool: str,
        title: str,
        log: Path,
        environ: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        """Run to the end, showing `title`. Raises CommandError if `tool` fails, Stopped if we are to stop."""
        with step(self.console, title, log):
            status = self.status(arguments, log=log, environ=environ, folder=folder)
            if status:
                raise failure_of(tool, status, log, folder=self._folder)

    def status(
        self,
        arguments: Sequence[str | Path],
        *,
        log: Path,
        environ: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> int:
        """Run to the end without a word and return the exit status. Raises Stopped if we are to stop."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            return self._status(arguments, output, environ, folder)

    def show(self, arguments: Sequence[str | Path], *, environ: Mapping[str, str] | None = None) -> int:
        """Run to the end with its output as it comes, and return the exit status. Raises Stopped, too."""
        return self._status(arguments, None, environ, None)

    def _status(
        self,
        arguments: Sequence[str | Path],
        output: IO[bytes] | None,
        environ: Mapping[str, str] | None,
        folder: Path | None,
    ) -> int:
        self.stop.check()
        try:
            process = subprocess.Popen(  # noqa: S603 - the callers name the tools
                [str(argument) for argument in arguments],
                cwd=folder or self._folder,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                start_new_session=True,  # Ctrl-C reaches us alone, and we end the tool and its children
            )
        except OSError as error:
            raise CommandError(messages.TOOL_MISSING, tool=arguments[0], reason=error.strerror) from error
        while True:
            with suppress(subprocess.TimeoutExpired):
                return process.wait(POLL_SECONDS)
            if self.stop.made:
                end(process)
                self.stop.check()


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that leads a group, and its group: first by asking, then by force."""
    signal_group(process, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_SECONDS)
    signal_group(process, signal.SIGKILL)
    process.wait()


def signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    """Send a signal to what is left of the group that `process` leads."""
    # A group whose members are all gone, or (macOS) all waiting to be reaped, can't be signalled.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
