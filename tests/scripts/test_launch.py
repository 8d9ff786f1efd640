"""The commands start on a machine that has nothing but Python, and say what is missing where it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.start.launch import COMMANDS
from scripts.start.places import CLONE

# As Debian's python3 without python3-venv answers.
_WITHOUT_VENV = '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; esac\nexit 0\n'
_TOO_OLD = "#!/bin/sh\nexit 1\n"


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """The scripts alone, in a clone without an environment, and a PATH with the shell's own tools."""
    shutil.copytree(
        CLONE.root / "scripts", tmp_path / "scripts", ignore=shutil.ignore_patterns("__pycache__")
    )
    binaries = tmp_path / "bin"
    binaries.mkdir()
    for name in ("sh", "dirname"):
        found = shutil.which(name)
        assert found
        (binaries / name).symlink_to(found)
    return tmp_path


def _run(root: Path, *command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        command,
        env={"PATH": str(root / "bin"), **environ},
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )


def _python(root: Path, name: str, text: str) -> None:
    path = root / "bin" / name
    path.write_text(text)
    path.chmod(0o755)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_there_and_can_be_run(command: str) -> None:
    """With the executable bit that git keeps."""
    assert os.access(CLONE.root / "scripts" / command, os.X_OK)


def test_the_newest_suitable_python_is_found(bare: Path) -> None:
    """`python3` may be too old where another one is installed."""
    _python(bare, "python3", _TOO_OLD)
    (bare / "bin" / "python3.12").symlink_to(sys.executable)

    told = _run(bare, str(bare / "scripts" / "run"), "--help")

    assert told.returncode == 0, told.stderr
    assert "usage: scripts/run" in told.stdout


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("C", "Python 3.11, 3.12, 3.13 or 3.14 is needed"),
        ("pt_BR.UTF-8", "É preciso ter o Python"),
        ("es_MX.UTF-8", "Hace falta Python"),
    ],
)
def test_no_suitable_python_is_told_with_what_to_do(bare: Path, locale: str, words: str) -> None:
    """In the person's language."""
    _python(bare, "python3", _TOO_OLD)

    told = _run(bare, str(bare / "scripts" / "run"), LANG=locale)

    assert told.returncode == 1
    assert words in told.stderr
    assert "sudo apt install python3 python3-venv" in told.stderr


def test_a_python_without_venv_is_told_with_what_to_do(bare: Path) -> None:
    """The package that Debian keeps it in, for the Python that was found."""
    _python(bare, "python3", _TOO_OLD)
    _python(bare, "python3.13", _WITHOUT_VENV)

    told = _run(bare, str(bare / "scripts" / "run"))

    assert told.returncode == 1
    assert "sudo apt install python3.13-venv" in told.stderr


def test_another_python_stands_in_for_one_without_venv(bare: Path) -> None:
    """What can be done is done."""
    _python(bare, "python3", _WITHOUT_VENV)
    (bare / "bin" / "python3.12").symlink_to(sys.executable)

    assert _run(bare, str(bare / "scripts" / "run"), "--help").returncode == 0


def test_a_command_that_is_none_is_refused(bare: Path) -> None:
    """With those that there are."""
    (bare / "bin" / "python3").symlink_to(sys.executable)

    told = _run(bare, str(bare / "scripts" / "start" / "launch.sh"), "dance")

    assert told.returncode == 2
    assert "'dance' is not one of run, test" in told.stderr


def test_continuous_integration_runs_the_same_tests() -> None:
    """From whatever folder it is started in."""
    lines = (CLONE.root / ".ci" / "run").read_text().splitlines()

    assert lines[1:] == ['exec "$(dirname "$0")/../scripts/test"']
