"""The locks hold every package for every system the product runs on, and nothing that gets in the way."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from scripts.start.locking import HEADER, lock_text

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.txt", "requirements-dev.txt")


def test_what_torch_brings_for_gpus_is_left_to_torch() -> None:
    """Named in the lock it would be installed with the CPU build, too."""
    compiled = (
        "numpy==2.4.6             # via torch\n"
        "nvidia-cublas==13.1.1.3 ; sys_platform == 'linux'  # via torch\n"
        "cuda-toolkit==13.0.3.0 ; sys_platform == 'linux'  # via torch\n"
        "triton==3.7.1 ; sys_platform == 'linux'  # via torch\n"
        "torch==2.13.0            # via acervo\n"
    )

    assert lock_text(compiled) == f"{HEADER}\nnumpy==2.4.6  # via torch\ntorch==2.13.0  # via acervo\n"


def test_packages_for_other_systems_are_left_out() -> None:
    """Windows is served by WSL; a package that only some Pythons need stays."""
    compiled = "colorama==0.4.6 ; sys_platform == 'win32'\noverrides==7.7.0 ; python_full_version < '3.12'\n"

    assert lock_text(compiled) == f"{HEADER}\noverrides==7.7.0 ; python_full_version < '3.12'\n"


def test_a_lock_can_build_upon_another() -> None:
    """The developers' lock includes the other."""
    assert lock_text("ruff==1\n", includes="requirements.txt") == f"{HEADER}\n-r requirements.txt\nruff==1\n"


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_of_the_locks_is_a_pinned_package(name: str) -> None:
    """No address of an index, no path of a machine, no version left open."""
    lines = [line for line in (ROOT / name).read_text().splitlines() if not line.startswith("#")]

    odd = [line for line in lines if not re.match(r"[a-z0-9.-]+==[^\s;]+( ; .+)?(  # via .+)?$", line)]

    assert odd == (["-r requirements.txt"] if name == "requirements-dev.txt" else [])


@pytest.mark.parametrize("name", LOCKS)
def test_the_locks_bring_no_gpu_libraries(name: str) -> None:
    """Three gigabytes that the CPU build does not use."""
    assert not re.search(r"^(nvidia|cuda|triton)", (ROOT / name).read_text(), re.MULTILINE)


def test_the_locks_hold_what_the_project_asks_for() -> None:
    """Who changes pyproject.toml runs scripts/lock."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    locked = "".join((ROOT / name).read_text() for name in LOCKS)

    for requirement in wanted:
        name, exact = re.match(r"([\w.-]+)(?:==(\S+))?", requirement).groups()  # type: ignore[union-attr]
        version = re.escape(exact) if exact else r"\S+"
        assert re.search(rf"^{re.escape(name)}=={version}(\s|$)", locked, re.MULTILINE), requirement
