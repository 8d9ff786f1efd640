"""From a file that is sent to an answer's passage and out again: the real loader beside a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from app.main import create_app
from app.settings import Settings
from database.collection import open_storage
from tests.app.talking import NOBODY, lines_of
from tests.database.fakes import write_pdf
from tests.stand_ins.serving import serve


@asynccontextmanager
async def talking(data_dir: Path) -> AsyncIterator[aiohttp.ClientSession]:
    settings = Settings.load(_env_file=None, data_dir=data_dir, ollama_host=NOBODY, google_api_key=None)
    async with serve(create_app(settings)) as address, aiohttp.ClientSession(address) as client:
        yield client


async def sent(client: aiohttp.ClientSession, path: Path) -> str:
    data = aiohttp.FormData()
    data.add_field("file", path.read_bytes(), filename=path.name)
    async with client.post("/documents", data=data) as response:
        assert response.status == 202
        (document,) = (await response.json())["documents"]
        return str(document["id"])


async def events(client: aiohttp.ClientSession, document: str) -> list[dict[str, Any]]:
    async with client.get(f"/documents/{document}/events") as response:
        return await lines_of(response)


async def found(client: aiohttp.ClientSession, query: str) -> list[str]:
    async with client.post("/search", json={"query": query}) as response:
        return [match["document"]["name"] for match in (await response.json())["matches"]]


async def test_a_file_is_sent_found_and_deleted(tmp_path: Path) -> None:
    """Also after the server was stopped while it was loaded; and nothing of it is left at the end."""
    first = write_pdf(
        tmp_path / "edital.pdf", "O objeto deste edital.", "O prazo de entrega é de trinta dias."
    )
    second = write_pdf(tmp_path / "outro.pdf", *(f"Página {n} sobre bibliotecas." for n in range(6)))
    data = tmp_path / "data"
    async with talking(data) as client:
        document = await sent(client, first)
        last = (await events(client, document))[-1]
        assert (last["status"], last["pages"]) == ("ready", 2)
        assert (await found(client, "prazo de entrega"))[0] == "edital.pdf"
        async with client.get(f"/documents/{document}/file") as response:
            assert await response.read() == first.read_bytes()
        other = await sent(client, second)
    async with talking(data) as client:
        assert (await events(client, other))[-1]["status"] == "ready"
        async with client.delete(f"/documents/{document}") as response:
            assert response.status == 204
        assert "edital.pdf" not in await found(client, "prazo de entrega")
        async with client.get(f"/documents/{document}/file") as response:
            assert response.status == 404
        async with client.delete(f"/documents/{other}") as response:
            assert response.status == 204
        await bytes_gone(data / "files")
    assert not [path for path in (data / "uploads").rglob("*") if path.is_file()]


async def test_a_terminal_that_loads_is_waited_for(tmp_path: Path) -> None:
    """The document says so, and is loaded when the terminal has finished."""
    path = write_pdf(tmp_path / "edital.pdf", "O objeto deste edital.")
    settings = Settings.load(_env_file=None, data_dir=tmp_path / "data")
    async with talking(tmp_path / "data") as client:
        async with open_storage(settings) as storage:
            await storage.store.claim()
            document = await sent(client, path)
            async with client.get(f"/documents/{document}/events") as response:
                async for line in response.content:
                    if b'"waiting"' in line:
                        break
                assert b"store_busy" in line
        assert (await events(client, document))[-1]["status"] == "ready"


async def bytes_gone(folder: Path) -> None:
    """They go when the loader has nothing else to do."""
    async with asyncio.timeout(10):
        while [path for path in folder.rglob("*") if path.is_file()]:
            await asyncio.sleep(0.05)
