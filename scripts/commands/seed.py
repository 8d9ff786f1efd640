"""`scripts/seed`: load documents into the collection, with the environment made when it is missing."""

from __future__ import annotations

from pathlib import Path

from scripts.start.console import Console
from scripts.start.preparation import Preparation


def main(console: Console, arguments: list[str]) -> int:
    """`python -m database seed ARGUMENTS…` in the clone, with paths as the person sees them."""
    here = Path.cwd()
    preparation = Preparation(console)
    preparation.python()
    words = [absolute(argument, here) for argument in arguments]
    return preparation.tools.show([preparation.places.python, "-m", "database", "seed", *words])


def absolute(argument: str, here: Path) -> str:
    """A path that exists, seen from `here`, in full; anything else (an option, an address) as it is."""
    path = here / argument
    return str(path) if not argument.startswith("-") and path.exists() else argument
