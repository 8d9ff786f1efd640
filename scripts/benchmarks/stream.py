"""How soon the first token comes, whether all come and how late, what that costs, and how soon a model rests
once it is told to.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import time
from functools import partial

import uvloop

from scripts.benchmarks import streaming
from scripts.benchmarks.asking import Answer, ask, tokens_lost
from scripts.benchmarks.process import family_spent, processor_seconds
from scripts.benchmarks.server import PIECES, QUESTIONS, TOKENS, Bench, running_server
from scripts.benchmarks.tables import median_and_p95, table

AT_ONCE = (1, 10, 50, 200)
SENT = "".join(PIECES)
STREAMS = 200
READING_SECONDS = 0.05  # from one token to the next: as fast as people read
READ_TOKENS = 160
LEFT_SECONDS = 10.0


async def measure(asks: int, leaving: int) -> str:
    """The table and the line below it. At least `asks` questions for each number asked at once."""
    async with running_server() as bench:
        await _ask_server(bench, QUESTIONS[0])  # what the first question loads is no part of the others
        rows = [await _row(bench, at_once, asks) for at_once in AT_ONCE]
        left = [await _leave(bench, question) for question in _questions(leaving)]
    head = (
        "asked at once",
        "first token, ms",
        "the model's own, ms",
        "tokens lost",
        "s of processor / 1,000 tokens",
    )
    gone = [seconds for seconds in left if seconds is not None]
    closing = f"median / 95th percentile; {TOKENS} tokens an answer. The model is told to stop "
    closing += f"{median_and_p95(gone)} ms after the person says so ({len(gone)} of {leaving} times)."
    return f"{table(head, rows)}\n\n{closing}"


async def _row(bench: Bench, at_once: int, asks: int) -> list[str]:
    rounds = max(1, asks // at_once)
    before = processor_seconds(bench.pid)
    served: list[Answer] = []
    for _ in range(rounds):
        served += await asyncio.gather(*(_ask_server(bench, one) for one in _questions(at_once)))
    spent = processor_seconds(bench.pid) - before
    direct: list[Answer] = []
    for _ in range(rounds):
        direct += await asyncio.gather(*(_ask_model(bench) for _ in range(at_once)))
    return [
        str(at_once),
        median_and_p95(_first_tokens(served)),
        median_and_p95(_first_tokens(direct)),
        str(sum(tokens_lost(SENT, answer.text) for answer in served)),
        f"{spent / (len(served) * TOKENS / 1000):.2f}",
    ]


async def _ask_server(bench: Bench, question: str) -> Answer:
    return await ask(bench.session, f"{bench.address}/", {"prompt": question})


async def _ask_model(bench: Bench) -> Answer:
    body = {"model": "llama3", "messages": [{"role": "user", "content": "?"}]}
    return await ask(bench.session, f"{bench.model_address}/api/chat", body)


async def _leave(bench: Bench, question: str) -> float | None:
    """Seconds from stopping the answer at its first token until the model's connection is closed."""
    bench.model.left.clear()
    async with bench.session.post(f"{bench.address}/", json={"prompt": question}) as response:
        name = json.loads(await response.content.readline())["id"]
        async for line in response.content:
            if b"word0" in line:
                break
        started = time.perf_counter()
        async with bench.session.delete(f"{bench.address}/answers/{name}") as stopped:
            stopped.raise_for_status()
    try:
        await asyncio.wait_for(bench.model.left.wait(), LEFT_SECONDS)
    except TimeoutError:
        return None
    return time.perf_counter() - started


async def measure_streaming() -> str:
    """The table of many answers at once, at the pace of reading."""
    async with running_server(token_seconds=READING_SECONDS) as bench:
        await _ask_server(bench, QUESTIONS[0])
        bench.model.pieces, bench.model.numbered = ("word",) * READ_TOKENS, True
        direct = await streaming.stream(
            bench.session,
            f"{bench.model_address}/api/chat",
            [{"model": "llama3", "messages": []}] * STREAMS,
            bench.model,
            partial(family_spent, os.getpid()),
        )
        served = await streaming.stream(
            bench.session,
            f"{bench.address}/",
            [{"prompt": question} for question in _questions(STREAMS)],
            bench.model,
            partial(family_spent, bench.pid),
        )
    head = (
        f"{STREAMS} answers",
        "tokens lost",
        "tokens / s",
        "a token's delay, ms",
        "user + system, s / 1,000 tokens",
        "processor, s / 1,000 tokens",
    )
    rows = [
        ["from the server, while all are written", str(served.lost), *served.together.cells],
        ["… from the first question to the last line", str(served.lost), *served.whole.cells],
        ["from the stand-in (the stand-in's and the readers' own)", str(direct.lost), *direct.together.cells],
    ]
    return f"{table(head, rows)}\n\nMedian / 99th percentile; {READ_TOKENS} tokens an answer."


def _questions(count: int) -> list[str]:
    return list(itertools.islice(itertools.cycle(QUESTIONS), count))


def _first_tokens(answers: list[Answer]) -> list[float]:
    return [one.first_token_seconds for one in answers if one.first_token_seconds is not None]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="scripts/bench stream", description=__doc__)
    parser.add_argument("--asks", type=int, default=50, help="questions for each number asked at once (50)")
    parser.add_argument("--leaving", type=int, default=20, help="how often somebody stops an answer (20)")
    parser.add_argument(
        "--short", action="store_true", help=f"only {STREAMS} answers at the pace of reading: half a minute"
    )
    options = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        if not options.short:
            print(f"{runner.run(measure(options.asks, options.leaving))}\n")
        print(runner.run(measure_streaming()))
