"""Stands in for `python -m database work`: it loads nothing, and says what the names of documents ask for."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from database.jobs.queue import Job, Places, Queue

STAND_IN_WORKER = (sys.executable, "-m", "tests.stand_ins.worker")

_LOOK_SECONDS = 0.01


def main() -> None:
    """`slow…` is never ready, `broken…` fails, `crash…` ends the process, `busy…` finds the store taken.

    Everything else is ready at once. How often each was begun is noted beside the queue.
    """
    places = Places(Path(os.environ["DATA_DIR"]))
    queue = Queue(places.jobs)
    os.set_blocking(sys.stdin.fileno(), False)
    begun: dict[str, Job] = {}
    ended: set[str] = set()
    while not _closed():
        jobs = {job.id: job for job in queue.jobs()}
        for id_ in begun.keys() - jobs.keys():
            del begun[id_]
            _tell({"job": id_, "status": "cancelled"})
        for job in jobs.values():
            if job.id not in ended and job.id not in begun:
                _do(job, queue, begun, ended)
        time.sleep(_LOOK_SECONDS)


def _do(job: Job, queue: Queue, begun: dict[str, Job], ended: set[str]) -> None:
    if job.name.startswith("busy"):
        _tell({"waiting": "store_busy"})
        return
    if job.action == "remove":
        ended.add(job.id)
        _tell({"job": job.id, "status": "removed"})
        return
    if job.action == "describe":
        queue.remove(job.id)
        _tell({"job": job.id, "status": "described"})
        return
    if job.failed:
        queue.remove(job.id)
        _tell({"job": job.id, "status": "failed", "code": job.failed})
        return
    _tell({"job": job.id, "status": "converting", "pages": 3, "pages_done": 1})
    if job.name.startswith("crash"):
        os._exit(3)
    if job.name.startswith("slow"):
        begun[job.id] = job
        return
    queue.remove(job.id)
    if job.name.startswith("broken"):
        _tell({"job": job.id, "status": "failed", "code": "broken"})
    else:
        _tell({"job": job.id, "status": "ready", "pages": 3, "unchanged": False})


def _closed() -> bool:
    try:
        return os.read(sys.stdin.fileno(), 4096) == b""
    except BlockingIOError:
        return False


def _tell(record: dict[str, object]) -> None:
    print(json.dumps(record), flush=True)


if __name__ == "__main__":
    main()
