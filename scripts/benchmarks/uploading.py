"""Documents sent to the server, and how far it is with them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import aiohttp

from scripts.benchmarks.server import Bench

Stage = Literal["vectors", "layout", "rest"]
"""What is still being done for some document: vectors (or its text, before), else layout, else nothing."""

STAGES: Sequence[Stage] = ("vectors", "layout", "rest")

_FOUND_SECONDS = 120.0
_STAGE_SECONDS = 600.0
_LOOK_SECONDS = 0.1  # a search takes the server some 20 ms of a core that the loader could use
_SETTLE_SECONDS = 2.0  # until the loader has let go of the collection


async def send(bench: Bench, *files: Path) -> None:
    """Return when the server has taken them. Raises aiohttp.ClientError."""
    form = aiohttp.FormData()
    for path in files:
        form.add_field("file", path.read_bytes(), filename=path.name, content_type="application/pdf")
    async with bench.session.post(f"{bench.address}/documents", data=form) as response:
        response.raise_for_status()


async def seconds_until_found(bench: Bench, file: Path, word: str) -> float:
    """From the first byte sent to the first search that finds the word. Raises TimeoutError."""
    started = time.perf_counter()
    await send(bench, file)
    await _until(lambda: _finds(bench, word), _FOUND_SECONDS)
    return time.perf_counter() - started


async def stage(bench: Bench) -> Stage:
    """Raises RuntimeError where a document failed."""
    left: set[str] = set()
    for document in await _documents(bench):
        if document["status"] == "failed":
            raise RuntimeError(f"{document['name']} could not be loaded: {document['error']}")
        if document["status"] != "ready":
            left.add("vectors")
        left |= {name for name, part in document.get("progress", {}).items() if part["done"] < part["of"]}
    return next((one for one in STAGES if one in left), "rest")


async def wait_for(bench: Bench, *wanted: Stage) -> None:
    """Raises TimeoutError, RuntimeError."""

    async def reached() -> bool:
        return await stage(bench) in wanted

    await _until(reached, _STAGE_SECONDS)


async def rest(bench: Bench) -> None:
    """Wait until nothing is being loaded. Raises TimeoutError, RuntimeError."""
    await wait_for(bench, "rest")
    await asyncio.sleep(_SETTLE_SECONDS)


async def _until(reached: Callable[[], Awaitable[bool]], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while True:
            if await reached():
                return
            await asyncio.sleep(_LOOK_SECONDS)


async def _documents(bench: Bench) -> list[dict[str, Any]]:
    async with bench.session.get(f"{bench.address}/documents") as response:
        response.raise_for_status()
        documents: list[dict[str, Any]] = (await response.json())["documents"]
        return documents


async def _finds(bench: Bench, word: str) -> bool:
    async with bench.session.post(f"{bench.address}/search", json={"query": word}) as response:
        response.raise_for_status()
        return any(word in match["text"] for match in (await response.json())["matches"])
