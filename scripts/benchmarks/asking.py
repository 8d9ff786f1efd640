"""One question asked of a stream of NDJSON lines, timed."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp

SECONDS = aiohttp.ClientTimeout(total=300)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came, and when the first of it did."""

    text: str
    first_token_seconds: float | None
    """None where no token came at all."""


async def ask(session: aiohttp.ClientSession, address: str, body: Mapping[str, object]) -> Answer:
    """Ask and read the stream to its end. Raises aiohttp.ClientError."""
    started = time.perf_counter()
    first: float | None = None
    pieces = []
    async with session.post(address, json=body, timeout=SECONDS) as response:
        response.raise_for_status()
        async for line in response.content:
            content = json.loads(line).get("message", {}).get("content", "")
            if content and first is None:
                first = time.perf_counter() - started
            pieces.append(content)
    return Answer(text="".join(pieces), first_token_seconds=first)


def tokens_lost(sent: str, received: str) -> int:
    """How many words of the text sent are not in the text received."""
    return len(set(sent.split()) - set(received.split()))
