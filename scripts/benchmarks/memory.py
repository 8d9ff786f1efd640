"""How much memory the server holds, with its workers: once it is ready, and after it has answered."""

from __future__ import annotations

import argparse
import asyncio
import itertools

from scripts.benchmarks.asking import ask
from scripts.benchmarks.process import memory
from scripts.benchmarks.server import QUESTIONS, Bench, running_server
from scripts.benchmarks.tables import megabytes, table


async def measure(asks: int) -> str:
    """The table; `asks` questions are asked one after the other, then all at once."""
    async with running_server() as bench:
        questions = list(itertools.islice(itertools.cycle(QUESTIONS), asks))
        rows = [_row("ready", bench)]
        for question in questions:
            await _ask(bench, question)
        rows.append(_row(f"after {asks} asks in turn", bench))
        await asyncio.gather(*(_ask(bench, question) for question in questions))
        rows.append(_row(f"after {asks} asks at once", bench))
    return table(("the server's resident memory", "then", "at most until then"), rows)


async def _ask(bench: Bench, question: str) -> None:
    await ask(bench.session, f"{bench.address}/", {"prompt": question})


def _row(name: str, bench: Bench) -> list[str]:
    held = memory(bench.pid)
    return [name, megabytes(held.resident), megabytes(held.peak)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="scripts/bench memory", description=__doc__)
    parser.add_argument("--asks", type=int, default=20, help="questions in turn and at once (20)")
    print(asyncio.run(measure(parser.parse_args().asks)))
