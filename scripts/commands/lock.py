"""`scripts/lock`: write requirements.txt and requirements-dev.txt anew from pyproject.toml."""

from __future__ import annotations

import argparse
import os
import sys

from scripts.start import messages
from scripts.start.console import Console
from scripts.start.locking import lock_text
from scripts.start.preparation import Preparation

UV = "uv==0.13.8"  # resolves for every system and Python at once, which pip can't
OLDEST_PYTHON = "3.11"


def main(console: Console, arguments: list[str]) -> int:
    """Resolve and write both locks. Versions already locked stay unless --upgrade is given."""
    parser = argparse.ArgumentParser(
        prog="scripts/lock",
        description="Write requirements.txt and requirements-dev.txt from pyproject.toml.",
    )
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that fit")
    options = parser.parse_args(arguments)
    preparation = Preparation(console)
    places, tools = preparation.places, preparation.tools
    folder = places.leftovers / "lock-tools"

    def run(tool: str, *command: object) -> None:
        title = console.text(messages.RUNNING, tool=tool)
        log = places.log(f"lock-{tool}")
        tools.run([str(word) for word in command], tool=tool, title=title, log=log, environ=os.environ)

    run("venv", sys.executable, "-m", "venv", folder)
    run("pip", folder / "bin" / "python", "-m", "pip", "install", UV)
    compiling = [folder / "bin" / "uv", "pip", "compile", "--universal", "--python-version", OLDEST_PYTHON]
    compiling += ["--no-header", "--no-emit-index-url", "--annotation-style", "line"]
    if options.upgrade:
        compiling.append("--upgrade")
    main_lock, dev_lock = places.requirements, places.dev_requirements
    run("uv", *compiling, "-o", main_lock.name, "pyproject.toml")
    main_lock.write_text(lock_text(main_lock.read_text(encoding="utf-8")), encoding="utf-8")
    run("uv", *compiling, "-o", dev_lock.name, "--group", "dev", "--constraint", main_lock.name)
    compiled = dev_lock.read_text(encoding="utf-8")
    dev_lock.write_text(lock_text(compiled, includes=main_lock.name), encoding="utf-8")
    return 0
