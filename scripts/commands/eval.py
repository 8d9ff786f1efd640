"""`scripts/eval`: how well questions find their pages, as docs/evaluation.md tells."""

from __future__ import annotations

from pathlib import Path

from scripts.commands.seed import absolute
from scripts.start.console import Console
from scripts.start.preparation import Preparation

# The options that name files, which need not be there yet.
FILES = ("--output", "--json", "--out", "--questions")
COMPARES = "answers"  # where nothing else is a path, whatever is called like a model


def main(console: Console, arguments: list[str]) -> int:
    """`python -m scripts.evaluation ARGUMENTS…` in the clone, with paths as the person sees them."""
    here = Path.cwd()
    preparation = Preparation(console)
    preparation.python(dev=True)
    words = located(arguments, here)
    return preparation.tools.show([preparation.places.python, "-m", "scripts.evaluation", *words])


def located(arguments: list[str], here: Path) -> list[str]:
    """The arguments with paths in full; also those of files that will be written."""
    words = []
    compares = arguments[:1] == [COMPARES]
    for place, argument in enumerate(arguments):
        option, equals, path = argument.partition("=")
        if place and arguments[place - 1] in FILES:
            words.append(str(here / argument))
        elif option in FILES and equals:
            words.append(f"{option}={here / path}")
        elif compares:
            words.append(argument)
        else:
            words.append(absolute(argument, here))
    return words
