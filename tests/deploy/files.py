"""The containers' files, read."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

yaml: Any = importlib.import_module("yaml")  # it comes without types

ROOT = Path(__file__).parents[2]
BASE = ROOT / "docker-compose.yml"
COMMUNITY = ROOT / "deploy" / "community.compose.yml"
CUDA = ROOT / "deploy" / "cuda.compose.yml"
COMPOSE_FILES = (BASE, COMMUNITY, CUDA)

SERVER_IMAGE = ROOT / "deploy" / "server.Dockerfile"
OLLAMA_IMAGE = ROOT / "deploy" / "ollama.Dockerfile"
CLIENT_IMAGE = ROOT / "frontend" / "Dockerfile"
# Each with the folder that is its context.
DOCKERFILES = {SERVER_IMAGE: ROOT, OLLAMA_IMAGE: ROOT / "deploy", CLIENT_IMAGE: ROOT / "frontend"}


def load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def services(path: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = load(path)["services"]
    return found


def variables() -> dict[str, set[str]]:
    """The variables of the compose files, each with its defaults; `?` where a value must be given."""
    found: dict[str, set[str]] = {}
    for path in COMPOSE_FILES:
        text = re.sub(r"^ *#.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        for name, sign, default in re.findall(r"\$\{([A-Z_]+):([-?])((?:[^{}]|\$\{[^{}]*\})*)\}", text):
            found.setdefault(name, set()).add("?" if sign == "?" else default)
            for inner, inner_default in re.findall(r"\$\{([A-Z_]+):-([^{}]*)\}", default):
                found.setdefault(inner, set()).add(inner_default)
    del found["LANG"]  # the terminal's own
    return found


def resolved(text: str) -> str:
    """A value with the defaults of its variables."""
    while "${" in text:
        text = re.sub(r"\$\{[A-Z_]+:-([^{}]*)\}", r"\1", text)
    return text


def instructions(dockerfile: Path, instruction: str) -> list[str]:
    """What follows each such instruction of a Dockerfile, continued lines joined."""
    text = re.sub(r"^#.*\n", "", dockerfile.read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [line.split(" ", 1)[1] for line in lines if line.split(" ", 1)[0] == instruction]
