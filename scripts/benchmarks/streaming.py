"""Many answers at once, at the pace of people's reading: how late each token comes, and what passing it on
costs.

The stand-in that sends the tokens runs in this process, as those who read them do, so that both look at one
clock. What all of that takes by itself is told by reading from the stand-in directly.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import aiohttp

from scripts.benchmarks.asking import SECONDS
from scripts.benchmarks.process import Spent
from scripts.benchmarks.tables import milliseconds, percentile
from tests.stand_ins.ollama import OllamaStandIn

# Over so long the questions come; the stretch in which all are answered is what counts.
_COMING_SECONDS = 3.0

_NUMBER = re.compile(rb"word(\d+) ")
_LONGEST_NUMBER = 20  # bytes


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Some of the tokens."""

    seconds: float
    spent: Spent
    delays: Sequence[float]
    """From the stand-in's sending to the reader's receiving, in seconds."""

    @property
    def cells(self) -> list[str]:
        """Tokens a second, median and 99th percentile of the delay, processor time."""
        tokens = len(self.delays)
        if not tokens or not self.seconds:
            return ["–"] * 4
        user, system = (1000 * seconds / tokens for seconds in (self.spent.user, self.spent.system))
        return [
            f"{tokens / self.seconds:,.0f}",
            f"{milliseconds(percentile(self.delays, 0.5))} / {milliseconds(percentile(self.delays, 0.99))}",
            f"{user:.3f} + {system:.3f}",
            f"{user + system:.3f}",
        ]


@dataclass(frozen=True, kw_only=True)
class Streamed:
    """One run. `together`: from when all answers have begun until the first one ends."""

    lost: int
    whole: Stretch
    together: Stretch


async def stream(
    session: aiohttp.ClientSession,
    address: str,
    bodies: Sequence[Mapping[str, object]],
    model: OllamaStandIn,
    spent: Callable[[], Spent],
) -> Streamed:
    """Ask for an answer with each body; `model`, which numbers its tokens, answers all of them. Raises
    aiohttp.ClientError.
    """
    model.sent.clear()
    run = _Run(len(bodies), model.sent, spent)
    pause = _COMING_SECONDS / len(bodies)
    await asyncio.gather(*(_read(session, address, body, i * pause, run) for i, body in enumerate(bodies)))
    marks = [run.begun, run.all_begun or run.begun, run.one_ended or run.begun, run.mark()]
    return Streamed(
        lost=len(model.sent) - len(run.delays),
        whole=_between(marks[0], marks[3], run.delays),
        together=_between(marks[1], marks[2], run.delays),
    )


@dataclass(frozen=True, kw_only=True)
class _Mark:
    tokens: int
    moment: float
    spent: Spent


@dataclass
class _Run:
    streams: int
    sent: Sequence[float]
    spent: Callable[[], Spent]
    delays: list[float] = field(default_factory=list)
    beginning: int = 0
    all_begun: _Mark | None = None
    one_ended: _Mark | None = None

    def __post_init__(self) -> None:
        self.begun = self.mark()

    def mark(self) -> _Mark:
        return _Mark(tokens=len(self.delays), moment=time.perf_counter(), spent=self.spent())

    def note_beginning(self) -> None:
        self.beginning += 1
        if self.beginning == self.streams:
            self.all_begun = self.mark()

    def note_end(self) -> None:
        if self.one_ended is None:
            self.one_ended = self.mark()


async def _read(
    session: aiohttp.ClientSession, address: str, body: Mapping[str, object], wait: float, run: _Run
) -> None:
    """Reads no more of a line than the number of its token: reading is to cost little."""
    await asyncio.sleep(wait)
    async with session.post(address, json=body, timeout=SECONDS) as response:
        response.raise_for_status()
        rest, began = b"", False
        async for came in response.content.iter_any():
            now = time.perf_counter()
            text, end = rest + came, 0
            for number in _NUMBER.finditer(text):
                run.delays.append(now - run.sent[int(number[1])])
                end = number.end()
            if end and not began:
                began = True
                run.note_beginning()
            rest = text[max(end, len(text) - _LONGEST_NUMBER) :]
    run.note_end()


def _between(first: _Mark, last: _Mark, delays: Sequence[float]) -> Stretch:
    return Stretch(
        seconds=last.moment - first.moment,
        spent=Spent(user=last.spent.user - first.spent.user, system=last.spent.system - first.spent.system),
        delays=delays[first.tokens : last.tokens],
    )
