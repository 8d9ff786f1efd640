"""The images are built from what is there, and run as they should."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess

from scripts.start.node import parse_version, satisfies
from scripts.start.pytorch import CPU_INDEX, pinned_version
from tests.deploy.files import CLIENT_IMAGE, DOCKERFILES, OLLAMA_IMAGE, ROOT, SERVER_IMAGE, instructions

PACKAGE = json.loads((ROOT / "frontend" / "package.json").read_text(encoding="utf-8"))


def test_what_the_images_are_built_from_is_there_and_not_ignored() -> None:
    """And nothing lies in the build's context that isn't copied."""
    for dockerfile, context in DOCKERFILES.items():
        ignored = (context / ".dockerignore").read_text(encoding="utf-8").splitlines()
        copied = {
            source.rstrip("/")
            for value in instructions(dockerfile, "COPY")
            if not value.startswith("--from")
            for source in value.split()[:-1]
        }
        assert "*" in ignored
        assert copied == {line[1:] for line in ignored if line.startswith("!")}
        assert all((context / source).exists() for source in copied)


def test_pytorch_is_the_one_of_the_lock() -> None:
    """Its version is found, and the CPU build comes from where scripts/run takes it."""
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    script = re.search(r"sed -n '(.*?)' requirements\.txt", SERVER_IMAGE.read_text(encoding="utf-8"))
    assert script

    found = subprocess.run(  # noqa: S603
        ["sed", "-n", script[1]],  # noqa: S607
        input=lock,
        capture_output=True,
        text=True,
        check=True,
    )

    assert found.stdout.strip() == f"torch=={pinned_version(lock)}+cpu"
    assert instructions(SERVER_IMAGE, "ARG") == [f"CPU_INDEX={CPU_INDEX}"]


def test_the_commands_are_real() -> None:
    """The server's is a module, and the client's the file that `npm start` starts."""
    assert json.loads(instructions(SERVER_IMAGE, "CMD")[0]) == ["python", "-m", "app"]
    assert importlib.util.find_spec("app.__main__")

    node, script = json.loads(instructions(CLIENT_IMAGE, "CMD")[0])
    (built, _) = instructions(CLIENT_IMAGE, "COPY")[-1].removeprefix("--from=build ").split()
    assert f"{node} {built.removeprefix('/client/')}{script}" == PACKAGE["scripts"]["start"]


def test_nothing_runs_as_root() -> None:
    """The user is a number, which holds on any base."""
    for dockerfile in DOCKERFILES:
        assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", instructions(dockerfile, "USER")[-1])
    assert "--owner=10001 --group=10001" in instructions(OLLAMA_IMAGE, "RUN")[0]
    assert "--uid 10001" in instructions(SERVER_IMAGE, "RUN")[-1]


def test_the_languages_are_those_that_are_asked_for() -> None:
    """Python as the README says, Node.js as package.json does; one of each, to build and to run."""
    (node,) = {value.split()[0] for value in instructions(CLIENT_IMAGE, "FROM")}
    (python,) = {value.split()[0] for value in instructions(SERVER_IMAGE, "FROM") if ":" in value}

    assert satisfies(parse_version(node.removeprefix("node:").split("-")[0]), PACKAGE["engines"]["node"])
    version = python.removeprefix("python:").split(".")
    assert (3, 11) <= (int(version[0]), int(version[1])) <= (3, 14)
