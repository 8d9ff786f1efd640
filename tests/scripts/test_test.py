"""`scripts/test` runs every stage and closes with one line that counts them, on a clone of fakes."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from scripts.start.places import CLONE
from tests.scripts.fakes import FakeClone

# With a configuration of its own, so that no other project's is found above the folder.
_CONFIGURATION = "[pytest]\n"
_PASSES = "def test_passes():\n    assert True\n"
_FAILS = "def test_fails():\n    assert False\n"


@pytest.fixture
def tested(clone: FakeClone) -> FakeClone:
    """A clone with one Python test, one test in a browser, and checks that are content."""
    for name in ("scripts", ".ci"):
        shutil.copytree(CLONE.root / name, clone.root / name, ignore=shutil.ignore_patterns("__pycache__"))
    (clone.root / "tests" / "browser").mkdir(parents=True)
    (clone.root / "pytest.ini").write_text(_CONFIGURATION)
    (clone.root / "tests" / "test_one.py").write_text(_PASSES)
    (clone.root / "tests" / "browser" / "test_page.py").write_text(_PASSES)
    for name in ("ruff", "mypy", "check-jsonschema", "hadolint"):
        clone.tool(name, clone.places.venv / "bin" / name)
    clone.tool("chromium", clone.binaries / "chromium")
    return clone


def _run(clone: FakeClone) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [clone.root / ".ci" / "run"],
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "CI": "true"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )


def test_everything_is_counted_in_the_last_line(tested: FakeClone) -> None:
    """Python, the client and the browser together."""
    told = _run(tested)

    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.splitlines()[-1] == "5 passed, 0 failed, 1 skipped"
    assert tested.calls("npm run build")


def test_a_failed_test_fails_the_run_and_keeps_nothing_from_running(tested: FakeClone) -> None:
    """The browser's tests still tell what they find."""
    (tested.root / "tests" / "test_one.py").write_text(_FAILS)

    told = _run(tested)

    assert told.returncode == 1
    assert told.stdout.splitlines()[-1] == "4 passed, 1 failed, 1 skipped"


def test_a_failed_check_fails_the_run(tested: FakeClone) -> None:
    """And is named in the summary."""
    tested.refuse("run lint", "no-unused-vars")

    told = _run(tested)

    assert told.returncode == 1
    assert "no-unused-vars" in told.stdout
    assert "(eslint)" in told.stdout
    assert told.stdout.splitlines()[-1] == "5 passed, 1 failed, 1 skipped"


def test_without_a_build_there_is_nothing_for_a_browser(tested: FakeClone) -> None:
    """The failed build is what is told."""
    tested.refuse("run build", "TS2307")

    told = _run(tested)

    assert told.returncode == 1
    assert "TS2307" in told.stderr
    assert told.stdout.splitlines()[-1] == "4 passed, 1 failed, 1 skipped"


def test_a_preparation_that_fails_is_counted_too(tested: FakeClone) -> None:
    """The last line never says that nothing failed."""
    tested.refuse("install -r", "No space left on device")

    told = _run(tested)

    assert told.returncode == 1
    assert "is full" in told.stderr
    assert told.stdout.splitlines()[-1] == "0 passed, 1 failed, 0 skipped"
