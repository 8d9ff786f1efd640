"""Every check runs, and what a failed one said is shown."""

from __future__ import annotations

import os
from pathlib import Path

from scripts.start.checking import Check, checks, compose_files, dockerfiles, run_checks, shell_scripts
from scripts.start.environment import Environment
from scripts.start.node import prepare_node
from scripts.start.places import CLONE
from tests.scripts.fakes import FakeClone


def _check(name: str, command: str, folder: Path) -> Check:
    return Check(name=name, command=("sh", "-c", command), folder=folder, environ=os.environ)


def test_a_failed_check_does_not_keep_the_others_from_running(clone: FakeClone) -> None:
    """One run tells everything that is out of order."""
    failed = run_checks(
        [
            _check("one", "echo E501 too long; exit 1", clone.root),
            _check("two", "touch ran", clone.root),
        ],
        clone.places,
        clone.tools,
    )

    assert failed == ["one"]
    assert "E501 too long" in clone.out.getvalue()
    assert (clone.root / "ran").exists()


def test_both_languages_are_checked(clone: FakeClone) -> None:
    """Format, lint and types of each, and the containers' files."""
    (clone.root / "scripts").mkdir()
    (clone.root / ".ci").mkdir()
    node = prepare_node(clone.places, Environment(clone.places, clone.tools))

    names = [check.name for check in checks(clone.places, node, fix=False)]

    assert names == [
        "ruff format",
        "ruff check",
        "mypy",
        "compose files",
        "hadolint",
        "prettier",
        "eslint",
    ]


def test_only_fixing_writes(clone: FakeClone) -> None:
    """A check looks, and `--fix` sets right."""
    (clone.root / "scripts").mkdir()
    (clone.root / ".ci").mkdir()
    node = prepare_node(clone.places, Environment(clone.places, clone.tools))

    looking = [" ".join(map(str, one.command[1:])) for one in checks(clone.places, node, fix=False)]
    fixing = [" ".join(map(str, one.command[1:])) for one in checks(clone.places, node, fix=True)]

    containers = [
        f"--builtin-schema vendor.compose-spec {clone.root}/docker-compose.yml",
        f"{clone.places.frontend}/Dockerfile",
    ]
    assert looking == ["format --check", "check", "", *containers, "run format:check", "run lint"]
    assert fixing == ["format", "check --fix", "", *containers, "run format", "run lint -- --fix"]


def test_every_file_of_the_containers_is_checked() -> None:
    """Those in folders of their own, too."""
    composing = {str(path.relative_to(CLONE.root)) for path in compose_files(CLONE)}
    building = {str(path.relative_to(CLONE.root)) for path in dockerfiles(CLONE)}

    assert {"docker-compose.yml", "deploy/community.compose.yml", "deploy/cuda.compose.yml"} == composing
    assert {"deploy/server.Dockerfile", "deploy/ollama.Dockerfile", "frontend/Dockerfile"} == building


def test_the_shell_scripts_are_found_by_their_first_line() -> None:
    """Most of them have no extension."""
    found = {str(path.relative_to(CLONE.root)) for path in shell_scripts(CLONE)}

    assert {
        ".ci/run",
        "scripts/run",
        "scripts/start/launch.sh",
        "deploy/community/start-mongod.sh",
    } <= found
    assert not any(path.endswith(".py") for path in found)
