"""`python -m database work` as a server starts it: the real embedding model, a real store."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from database.jobs.queue import Job, Places, Queue, document_id, new_job_id
from tests.database.fakes import write_pdf

ROOT = Path(__file__).parents[2]


class Desk:
    """A folder with a queue, and the process that works it off."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.queue = Queue(Places(folder / "data").jobs)
        self.environment = {
            **os.environ,
            "DATA_DIR": str(folder / "data"),
            "LC_ALL": "en_GB.UTF-8",
            "PYTHONPATH": str(ROOT),
        }

    def job(self, path: Path) -> Job:
        job = Job(
            id=new_job_id(), action="load", document=document_id(str(path)), address=str(path),
            name=path.name, fresh=True, queued_at="",
        )  # fmt: skip
        self.queue.write(job)
        return job

    @contextmanager
    def working(self) -> Iterator[subprocess.Popen[str]]:
        command = [sys.executable, "-m", "database", "work"]
        process = subprocess.Popen(  # noqa: S603
            command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "database", *arguments]
        return subprocess.run(  # noqa: S603
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=120
        )


def until(process: subprocess.Popen[str], job: Job, status: str) -> dict[str, Any]:
    assert process.stdout is not None
    for line in process.stdout:
        record: dict[str, Any] = json.loads(line)
        if record.get("job") == job.id and record["status"] == status:
            return record
    raise AssertionError(f"it ended before {job.name} was {status}")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_what_is_queued_is_loaded_until_standard_input_is_closed(desk: Desk) -> None:
    """What comes while it runs, too; a terminal may load meanwhile; nothing but records is printed."""
    first = desk.job(write_pdf(desk.folder / "a.pdf", "O prazo de entrega é de trinta dias."))
    with desk.working() as process:
        assert process.stdin is not None
        assert until(process, first, "ready")["pages"] == 1
        second = desk.job(write_pdf(desk.folder / "b.pdf", "A biblioteca fecha aos domingos."))
        process.stdin.write("\n")
        process.stdin.flush()
        until(process, second, "ready")
        write_pdf(desk.folder / "c.pdf", "O recurso cabe em cinco dias.")
        seeded = desk.run("seed", "c.pdf")
        assert seeded.returncode == 0, seeded.stderr
        process.stdin.close()
        process.stdin = None
        _, said = process.communicate(timeout=20)
        assert process.returncode == 0
        assert "Traceback" not in said
    assert desk.queue.jobs() == []
    assert desk.run("search", "prazo de entrega").stdout.startswith("1. a.pdf · page 1")


@pytest.mark.parametrize("signal_", [signal.SIGKILL, signal.SIGTERM])
def test_what_was_interrupted_is_loaded_by_the_next(desk: Desk, signal_: signal.Signals) -> None:
    """Whole, and once."""
    pages = [f"O artigo {n} trata do prazo {n}. " * 20 for n in range(6)]
    job = desk.job(write_pdf(desk.folder / "a.pdf", *pages))
    with desk.working() as process:
        until(process, job, "converting")
        process.send_signal(signal_)
        process.communicate(timeout=20)
        assert process.returncode == (0 if signal_ == signal.SIGTERM else -signal.SIGKILL)
    assert [left.id for left in desk.queue.jobs()] == [job.id]
    with desk.working() as process:
        assert until(process, job, "ready")["pages"] == 6
    assert "1 documents" in desk.run("status").stdout
