"""The server as a process of its own, answering from a stand-in for Ollama that gives 50 tokens a second, or
as many as asked for.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from scripts.benchmarks.process import family_processor_seconds
from scripts.start.places import CLONE
from tests.stand_ins.ollama import OllamaStandIn

TOKENS = 100
TOKEN_SECONDS = 0.02  # a model of 8 billion weights on a good graphics card
READY_SECONDS = 120.0
_LOOKING_SECONDS = 0.5
_RESTING = 0.1  # of a core
STOP_SECONDS = 40.0
PIECES = tuple(f"word{n} " for n in range(TOKENS))

# Each is answered by the documents that come with the clone.
QUESTIONS = (
    "On which port does the server listen?",
    "How do I add a document to the collection?",
    "Which language models can answer?",
    "What does the answer quote its sources with?",
    "How do I remove a document?",
)


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What a benchmark works with."""

    session: aiohttp.ClientSession
    address: str
    """Of the server."""

    model: OllamaStandIn
    model_address: str
    pid: int
    """Of the server's process."""


@asynccontextmanager
async def running_server(
    *, data_dir: Path | None = None, token_seconds: float = TOKEN_SECONDS
) -> AsyncIterator[Bench]:
    """The server, ready, with the collection of this folder, else the clone's.

    Raises TimeoutError or RuntimeError if it isn't.
    """
    stand_in = OllamaStandIn(pieces=PIECES, pause=token_seconds)
    connector = aiohttp.TCPConnector(limit=0)
    async with stand_in.running() as model_address, aiohttp.ClientSession(connector=connector) as session:
        port = _free_port()
        address = f"http://127.0.0.1:{port}"
        environ = {
            **os.environ,
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "OLLAMA_HOST": model_address,
            "OLLAMA_MODEL": "llama3",
            "GOOGLE_API_KEY": "",
            "LOG_LEVEL": "WARNING",
            **({"DATA_DIR": str(data_dir), "MONGODB_URI": ""} if data_dir else {}),
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "app", cwd=CLONE.root, env=environ, stdout=asyncio.subprocess.DEVNULL
        )
        try:
            await _wait_until_ready(session, address, process)
            yield Bench(
                session=session,
                address=address,
                model=stand_in,
                model_address=model_address,
                pid=process.pid,
            )
        finally:
            if process.returncode is None:
                process.terminate()
                await asyncio.wait_for(process.wait(), STOP_SECONDS)


async def _wait_until_ready(
    session: aiohttp.ClientSession, address: str, process: asyncio.subprocess.Process
) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.returncode is not None:
            raise RuntimeError(f"The server ended with status {process.returncode}.")
        try:
            async with session.get(f"{address}/readyz") as response:
                if response.status == 200:
                    return
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(0.1)
    raise TimeoutError(f"The server was not ready after {READY_SECONDS:.0f} s.")


async def rested(pid: int) -> None:
    """Wait until it has read beforehand what questions will need."""
    before = family_processor_seconds(pid)
    for _ in range(int(READY_SECONDS / _LOOKING_SECONDS)):
        await asyncio.sleep(_LOOKING_SECONDS)
        now = family_processor_seconds(pid)
        if now - before < _RESTING * _LOOKING_SECONDS:
            return
        before = now
    raise TimeoutError("The server is busy with something else.")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port
