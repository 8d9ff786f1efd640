"""What Linux counts of a process and its children: memory and processor time."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Bytes resident now, and at most since the start. Pages that processes share count once for each."""

    resident: int
    peak: int


def memory(pid: int) -> Memory:
    """Of a process with all its children."""
    statuses = [_status(one) for one in _family(pid)]
    return Memory(
        resident=sum(_kilobytes(status, "VmRSS") for status in statuses) * 1024,
        peak=sum(_kilobytes(status, "VmHWM") for status in statuses) * 1024,
    )


def processor_seconds(pid: int) -> float:
    """Seconds of processor time that a process has used, without its children."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
    user, system = fields[11:13]  # utime and stime of proc(5), whose fields 1 and 2 are cut off here
    return (int(user) + int(system)) / _TICKS


def _family(pid: int) -> list[int]:
    children = [
        int(child)
        for task in Path(f"/proc/{pid}/task").glob("*/children")
        for child in task.read_text(encoding="utf-8").split()
    ]
    return [pid, *(one for child in children for one in _family(child))]


def _status(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except FileNotFoundError:  # it has ended since it was listed
        return ""


def _kilobytes(status: str, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) if found else 0
