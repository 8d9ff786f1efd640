"""`scripts/mcp`: what assistants start."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts/mcp"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder that holds the script alone, and whose name needs quoting."""
    folder = tmp_path / "my clone"
    (folder / "scripts").mkdir(parents=True)
    shutil.copy(SCRIPT, folder / "scripts")
    return folder


def run(clone: Path) -> subprocess.CompletedProcess[str]:
    """From somewhere else, as assistants do."""
    return subprocess.run(  # noqa: S603 - our own script
        [clone / "scripts/mcp"], cwd="/", input="a message\n", capture_output=True, text=True, check=False
    )


def test_the_server_gets_the_clone_as_its_folder_and_the_callers_streams(clone: Path) -> None:
    """So that `.env` and `DATA_DIR` are those of `scripts/run`."""
    python = clone / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\npwd\necho "$@"\ncat\n')
    python.chmod(0o755)
    done = run(clone)
    assert done.stdout.splitlines() == [str(clone), "-m app mcp", "a message"]
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_missing_is_said_where_no_message_is_expected(clone: Path) -> None:
    """On the standard error."""
    done = run(clone)
    assert (done.returncode, done.stdout) == (1, "")
    assert "scripts/run" in done.stderr
