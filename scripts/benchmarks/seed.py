"""How long PDFs take to be found, embedded and laid out, and what that costs in processor time and memory.

FOLDER holds PDF files, itself or in docs/. They are loaded into scratch collections by the parts of the real
command: the largest alone, the first three, and all. Every round has a process of its own.
"""

from __future__ import annotations

import argparse
import functools
import os
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.benchmarks.tables import megabytes, table

if TYPE_CHECKING:
    from scripts.benchmarks.seed_round import Moment, Round
    from scripts.benchmarks.watch import Watch

_FEW = 3  # documents, against all of them: memory must not grow with their number
_EVERY_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A round, and how much memory it took."""

    name: str
    round: Round
    memory: Watch


def measure(files: Sequence[Path], *, processes: int) -> str:
    """The tables."""
    largest = max(files, key=lambda path: path.stat().st_size)
    wanted: dict[str, Sequence[Path]] = {f"`{largest.name}` alone": [largest]}
    if len(files) > _FEW:
        wanted[f"the first {_FEW}"] = files[:_FEW]
    if len(files) > 1:
        wanted[f"all {len(files)}"] = files
    rounds = [_watched(name, documents, processes) for name, documents in wanted.items()]
    failed = sorted({name for one in rounds for name in one.round.failed})
    parts = [_times(rounds), _costs(rounds), _routes(rounds[-1].round)]
    return "\n\n".join([*parts, *([f"Not loaded: {', '.join(failed)}"] if failed else [])])


def _watched(name: str, documents: Sequence[Path], processes: int) -> Watched:
    """Imported here: the loader's processes import this module, and must be as small as the real ones."""
    from scripts.benchmarks.noted_embedder import noted
    from scripts.benchmarks.seed_round import load
    from scripts.benchmarks.watch import Watch

    with (
        tempfile.TemporaryDirectory(prefix="acervo-bench-") as folder,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool,
    ):
        note = Path(folder) / "embedder"
        watch = Watch(pid=pool.submit(os.getpid).result(), embedder=functools.partial(noted, note))
        loading = pool.submit(load, documents, note, processes)
        while not loading.done():
            watch.sample()
            time.sleep(_EVERY_SECONDS)
        return Watched(name=name, round=loading.result(), memory=watch)


def _times(rounds: Sequence[Watched]) -> str:
    head = ("loaded", "pages", "passages", "found, s", "embedded, s", "pages/s", "passages/s", "laid out, s")
    rows = []
    for one in rounds:
        done, seconds = one.round, one.round.vectors.seconds
        rows.append(
            [
                one.name,
                f"{done.pages:,}",
                f"{done.passages:,}",
                f"{done.text.seconds:.1f}",
                f"{seconds:.1f}",
                f"{done.pages / seconds:.1f}",
                f"{done.passages / seconds:.1f}",
                f"{done.layout.seconds:.1f}",
            ]
        )
    return table(head, rows)


def _costs(rounds: Sequence[Watched]) -> str:
    cores = len(os.sched_getaffinity(0))
    head = (
        "resident memory at most",
        "of all",
        "loader",
        "workers",
        "embedder",
        f"processor s / {cores} cores: found",
        "embedded",
        "laid out",
    )
    rows = []
    for one in rounds:
        parts = one.memory.parts
        moments = (one.round.text, one.round.vectors, one.round.layout)
        rows.append(
            [
                one.name,
                megabytes(one.memory.together),
                *(megabytes(parts[part]) for part in ("loader", "workers", "embedder")),
                *(_share(moment, cores) for moment in moments),
            ]
        )
    return table(head, rows)


def _share(moment: Moment, cores: int) -> str:
    """Beside the seconds, how much of the cores that is."""
    spent = moment.processor / cores
    return f"{spent:.1f} ({spent / max(moment.seconds, 1e-9):.0%})"


def _routes(done: Round) -> str:
    rows = [
        [name, str(count.total()), str(count["plain"]), str(count["layout"])]
        for name, count in done.routes.items()
    ]
    plain, seen = (sum(count[route] for count in done.routes.values()) for route in ("plain", "layout"))
    rows.append(["all", str(plain + seen), str(plain), str(seen)])
    return table(("document", "pages", "complete after the text stage", "seen by the layout model"), rows)


def find(folder: Path) -> list[Path]:
    """PDF files in the folder, or in its docs/."""
    inside = folder / "docs" if (folder / "docs").is_dir() else folder
    return sorted(inside.rglob("*.pdf"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="scripts/bench seed", description=__doc__)
    parser.add_argument("folder", type=Path, help="with PDF files, itself or in docs/")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="that convert documents")
    parser.add_argument("--documents", type=int, help="only the first so many, by name")
    parser.add_argument(
        "--embedder",
        choices=("apart",),
        default="apart",
        help="where passages are embedded: in a process of its own, as the command does",
    )
    options = parser.parse_args()
    chosen = find(options.folder)[: options.documents]
    if not chosen:
        parser.error(f"{options.folder} holds no PDF files.")
    print(measure(chosen, processes=options.processes))
