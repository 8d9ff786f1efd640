"""`scripts/check`: format, lint and types, for Python and TypeScript."""

from __future__ import annotations

import argparse

from scripts.start import messages
from scripts.start.checking import checks, run_checks
from scripts.start.console import Console
from scripts.start.preparation import Preparation


def main(console: Console, arguments: list[str]) -> int:
    """Run every check; status 1 if one fails."""
    parser = argparse.ArgumentParser(prog="scripts/check", description="Check format, lint and types.")
    parser.add_argument("--fix", action="store_true", help="set right what a tool can")
    options = parser.parse_args(arguments)
    preparation = Preparation(console)
    preparation.python(dev=True)
    _, node = preparation.client(build=False)
    places = preparation.places
    failed = run_checks(checks(places, node, fix=options.fix), places, preparation.tools)
    if failed:
        console.say(messages.CHECKS_FAILED, names=", ".join(failed))
        return 1
    console.say(messages.CHECKS_PASSED)
    return 0
