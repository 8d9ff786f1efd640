"""The tools at `/mcp` of a running server."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import aiohttp
import pytest
from mcp import Client, MCPError, types

from app.middlewares import LARGEST_BODY
from database.collection import Collection
from database.records import Match, Scope
from database.retrieve import EVERYTHING
from tests.app.fakes import FakeEmbedder, FakeRetriever, FakeStore, a_collection, a_match
from tests.app.mcp.asking import a_book, asking, given, holding, told
from tests.app.talking import served

ROOT = Path(__file__).parents[3]
RECORD, CHUNKS = a_book()
COLLECTION = holding((RECORD, CHUNKS), matches=[a_match(RECORD, CHUNKS[0])])

ACCEPT = {"Accept": "application/json, text/event-stream"}
LATEST = {**ACCEPT, "MCP-Protocol-Version": "2026-07-28"}


def calling(question: str) -> dict[str, Any]:
    return {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "search", "arguments": {"question": question}},
    }


@pytest.fixture
async def address() -> AsyncIterator[str]:
    async with served(COLLECTION) as address:
        yield f"{address}/mcp"


@pytest.mark.parametrize(("mode", "version"), [("auto", "2026-07-28"), ("legacy", "2025-11-25")])
async def test_the_official_client_does_everything(
    address: str, mode: Literal["auto", "legacy"], version: str
) -> None:
    """By the protocol's newest version and by the ones with a handshake."""
    async with Client(address, mode=mode) as client:
        assert client.protocol_version == version
        assert client.server_info is not None
        assert client.server_info.name == "acervo"
        assert len((await client.list_tools()).tools) == 3
        found = await given(client, "search", {"question": "What?"})
        assert found["passages"][0]["document_id"] == "book"
        read = await given(client, "read_page", {"document_id": "book", "page": 2})
        assert read["text"].startswith("Page 2,")
        assert (await given(client, "list_documents", {}))["total"] == 1
        (resource,) = (await client.list_resources()).resources
        assert len((await client.read_resource(resource.uri)).contents) == 3
        assert (await told(client, "read_page", {"document_id": "book", "page": 9})).startswith(
            "There is no page"
        )
        with pytest.raises(MCPError, match="There is no resource"):
            await client.read_resource("acervo://nothing")


async def test_clients_side_by_side_get_their_own_answers(address: str) -> None:
    """Each request stands alone."""
    async with Client(address) as one, Client(address, mode="legacy") as other:
        pages = [1, 2, 3] * 5
        texts = await asyncio.gather(
            *(
                given(client, "read_page", {"document_id": "book", "page": page})
                for page, client in zip(pages, [one, other, one] * 5, strict=True)
            )
        )
    assert [text["page"] for text in texts] == pages


async def test_there_is_nothing_that_a_restart_would_end(address: str) -> None:
    """Who has shaken hands with a server goes on with the next one, by the name that the first one gave."""
    hello = {
        "jsonrpc": "2.0",
        "id": 0,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        },
    }
    async with aiohttp.ClientSession() as client:
        async with client.post(address, json=hello, headers=ACCEPT) as response:
            named = {"Mcp-Session-Id": response.headers["Mcp-Session-Id"]}
            assert (await response.json())["result"]["protocolVersion"] == "2025-06-18"
        async with served(COLLECTION) as another:
            headers = {**ACCEPT, **named, "MCP-Protocol-Version": "2025-06-18"}
            async with client.post(f"{another}/mcp", json=calling("What?"), headers=headers) as response:
                assert (await response.json())["result"]["structuredContent"]["relevant"]


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Host": "evil.example"}, 400, "bad_request"),
        ({"Origin": "https://evil.example"}, 403, "origin_refused"),
        ({"Origin": "null"}, 403, "origin_refused"),
        ({"Sec-Fetch-Site": "cross-site"}, 403, "origin_refused"),
    ],
)
async def test_a_strangers_page_is_refused(
    address: str, headers: dict[str, str], status: int, code: str
) -> None:
    """Also one that has bound its name to this address; what it asks is never done."""
    retriever = COLLECTION.retriever
    assert isinstance(retriever, FakeRetriever)
    async with aiohttp.ClientSession() as client:
        async with client.post(address, json=calling("hostile"), headers={**ACCEPT, **headers}) as response:
            assert response.status == status
            assert (await response.json())["code"] == code
        assert "hostile" not in [asked[0] for asked in retriever.asked]
        async with client.post(address, json=calling("friendly"), headers=ACCEPT) as response:
            assert response.status == 200
        assert "friendly" in [asked[0] for asked in retriever.asked]


async def test_what_a_form_can_send_is_refused(address: str) -> None:
    """A browser sends it without asking first."""
    headers = {**ACCEPT, "Content-Type": "text/plain"}
    async with (
        aiohttp.ClientSession() as client,
        client.post(address, data=json.dumps(calling("?")), headers=headers) as response,
    ):
        assert response.status == 400


async def test_too_much_is_refused(address: str) -> None:
    """As everywhere."""
    body = io.BytesIO(json.dumps(calling("x" * LARGEST_BODY)).encode())
    headers = {**ACCEPT, "Content-Type": "application/json"}
    async with (
        aiohttp.ClientSession() as client,
        client.post(address, data=body, headers=headers) as response,
    ):
        assert response.status == 413


