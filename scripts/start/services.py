"""The server and the client as processes: started, awaited, watched and stopped together."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from scripts.start import messages
from scripts.start.console import Console
from scripts.start.errors import CommandError, ToolError
from scripts.start.stop import StopRequest
from scripts.start.tools import signal_group

POLL_SECONDS = 0.1
PROBE_SECONDS = 5.0
READY_SECONDS = 180.0  # a slow disk reads PyTorch for the first time in about a minute
GRACE_SECONDS = 35.0  # the server gives the answers that are under way 30 s of them

# A proxy of the person's is not for this machine's own addresses.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, kw_only=True)
class Service:
    """A process that serves, and the address that answers 200 once it does."""

    name: messages.Sentence
    process: subprocess.Popen[bytes]
    probe: str
    log: Path


class Services:
    """The processes of one run. Leaving the block stops every one of them, with their children."""

    def __init__(self, console: Console, stop: StopRequest) -> None:
        self._console = console
        self._stop = stop
        self._services: list[Service] = []

    def __enter__(self) -> Services:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def start(
        self,
        name: messages.Sentence,
        arguments: Sequence[str | Path],
        *,
        environ: Mapping[str, str],
        folder: Path,
        probe: str,
        log: Path,
    ) -> None:
        """Start a process that writes to `log`. Raises CommandError if it can't even be started."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            try:
                process = subprocess.Popen(  # noqa: S603 - the callers name the programs
                    [str(argument) for argument in arguments],
                    cwd=folder,
                    env=environ,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # Ctrl-C reaches us alone; the server is to finish its answers
                )
            except OSError as error:
                raise CommandError(messages.TOOL_MISSING, tool=arguments[0], reason=error.strerror) from error
        self._services.append(Service(name=name, process=process, probe=probe, log=log))

    def wait_until_ready(self, seconds: float = READY_SECONDS) -> None:
        """Wait for each one's address to answer. Raises ToolError if one dies or stays silent, Stopped."""
        deadline = time.monotonic() + seconds
        for service in self._services:
            while (reason := unready(service.probe)) is not None:
                self._check()
                if time.monotonic() > deadline:
                    raise ToolError(
                        service.log,
                        messages.SERVICE_SILENT,
                        service=service.name,
                        seconds=round(seconds),
                        reason=reason,
                    )
                time.sleep(POLL_SECONDS)

    def watch(self) -> None:
        """Wait until somebody asks to stop (Stopped) or one of them dies (ToolError)."""
        while True:
            self._check()
            time.sleep(POLL_SECONDS)

    def _check(self) -> None:
        self._stop.check()
        for service in self._services:
            status = service.process.poll()
            if status is not None:
                raise ToolError(service.log, messages.SERVICE_DIED, service=service.name, status=status)

    def _end(self) -> None:
        for service in self._services:
            # The leader alone: it ends its own children once the answers under way are finished.
            with suppress(ProcessLookupError):
                service.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        while any(service.process.poll() is None for service in self._services):
            if self._stop.urgent or time.monotonic() > deadline:
                break
            time.sleep(POLL_SECONDS)
        for service in self._services:
            signal_group(service.process, signal.SIGKILL)
            service.process.wait()


def ask(address: str, language: str = "en") -> object:
    """The JSON that an address answers. Raises OSError, http.client.HTTPException or ValueError."""
    request = urllib.request.Request(address, headers={"Accept-Language": language})  # noqa: S310 - our own
    with _opener.open(request, timeout=PROBE_SECONDS) as response:
        return json.load(response)


def unready(address: str) -> str | None:
    """Why an address does not answer 200 yet, or None."""
    try:
        with _opener.open(address, timeout=PROBE_SECONDS) as response:
            response.read()
            return None
    except urllib.error.HTTPError as error:
        with error:
            return error.read(500).decode(errors="replace") or str(error)
    except (OSError, http.client.HTTPException) as error:
        return str(error)
