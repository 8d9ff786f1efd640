"""How soon the first token comes, whether all come and how late, what that costs, and how soon a model rests
once it is told to.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import uvloop

from database.settings import Settings
from scripts.benchmarks import streaming, synthetic
from scripts.benchmarks.asking import Answer, ask, tokens_lost
from scripts.benchmarks.process import family_spent, processor_seconds
from scripts.benchmarks.server import PIECES, QUESTIONS, TOKEN_SECONDS, TOKENS, Bench, rested, running_server
from scripts.benchmarks.tables import median_and_p95, table

AT_ONCE = (1, 10, 50, 200)
SENT = "".join(PIECES)
STREAMS = 200
READING_SECONDS = 0.05  # from one token to the next: as fast as people read
READ_TOKENS = 160
LEFT_SECONDS = 10.0
_OF_WHICH = 2  # questions are made for each that is asked: some have no answer

Asked = Mapping[str, Iterator[str]]
"""The next question, by the way in which people ask: where many ask the same, its search is remembered."""


@asynccontextmanager
async def _asked(
    passages: int | None, asks: int, token_seconds: float = TOKEN_SECONDS
) -> AsyncIterator[tuple[Bench, Asked]]:
    """A server, rested, of a collection of so many passages (None: the one that is there), and `asks` or more
    questions about it.
    """
    with tempfile.TemporaryDirectory(prefix="acervo-stream-") as name:
        folder = Path(name)
        ways: Asked = {"five in turn": itertools.cycle(QUESTIONS)}
        if passages:
            embedder = Settings().embedding_model
            texts = await synthetic.asked_about(folder, passages, _OF_WHICH * (asks + 2), embedder=embedder)
            async with running_server(data_dir=folder) as bench:  # another one remembers nothing of this
                texts = await _answered(bench, texts, asks + 2)
            ways = {"the same": itertools.repeat(texts[0]), "each another": iter(texts[1:])}
        async with running_server(
            data_dir=folder if passages else None, token_seconds=token_seconds
        ) as bench:
            for questions in ways.values():  # what the first question loads is no part of the others
                await _ask_server(bench, next(questions))
            await rested(bench.pid)
            yield bench, ways


async def _answered(bench: Bench, texts: list[str], enough: int) -> list[str]:
    """The first ones that aren't refused: those would be answered without the model. Raises ValueError."""
    kept: list[str] = []
    bench.model.pieces = PIECES[:1]
    for text in texts:
        if PIECES[0] in (await _ask_server(bench, text)).text:
            kept.append(text)
        if len(kept) == enough:
            return kept
    raise ValueError(f"only {len(kept)} of {len(texts)} questions are answered")


async def measure(asks: int, leaving: int, passages: int | None) -> str:
    """The table and the line below it. At least `asks` questions for each number asked at once."""
    enough = sum(max(asks, at_once) for at_once in AT_ONCE) + leaving
    async with _asked(passages, enough) as (bench, ways):
        rows = [
            await _row(bench, way, questions, at_once, asks)
            for at_once in AT_ONCE
            for way, questions in ways.items()
        ]
        *_, questions = ways.values()
        left = [await _leave(bench, next(questions)) for _ in range(leaving)]
    head = (
        "asked at once",
        "questions",
        "first token, ms",
        "the model's own, ms",
        "tokens lost",
        "s of processor / 1,000 tokens",
    )
    gone = [seconds for seconds in left if seconds is not None]
    closing = f"median / 95th percentile; {TOKENS} tokens an answer. The model is told to stop "
    closing += f"{median_and_p95(gone)} ms after the person says so ({len(gone)} of {leaving} times)."
    return f"{table(head, rows)}\n\n{closing}"


async def _row(bench: Bench, way: str, questions: Iterator[str], at_once: int, asks: int) -> list[str]:
    rounds = max(1, asks // at_once)
    before = processor_seconds(bench.pid)
    served: list[Answer] = []
    for _ in range(rounds):
        asked = itertools.islice(questions, at_once)
        served += await asyncio.gather(*(_ask_server(bench, one) for one in asked))
    spent = processor_seconds(bench.pid) - before
    direct: list[Answer] = []
    for _ in range(rounds):
        direct += await asyncio.gather(*(_ask_model(bench) for _ in range(at_once)))
    return [
        str(at_once),
        way,
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


async def measure_streaming(passages: int | None) -> str:
    """The table of many answers at once, at the pace of reading."""
    async with _asked(passages, STREAMS, READING_SECONDS) as (bench, ways):
        bench.model.pieces, bench.model.numbered = ("word",) * READ_TOKENS, True
        own: list[Mapping[str, object]] = [{"model": "llama3", "messages": []}] * STREAMS
        address, spent = f"{bench.model_address}/api/chat", partial(family_spent, os.getpid())
        direct = await streaming.stream(bench.session, address, own, bench.model, spent)
        rows = []
        for way, questions in ways.items():
            bodies = [{"prompt": question} for question in itertools.islice(questions, STREAMS)]
            address, spent = f"{bench.address}/", partial(family_spent, bench.pid)
            served = await streaming.stream(bench.session, address, bodies, bench.model, spent)
            lost = str(served.lost)
            rows += [
                ["from the server, while all are written", way, lost, *served.together.cells],
                ["… from the first question to the last line", way, lost, *served.whole.cells],
            ]
    rows += [
        [
            "from the stand-in (the stand-in's and the readers' own)",
            "–",
            str(direct.lost),
            *direct.together.cells,
        ],
    ]
    head = (
        f"{STREAMS} answers",
        "questions",
        "tokens lost",
        "tokens / s",
        "a token's delay, ms",
        "user + system, s / 1,000 tokens",
        "processor, s / 1,000 tokens",
    )
    return f"{table(head, rows)}\n\nMedian / 99th percentile; {READ_TOKENS} tokens an answer."


def _first_tokens(answers: list[Answer]) -> list[float]:
    return [one.first_token_seconds for one in answers if one.first_token_seconds is not None]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="scripts/bench stream", description=__doc__)
    parser.add_argument("--asks", type=int, default=50, help="questions for each number asked at once (50)")
    parser.add_argument("--leaving", type=int, default=20, help="how often somebody stops an answer (20)")
    parser.add_argument(
        "--short", action="store_true", help=f"only {STREAMS} answers at the pace of reading: half a minute"
    )
    parser.add_argument("--chunks", type=int, help="of a made-up collection, else the one that is there")
    options = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        if not options.short:
            print(f"{runner.run(measure(options.asks, options.leaving, options.chunks))}\n")
        print(runner.run(measure_streaming(options.chunks)))