@pytest.mark.parametrize("method", ["tools/nothing", "subscriptions/listen", "prompts/list"])
async def test_what_is_not_served_is_said(address: str, method: str) -> None:
    """Also where the protocol would answer with a stream."""
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    params = {"_meta": meta, "notifications": {"toolsListChanged": True}}
    asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    async with (
        aiohttp.ClientSession() as client,
        client.post(address, json=asked, headers={**LATEST, "Mcp-Method": method}) as response,
    ):
        assert response.status == 404
        assert (await response.json())["error"]["code"] == types.METHOD_NOT_FOUND


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_there_are_no_sessions_and_no_streams(address: str, method: str) -> None:
    """Clients learn it by the status that the protocol has for it."""
    async with aiohttp.ClientSession() as client, client.request(method, address, headers=ACCEPT) as response:
        assert response.status == 405
        assert response.headers["Allow"] == "POST"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"jsonrpc":"2.0"}', b"\xff", b"[" * 100_000])
@pytest.mark.parametrize("headers", [ACCEPT, LATEST])
async def test_what_is_no_message_is_an_error_of_the_protocol(
    address: str, body: bytes, headers: dict[str, str]
) -> None:
    """With a status for HTTP, too."""
    headers = {**headers, "Content-Type": "application/json"}
    async with (
        aiohttp.ClientSession() as client,
        client.post(address, data=body, headers=headers) as response,
    ):
        assert response.status == 400
        assert (await response.json())["error"]["code"] in (-32700, -32600, -32602)


class Slow(FakeRetriever):
    """Never finds anything, and notes who stopped waiting."""

    def __init__(self) -> None:
        super().__init__(store=FakeStore(), embedder=FakeEmbedder())
        self.begun, self.left = asyncio.Event(), asyncio.Event()

    async def search(
        self, question: str, *, scope: Scope = EVERYTHING, limit: int = 10, language: str | None = None
    ) -> list[Match]:
        if question != "slow":
            return []
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.left.set()
        return []


def with_retriever(retriever: FakeRetriever) -> Collection:
    return replace(a_collection(), retriever=retriever)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_call_that_is_cancelled_ends_in_the_server(mode: Literal["auto", "legacy"]) -> None:
    """And the client goes on."""
    slow = Slow()
    async with served(with_retriever(slow)) as address, Client(f"{address}/mcp", mode=mode) as client:
        call = asyncio.create_task(client.call_tool("search", {"question": "slow"}))
        await asyncio.wait_for(slow.begun.wait(), 5)
        assert not slow.left.is_set()
        call.cancel()
        await asyncio.wait_for(slow.left.wait(), 5)
        assert (await given(client, "list_documents", {}))["total"] == 0


async def test_over_standard_streams_a_call_is_cancelled_too() -> None:
    """By the same server, whatever carries its messages."""
    slow = Slow()
    async with asking(with_retriever(slow)) as client:
        call = asyncio.create_task(client.call_tool("search", {"question": "slow"}))
        await asyncio.wait_for(slow.begun.wait(), 5)
        call.cancel()
        await asyncio.wait_for(slow.left.wait(), 5)
        assert (await given(client, "list_documents", {}))["total"] == 0


async def test_nobody_cancels_what_another_client_asked() -> None:
    """Though clients count their requests alike; what isn't known, or is no id, is passed over."""
    slow = Slow()

    def cancelled(id_: object) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id_}}

    async with served(with_retriever(slow)) as address, aiohttp.ClientSession(address) as client:
        mine, theirs = ({**ACCEPT, "Mcp-Session-Id": name} for name in ("mine", "theirs"))
        call = asyncio.create_task(client.post("/mcp", json=calling("slow"), headers=mine))
        await asyncio.wait_for(slow.begun.wait(), 5)
        for headers, id_ in ((theirs, 1), (ACCEPT, 1), (mine, 2), (mine, "1"), (mine, [1])):
            async with client.post("/mcp", json=cancelled(id_), headers=headers):
                assert not slow.left.is_set()
        async with client.post("/mcp", json=cancelled(1), headers=mine) as response:
            assert response.status == 202
        await asyncio.wait_for(slow.left.wait(), 5)
        async with await asyncio.wait_for(call, 5) as response:
            assert (response.status, await response.read()) == (202, b"")


@pytest.mark.parametrize("headers", [ACCEPT, {**ACCEPT, "MCP-Protocol-Version": "2025-06-18"}])
async def test_who_leaves_is_searched_for_no_longer(headers: dict[str, str]) -> None:
    """By whichever version: to close the connection is to cancel."""
    slow = Slow()
    async with served(with_retriever(slow)) as address, aiohttp.ClientSession() as client:
        call = asyncio.create_task(client.post(f"{address}/mcp", json=calling("slow"), headers=headers))
        await asyncio.wait_for(slow.begun.wait(), 5)
        assert not slow.left.is_set()
        call.cancel()
        await asyncio.wait_for(slow.left.wait(), 5)


async def test_stopping_the_server_waits_for_nobody() -> None:
    """Neither for those who have asked nor for those who only came by."""
    slow = Slow()
    async with aiohttp.ClientSession() as client:
        async with asyncio.timeout(5), served(with_retriever(slow)) as address:
            asked = asyncio.create_task(client.post(f"{address}/mcp", json=calling("slow"), headers=ACCEPT))
            await slow.begun.wait()
        with pytest.raises(aiohttp.ClientError):
            await asked


def test_the_protocols_package_is_not_imported_before_it_is_asked_for() -> None:
    """It would take most of a second of every start."""
    code = "import app.main, sys; print('mcp' in sys.modules, 'app.mcp.endpoint' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.split() == ["False", "True"]
