"""The application as a whole."""

from __future__ import annotations

import ast
import asyncio
import gc
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

import app
from database.errors import StoreUnavailable
from tests.app.fakes import FakeStore, a_collection, a_match
from tests.app.talking import lines_of, served, text_of
from tests.stand_ins.ollama import OllamaStandIn

FOUND = a_collection([a_match()])
ROOT = Path(app.__file__).parent


async def test_stopping_lets_answers_end() -> None:
    """An answer that has begun is finished; who comes meanwhile is refused."""
    stand_in = OllamaStandIn(pieces=["tok "] * 20, pause=0.02)
    async with stand_in.running() as ollama, aiohttp.ClientSession() as client, AsyncExitStack() as server:
        address = await server.enter_async_context(served(FOUND, shutdown_seconds=5, ollama_host=ollama))
        response = await client.post(address, json={"prompt": "What?"})
        await response.content.readline()
        stopping = asyncio.create_task(server.aclose())
        lines = asyncio.create_task(lines_of(response))
        await asyncio.sleep(0.1)
        with pytest.raises(aiohttp.ClientConnectorError):
            await client.get(f"{address}/healthz")
        assert not stopping.done()
        assert text_of(await lines) == "tok " * 20
        await stopping


async def test_stopping_does_not_wait_for_ever() -> None:
    """A model that says nothing any more can't keep the server from ending."""
    stand_in = OllamaStandIn(stall_after=1)
    async with stand_in.running() as ollama, aiohttp.ClientSession() as client, AsyncExitStack() as server:
        address = await server.enter_async_context(served(FOUND, shutdown_seconds=0.2, ollama_host=ollama))
        response = await client.post(address, json={"prompt": "What?"})
        await response.content.readline()
        async with asyncio.timeout(2):
            await server.aclose()
        await asyncio.wait_for(stand_in.left.wait(), 1)


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_what_serves_requests_loads_no_documents(path: Path) -> None:
    """Parsers of untrusted files have no place in the server's process."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        modules += [name.name for name in node.names] if isinstance(node, ast.Import) else []
        assert not any(module.startswith(("database.load", "pymupdf", "fitz")) for module in modules)


async def test_the_collection_is_read_beforehand() -> None:
    """While questions are answered already; a store that is away keeps nobody from asking. Nor does garbage
    collection read all of it again.
    """
    for failure in (None, StoreUnavailable("unreadable", detail="gone")):
        store = FakeStore()
        collection = a_collection([a_match()], store=store)
        store.failure = failure
        async with served(collection) as address, aiohttp.ClientSession() as client:
            async with client.post(f"{address}/search", json={"query": "What?"}) as response:
                assert response.status == 200
            assert store.warmed == (failure is None)
            assert gc.get_freeze_count() > 0
