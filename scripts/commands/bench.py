"""`scripts/bench`: measure this code on this machine, as tables for docs/benchmarks.md."""

from __future__ import annotations

import argparse

from scripts.start.addresses import this_environment
from scripts.start.console import Console
from scripts.start.preparation import Preparation

BENCHMARKS = ("stream", "compat", "memory", "size", "start", "layout", "seed", "loading", "mongodb", "search")


def main(console: Console, arguments: list[str]) -> int:
    """Prepare the clone as scripts/run does, then measure."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description="Measure this code on this machine and print Markdown tables."
    )
    parser.add_argument("name", choices=BENCHMARKS, help="what to measure")
    parser.add_argument("options", nargs=argparse.REMAINDER, help="--help after the name tells them")
    options = parser.parse_args(arguments)
    preparation = Preparation(console)
    places = preparation.places
    preparation.python()
    preparation.client()
    preparation.documents(this_environment(places.root))
    module = f"scripts.benchmarks.{options.name}"
    return preparation.tools.show([places.python, "-m", module, *options.options])
