"""The server over a MongoDB that goes and comes back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from database.collection import Collection
from database.files.gridfs import GridFSFiles
from database.files.local import LocalFiles
from database.retrieve import Retriever
from database.stores import atlas_stages
from database.stores.atlas import AtlasStore
from tests.app.talking import lines_of, talking, text_of
from tests.atlas_stand_in.process import StandIn
from tests.contracts.store_contract import put
from tests.database.fakes import WordsEmbedder

SOON = 3.0
BACK_WITHIN = 20.0


@pytest.fixture
async def mongodb(tmp_path: Path) -> AsyncIterator[tuple[StandIn, Collection]]:
    """A collection in a MongoDB of its own."""
    with StandIn(lag=0.02, build=0.05) as running:
        store = AtlasStore.open(running.uri, "acervo", embedder="words")
        embedder = WordsEmbedder()
        yield (
            running,
            Collection(
                store=store,
                files=GridFSFiles(store.database, cache=LocalFiles(tmp_path)),
                retriever=Retriever(store=store, embedder=embedder),
            ),
        )
        await store.close()


async def ask(client: aiohttp.ClientSession) -> tuple[int, str, float]:
    """The status, the code of an error or the text of an answer, and how long it took."""
    begun = time.monotonic()
    async with client.post("/", json={"prompt": "Qual é o prazo de recurso?"}) as response:
        if response.status != 200:
            said = (await response.json())["code"]
        else:
            said = text_of(await lines_of(response))
    return response.status, said, time.monotonic() - begun


async def test_a_store_that_is_gone_is_told_within_three_seconds_and_found_again(
    mongodb: tuple[StandIn, Collection],
) -> None:
    """Every route says so, whether connections are refused or nothing answers; then it goes on."""
    running, collection = mongodb
    await put(collection.store, "a", "O prazo de recurso é de dez dias úteis.")
    async with talking(collection) as client:
        status, said, _ = await ask(client)
        assert (status, "dez dias" in said) == (200, True)
        for stop, start, routes in (
            (running.kill, running.start, ("/documents", "/documents/a/file")),
            (running.pause, running.resume, ("/readyz",)),
        ):
            await asyncio.to_thread(stop)
            status, said, seconds = await ask(client)
            assert (status, said) == (503, "store_unavailable")
            assert seconds < SOON
            for route in routes:
                begun = time.monotonic()
                async with client.get(route) as response:
                    assert (response.status, (await response.json())["code"]) == (503, "store_unavailable")
                assert time.monotonic() - begun < SOON
            await asyncio.to_thread(start)
            until = time.monotonic() + BACK_WITHIN
            while (await ask(client))[0] != 200:
                assert time.monotonic() < until
                await asyncio.sleep(0.1)


async def test_readiness_says_what_is_wrong_and_what_to_do(mongodb: tuple[StandIn, Collection]) -> None:
    """In the language of whoever asks."""
    _, collection = mongodb
    assert isinstance(collection.store, AtlasStore)
    await put(collection.store, "a", "O prazo é de dez dias.")
    async with talking(collection) as client:
        async with client.get("/readyz") as response:
            assert response.status == 200
        await collection.store.database["chunks"].drop_search_index(atlas_stages.VECTOR_INDEX)
        async with client.get("/readyz", headers={"Accept-Language": "pt"}) as response:
            told = await response.json()
        assert (response.status, told["code"]) == (503, "store_unavailable")
        assert told["error"].startswith("Falta o índice de busca vector_index.")
        assert "python -m database seed" in told["error"]
        status, said, _ = await ask(client)
        assert (status, said) == (503, "store_unavailable")


async def test_the_server_starts_while_its_store_is_away(mongodb: tuple[StandIn, Collection]) -> None:
    """It says so, and answers as soon as the store is there."""
    running, collection = mongodb
    await put(collection.store, "a", "O prazo de recurso é de dez dias úteis.")
    await asyncio.to_thread(running.kill)
    async with talking(collection) as client:
        async with client.get("/healthz") as response:
            assert response.status == 200
        assert (await ask(client))[:2] == (503, "store_unavailable")
        await asyncio.to_thread(running.start)
        until = time.monotonic() + BACK_WITHIN
        while (await ask(client))[0] != 200:
            assert time.monotonic() < until
            await asyncio.sleep(0.1)
