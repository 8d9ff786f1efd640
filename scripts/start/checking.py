"""Format, lint and types of everything here: which tools say so, and what they said."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.start import messages
from scripts.start.node import Node
from scripts.start.places import Places
from scripts.start.progress import step
from scripts.start.tools import Tools


@dataclass(frozen=True, kw_only=True)
class Check:
    """One tool that looks at the sources, in one folder."""

    name: str
    command: tuple[str | Path, ...]
    folder: Path
    environ: Mapping[str, str]


def checks(places: Places, node: Node, *, fix: bool) -> list[Check]:
    """Every check; with `fix` those that can set things right do."""
    binaries = places.venv / "bin"

    def python(name: str, *command: str | Path) -> Check:
        return Check(
            name=name, command=(binaries / command[0], *command[1:]), folder=places.root, environ=os.environ
        )

    def npm(name: str, *command: str) -> Check:
        return Check(
            name=name,
            command=(*node.npm, "run", *command),
            folder=places.frontend,
            environ=node.environ,
        )

    return [
        python("ruff format", "ruff", "format", *([] if fix else ["--check"])),
        python("ruff check", "ruff", "check", *(["--fix"] if fix else [])),
        python("mypy", "mypy"),
        python(
            "compose files",
            "check-jsonschema",
            "--builtin-schema",
            "vendor.compose-spec",
            *compose_files(places),
        ),
        python("hadolint", "hadolint", *dockerfiles(places)),
        npm("prettier", "format" if fix else "format:check"),
        npm("eslint", "lint", *(["--", "--fix"] if fix else [])),
        *(
            Check(
                name=f"sh -n {script.relative_to(places.root)}",
                command=("sh", "-n", script),
                folder=places.root,
                environ=os.environ,
            )
            for script in shell_scripts(places)
        ),
    ]


def compose_files(places: Places) -> list[Path]:
    """The compose file, and those that are laid over it."""
    return [places.root / "docker-compose.yml", *sorted((places.root / "deploy").glob("*.compose.yml"))]


def dockerfiles(places: Places) -> list[Path]:
    """What the images are built by."""
    return [*sorted((places.root / "deploy").glob("*.Dockerfile")), places.frontend / "Dockerfile"]


def shell_scripts(places: Places) -> list[Path]:
    """The files of scripts/, .ci/ and deploy/ that a shell runs."""
    candidates = [*(places.root / "scripts").iterdir(), *(places.root / ".ci").iterdir()]
    for folder in ("scripts", "deploy"):
        candidates += (places.root / folder).glob("**/*.sh")
    return sorted({path for path in candidates if path.is_file() and _is_shell(path)})


def run_checks(checks: list[Check], places: Places, tools: Tools) -> list[str]:
    """Run every check, show what the failed ones said, and return their names. Raises Stopped."""
    failed = []
    for check in checks:
        log = places.log(f"check-{check.name.split()[0]}")
        with step(tools.console, tools.console.text(messages.RUNNING, tool=check.name), log):
            status = tools.status(check.command, log=log, environ=check.environ, folder=check.folder)
        if status:
            failed.append(check.name)
            tools.console.line(log.read_text(encoding="utf-8", errors="replace"))
    return failed


def _is_shell(path: Path) -> bool:
    with path.open("rb") as file:
        first = file.readline()
    return first.startswith(b"#!") and first.split(b"/")[-1].split()[-1] in (b"sh", b"bash")
