"""Sizes are those of the files, each counted once."""

from __future__ import annotations

from pathlib import Path

from scripts.benchmarks.size import measure, size_of
from scripts.start.places import Places


def test_links_do_not_count_what_they_point_to(tmp_path: Path) -> None:
    """An environment links to Python itself."""
    (tmp_path / "a").write_bytes(b"x" * 1000)
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "loop").symlink_to(".")

    assert 1000 <= size_of(tmp_path) < 1100


def test_the_largest_packages_come_first(tmp_path: Path) -> None:
    """As many as are asked for."""
    packages = tmp_path / ".venv" / "lib" / "python3.11" / "site-packages"
    for name, size in (("small", 1), ("large", 3 * 2**20), ("middle", 2**20)):
        (packages / name).mkdir(parents=True)
        (packages / name / "file").write_bytes(b"x" * size)

    names = [row.split("|")[1].strip() for row in measure(Places(root=tmp_path), largest=2).splitlines()[3:]]

    assert names == ["&nbsp;&nbsp;large", "&nbsp;&nbsp;middle", "frontend/node_modules", "frontend/dist"]
