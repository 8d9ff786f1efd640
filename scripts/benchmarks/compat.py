"""What it costs to be asked as Ollama or OpenAI is: the same questions by three protocols, in turn."""

from __future__ import annotations

import argparse
import asyncio
import itertools
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
import uvloop

from scripts.benchmarks.asking import SECONDS, tokens_lost
from scripts.benchmarks.process import processor_seconds
from scripts.benchmarks.server import PIECES, QUESTIONS, TOKENS, Bench, running_server
from scripts.benchmarks.tables import milliseconds, percentile_95, table

_FIRST = PIECES[0].strip()
_SENT = "".join(PIECES)


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """An address of the server, and how a question is sent there."""

    path: str

    def body(self, question: str) -> Mapping[str, object]:
        if self.path == "/":
            return {"prompt": question}
        return {"model": "acervo", "stream": True, "messages": [{"role": "user", "content": question}]}


PROTOCOLS = tuple(Protocol(path=path) for path in ("/", "/api/chat", "/v1/chat/completions"))


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One answer: seconds to its first token, what it took of the server's processor, and what was lost."""

    first_token_seconds: float
    processor_seconds: float
    lost: int


async def measure(asks: int) -> str:
    """The table: `asks` questions by each protocol. They take turns, so that all have the same machine."""
    answers: dict[Protocol, list[Asked]] = {protocol: [] for protocol in PROTOCOLS}
    async with running_server() as bench:
        for protocol in PROTOCOLS:  # what the first question loads is no part of the others
            await _ask(bench, protocol, QUESTIONS[0])
        for question, _ in zip(itertools.cycle(QUESTIONS), range(asks), strict=False):
            for protocol in PROTOCOLS:
                answers[protocol].append(await _ask(bench, protocol, question))
    head = (
        "route",
        "first token, ms",
        "more than `POST /`, ms",
        "tokens lost",
        "s of processor / 1,000 tokens",
    )
    rows = [_row(protocol, answers[protocol], answers[PROTOCOLS[0]]) for protocol in PROTOCOLS]
    return f"{table(head, rows)}\n\nMedian / 95th percentile of {asks}; {TOKENS} tokens an answer."


def _row(protocol: Protocol, answers: list[Asked], own: list[Asked]) -> list[str]:
    """What is more is the median of the differences between questions that followed each other."""
    seconds = [one.first_token_seconds for one in answers]
    more = [
        one.first_token_seconds - other.first_token_seconds for one, other in zip(answers, own, strict=True)
    ]
    spent = sum(one.processor_seconds for one in answers)
    return [
        f"`POST {protocol.path}`",
        f"{milliseconds(statistics.median(seconds))} / {milliseconds(percentile_95(seconds))}",
        "–" if protocol.path == "/" else milliseconds(statistics.median(more)),
        str(sum(one.lost for one in answers)),
        f"{spent / (len(answers) * TOKENS / 1000):.2f}",
    ]


async def _ask(bench: Bench, protocol: Protocol, question: str) -> Asked:
    """Raises aiohttp.ClientError."""
    before = processor_seconds(bench.pid)
    first, text = await _read(bench.session, f"{bench.address}{protocol.path}", protocol.body(question))
    return Asked(
        first_token_seconds=first,
        processor_seconds=processor_seconds(bench.pid) - before,
        lost=tokens_lost(_SENT, text.replace('"', " ")),
    )


async def _read(
    session: aiohttp.ClientSession, address: str, body: Mapping[str, object]
) -> tuple[float, str]:
    """Seconds to the first token, and all that came."""
    came = b""
    first = 0.0
    started = time.perf_counter()
    async with session.post(address, json=body, timeout=SECONDS) as response:
        response.raise_for_status()
        async for some in response.content.iter_any():
            came += some
            if not first and f'"{_FIRST} "'.encode() in came:
                first = time.perf_counter() - started
    return first, came.decode()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="scripts/bench compat", description=__doc__)
    parser.add_argument("--asks", type=int, default=50, help="questions by each protocol (50)")
    options = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(runner.run(measure(options.asks)))
