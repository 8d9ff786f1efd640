"""`python -m scripts.reference`: write docs/api/ anew, or say whether it is out of date."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from app.openapi.document import document
from app.routes import ROUTES
from scripts.reference.calls import calls
from scripts.reference.page import page
from scripts.reference.postman import collection

FOLDER = Path(__file__).resolve().parents[2] / "docs/api"


def files() -> dict[str, str]:
    """What docs/api/ holds, by the files' names."""
    described = document((route.method, route.path, route.handler) for route in ROUTES)
    made = list(calls(described))
    return {
        "README.md": page(described, made),
        "acervo.postman_collection.json": _json(collection(described, made)),
    }


def main(arguments: list[str]) -> int:
    """Status 1 where `--check` finds a file that is out of date."""
    parser = argparse.ArgumentParser(
        prog="scripts/api", description="Write docs/api/ from the server's routes."
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail where a file is out of date"
    )
    options = parser.parse_args(arguments)
    changed = {name: text for name, text in files().items() if _read(FOLDER / name) != text}
    if options.check:
        for name in changed:
            print(f"docs/api/{name} is out of date: scripts/api writes it anew.", file=sys.stderr)
        return 1 if changed else 0
    FOLDER.mkdir(exist_ok=True)
    for name, text in changed.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
