"""The edge of every command: finds it, runs it, and turns failures into a sentence and an exit status."""

from __future__ import annotations

import errno
import importlib
import io
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ("run", "test", "check", "seed", "ask", "bench", "eval", "lock", "api")
STOPPED_BY_SIGNAL = 128  # what shells add to the signal's number


def main(arguments: list[str]) -> int:
    """Run `COMMAND ARGUMENTS…` and return its exit status."""
    from scripts.start.console import Console
    from scripts.start.errors import CommandError, Stopped

    console = Console.of_the_process()
    name, *rest = arguments or [""]
    if name not in COMMANDS:
        console.error(f"launch.py: {name!r} is not one of {', '.join(COMMANDS)}.")
        return 2
    try:
        return int(importlib.import_module(f"scripts.commands.{name}").main(console, rest))
    except Stopped as stopped:
        return STOPPED_BY_SIGNAL + stopped.signal_number
    except CommandError as failure:
        console.failure(failure)
        return 1
    except OSError as error:
        from scripts.start import messages

        if error.errno != errno.ENOSPC:
            raise
        console.failure(CommandError(messages.DISK_FULL, folder=ROOT))
        return 1


if __name__ == "__main__":
    sys.path[0] = str(ROOT)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace", line_buffering=True)
    sys.exit(main(sys.argv[1:]))
