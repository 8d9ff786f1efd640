"""What is to be loaded and removed, as files that outlive whoever asked for it.

    DATA_DIR/uploads/
        incoming/                   what is being received
        files/SHA-256/NAME          what was received: the address of its document
        jobs/NUMBER-RANDOM.json     one for each thing to do, in the order of their names

A server writes jobs and takes them back. The one process that works them off (`python -m database work`)
looks at them whenever it is told that something changed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Literal, get_args

from database.errors import REASONS, Reason
from database.records import DEFAULT_LIBRARY, Description

Action = Literal["load", "remove", "describe"]

_DIGITS = 20  # of nanoseconds since 1970, so that names sort as numbers do


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One document to load, to describe or to remove.

    `described` is what a person says of it, None where they said nothing. `fresh`: the collection had no
    such document when this was asked. `attempts` counts the processes that died of it; `failed` is set when
    it isn't to be tried again.
    """

    id: str
    action: Action
    document: str
    address: str
    name: str
    fresh: bool
    queued_at: str
    attempts: int = 0
    failed: Reason | None = None
    described: Description | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of the uploads."""

    data_dir: Path

    @property
    def _uploads(self) -> Path:
        return self.data_dir.absolute() / "uploads"

    @property
    def incoming(self) -> Path:
        return self._uploads / "incoming"

    @property
    def files(self) -> Path:
        return self._uploads / "files"

    @property
    def jobs(self) -> Path:
        return self._uploads / "jobs"


class Queue:
    """The jobs of one folder. The folder is made when the first one is written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, tuple[int, Job]] = {}

    def write(self, job: Job) -> None:
        """Keep it, in place of an earlier one of the same id. It is on the disk when this returns."""

        def fill(part: IO[bytes]) -> None:
            part.write(json.dumps(asdict(job), ensure_ascii=False).encode("utf-8", "surrogatepass"))

        write_whole(self._place(job.id), fill)

    def remove(self, job_id: str) -> None:
        self._place(job_id).unlink(missing_ok=True)

    def holds(self, job_id: str) -> bool:
        return self._place(job_id).exists()

    def jobs(self) -> list[Job]:
        """All, the oldest first. What can't be read is left out; unchanged files aren't read again."""
        read: dict[str, tuple[int, Job]] = {}
        with contextlib.suppress(FileNotFoundError), os.scandir(self._folder) as entries:
            for entry in entries:
                if entry.name.startswith(".") or not entry.name.endswith(".json"):
                    continue
                with contextlib.suppress(FileNotFoundError, ValueError):  # gone meanwhile, or not ours
                    changed = entry.stat().st_mtime_ns
                    known = self._read.get(entry.name)
                    same = known is not None and known[0] == changed
                    read[entry.name] = known if known and same else (changed, _parsed(Path(entry.path)))
        self._read = read
        return [read[name][1] for name in sorted(read)]

    def _place(self, job_id: str) -> Path:
        return self._folder / f"{job_id}.json"


def new_job_id() -> str:
    """Greater than those before it."""
    return f"{time.time_ns():0{_DIGITS}d}-{secrets.token_hex(4)}"


def document_id(address: str) -> str:
    """The id under which the loader keeps what it loads from this address."""
    return hashlib.sha256(f"{DEFAULT_LIBRARY}\n{address}".encode()).hexdigest()[:24]


def write_whole(place: Path, fill: Callable[[IO[bytes]], None]) -> None:
    """Let `fill` write the file: it appears there whole or not at all, and stays when the power fails."""
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.parent / f".part-{secrets.token_hex(8)}"
    try:
        with part.open("xb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(place)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(place.parent)


def sync_folder(folder: Path) -> None:
    """Bring what was renamed in it to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _parsed(path: Path) -> Job:
    """Raises ValueError."""
    try:
        fields = json.loads(path.read_bytes().decode("utf-8", "surrogatepass"))
        if described := fields.get("described"):
            fields["described"] = Description(**{**described, "tags": tuple(described["tags"])})
        job = Job(**fields)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{path.name}: {error}") from None
    if job.action not in get_args(Action) or job.failed not in (None, *REASONS):
        raise ValueError(f"{path.name}: {job.action}, {job.failed}")
    return job
