"""Which parts may know which."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def imports(package: str) -> dict[str, set[str]]:
    """Every module that each file of a package imports, anywhere in it."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        names: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        found[path.relative_to(ROOT).as_posix()] = names
    return found


def test_the_collection_does_not_know_the_server() -> None:
    """`app` may import `database`, never the other way."""
    found = imports("database")
    assert found
    assert [
        (file, name) for file, names in found.items() for name in names if name.split(".")[0] == "app"
    ] == []


def test_the_server_does_not_know_the_loader() -> None:
    """What serves a request needs no parser in its process."""
    found = imports("app")
    assert found
    assert [(f, n) for f, names in found.items() for n in names if n.startswith("database.load")] == []


def test_the_server_starts_without_a_parser() -> None:
    """Not through some other module either: untrusted documents are opened in worker processes only."""
    code = (
        "import app.main, sys; print(*sorted({'pymupdf', 'trafilatura', 'database.load'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == ""
