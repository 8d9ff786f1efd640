"""How much disk the installation takes, by its largest parts."""

from __future__ import annotations

import argparse
from pathlib import Path

from scripts.benchmarks.tables import megabytes, table
from scripts.start.places import CLONE, Places


def measure(places: Places, largest: int) -> str:
    """The table; `largest` packages of .venv are named."""
    packages = sorted(_packages(places.venv), key=lambda one: one[1], reverse=True)
    rows = [[".venv", megabytes(size_of(places.venv))]]
    rows += [[f"&nbsp;&nbsp;{name}", megabytes(size)] for name, size in packages[:largest]]
    rows += [
        ["frontend/node_modules", megabytes(size_of(places.frontend / "node_modules"))],
        ["frontend/dist", megabytes(size_of(places.frontend / "dist"))],
    ]
    return table(("part", "size"), rows)


def size_of(path: Path) -> int:
    """Bytes of the files at and below a path, each link counted as itself."""
    if path.is_symlink() or not path.is_dir():
        return path.lstat().st_size if path.is_symlink() or path.exists() else 0
    return sum(size_of(child) for child in path.iterdir())


def _packages(venv: Path) -> list[tuple[str, int]]:
    return [(path.name, size_of(path)) for path in venv.glob("lib/python*/site-packages/*")]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="scripts/bench size", description=__doc__)
    parser.add_argument("--largest", type=int, default=12, help="packages of .venv to name (12)")
    print(measure(CLONE, parser.parse_args().largest))
