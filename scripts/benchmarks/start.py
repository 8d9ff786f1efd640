"""How long `scripts/run` takes to two addresses that answer, once everything is installed."""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import time
from contextlib import suppress

from scripts.benchmarks.tables import table
from scripts.start.places import CLONE
from scripts.start.services import unready

SECONDS = 300.0
PORTS = {"PORT": "8951", "CLIENT_PORT": "8952"}  # not those of a product that may be running


def measure(times: int) -> str:
    """The table of `times` starts."""
    taken = [start() for _ in range(times)]
    return table(
        ("starts", "median, s", "fastest, s", "slowest, s"),
        [[str(times), *(f"{value:.1f}" for value in (statistics.median(taken), min(taken), max(taken)))]],
    )


def start() -> float:
    """Seconds until both answer; then both are stopped. Raises RuntimeError or TimeoutError."""
    started = time.monotonic()
    log = CLONE.log("bench-start")
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603
            [CLONE.root / "scripts" / "run"],
            env={**os.environ, "HOST": "127.0.0.1", **PORTS},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        for address in (
            f"http://127.0.0.1:{PORTS['PORT']}/readyz",
            f"http://127.0.0.1:{PORTS['CLIENT_PORT']}/",
        ):
            while unready(address) is not None:
                if process.poll() is not None:
                    raise RuntimeError(f"scripts/run ended with status {process.returncode}; it wrote {log}.")
                if time.monotonic() - started > SECONDS:
                    raise TimeoutError(f"scripts/run was not ready after {SECONDS:.0f} s; it wrote {log}.")
                time.sleep(0.05)
        return time.monotonic() - started
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        process.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="scripts/bench start", description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="how often to start (5)")
    print(measure(parser.parse_args().times))
