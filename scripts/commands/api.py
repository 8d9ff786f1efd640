"""`scripts/api`: write docs/api/ anew from the server's routes."""

from __future__ import annotations

from scripts.start.console import Console
from scripts.start.preparation import Preparation


def main(console: Console, arguments: list[str]) -> int:
    """`python -m scripts.reference ARGUMENTS…` in the clone."""
    preparation = Preparation(console)
    preparation.python()
    return preparation.tools.show([preparation.places.python, "-m", "scripts.reference", *arguments])
