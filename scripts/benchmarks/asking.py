"""One question asked of a stream of NDJSON lines, timed."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp

SECONDS = aiohttp.ClientTimeout(total=300)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came, and when."""

    text: str
    token_seconds: tuple[float, ...]
    """From asking to each token."""

    ended: bool
    """Whether the last line said that it is complete."""

    @property
    def first_token_seconds(self) -> float | None:
        """None where no token came at all."""
        return self.token_seconds[0] if self.token_seconds else None

    @property
    def gaps(self) -> list[float]:
        """Seconds from each token to the next."""
        return [later - earlier for earlier, later in itertools.pairwise(self.token_seconds)]


async def ask(session: aiohttp.ClientSession, address: str, body: Mapping[str, object]) -> Answer:
    """Ask and read the stream to its end. Raises aiohttp.ClientError."""
    started = time.perf_counter()
    came = []
    pieces = []
    ended = False
    async with session.post(address, json=body, timeout=SECONDS) as response:
        response.raise_for_status()
        async for line in response.content:
            told = json.loads(line)
            ended = bool(told.get("done"))
            if content := told.get("message", {}).get("content", ""):
                came.append(time.perf_counter() - started)
                pieces.append(content)
    return Answer(text="".join(pieces), token_seconds=tuple(came), ended=ended)


def tokens_lost(sent: str, received: str) -> int:
    """How many words of the text sent are not in the text received."""
    return len(set(sent.split()) - set(received.split()))
