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


@dataclass(frozen=True, kw_only=True)
class Spent:
    """Seconds of processor time: of the programs themselves, and of the system's for them."""

    user: float
    system: float


def memory(pid: int) -> Memory:
    """Of a process with all its children."""
    statuses = [_status(one) for one in family(pid)]
    return Memory(
        resident=sum(_kilobytes(status, "VmRSS") for status in statuses) * 1024,
        peak=sum(_kilobytes(status, "VmHWM") for status in statuses) * 1024,
    )


def processor_seconds(pid: int) -> float:
    """Seconds of processor time that a process has used, without its children."""
    user, system, *_ = _ticks(pid)
    return (user + system) / _TICKS


def family_processor_seconds(pid: int) -> float:
    """Of a process with all its children, those included that have ended and were waited for."""
    spent = family_spent(pid)
    return spent.user + spent.system


def family_spent(pid: int) -> Spent:
    """As `family_processor_seconds`, in two parts."""
    ticks = [_ticks(one) for one in family(pid)]
    return Spent(
        user=sum(user + ended for user, _, ended, _ in ticks) / _TICKS,
        system=sum(system + ended for _, system, _, ended in ticks) / _TICKS,
    )


def resident_memory(pid: int) -> int:
    """Bytes resident of one process, those included that others share."""
    return _kilobytes(_status(pid), "VmRSS") * 1024


def proportional_memory(pid: int) -> int:
    """Bytes resident of one process; a page that n processes share counts as 1/n, so that sums are right."""
    return _kilobytes(_read(Path(f"/proc/{pid}/smaps_rollup")), "Pss") * 1024


def command(pid: int) -> str:
    """What the process was started with."""
    return _read(Path(f"/proc/{pid}/cmdline")).replace("\0", " ")


def family(pid: int) -> list[int]:
    """The process, its children, and theirs."""
    children = [
        int(child) for task in Path(f"/proc/{pid}/task").glob("*/children") for child in _read(task).split()
    ]
    return [pid, *(one for child in children for one in family(child))]


def _ticks(pid: int) -> tuple[int, ...]:
    """utime, stime, cutime and cstime of proc(5), whose fields 1 and 2 are cut off here."""
    fields = _read(Path(f"/proc/{pid}/stat")).rpartition(") ")[2].split()
    return tuple(map(int, fields[11:15])) or (0, 0, 0, 0)


def _status(pid: int) -> str:
    return _read(Path(f"/proc/{pid}/status"))


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):  # it has ended since it was listed
        return ""


def _kilobytes(status: str, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) if found else 0
