"""`python -m app mcp`: a real process, over a real collection that another process is writing to."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from mcp import Client, MCPError, StdioServerParameters, types

from database.files.local import LocalFiles
from database.records import Chunk
from database.stores.lance import LanceStore
from tests.app.fakes import a_chunk, a_document
from tests.app.mcp.asking import given, told

ROOT = Path(__file__).parents[3]
MANUAL = ROOT / "database/pdf/acervo-manual-en.pdf"

COMMAND = [sys.executable, "-m", "app", "mcp"]

TEXTS = (
    "Appeals must be lodged within thirty days of the decision.",
    "The warranty of the pump covers twenty-four months.",
    "Complaints about noise are answered by the harbour master.",
)


async def fill(folder: Path) -> LanceStore:
    """A document of three pages, found by its words. The store stays open, and its writer's claim held."""
    sha256 = await LocalFiles(folder / "files").put(MANUAL)
    store = await LanceStore.open(folder, embedder="bundled")
    record = a_document("doc", name="rules.pdf", sha256=sha256, pages=len(TEXTS), status="embedding")
    chunks: list[Chunk] = [a_chunk("doc", position, text) for position, text in enumerate(TEXTS)]
    await store.put(record, chunks)
    await store.claim()
    return store


def environment(folder: Path, **changes: str) -> dict[str, str]:
    unset = {"GOOGLE_API_KEY": "", "MONGODB_URI": "", "OPENAI_BASE_URL": "", "EMBEDDING_MODEL": "bundled"}
    return {
        **os.environ, **unset, "DATA_DIR": str(folder), "LC_ALL": "en_GB.UTF-8", "PYTHONPATH": str(ROOT),
        **changes,
    }  # fmt: skip


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_program_that_starts_it_gets_everything(
    tmp_path: Path, mode: Literal["auto", "legacy"]
) -> None:
    """While another process has the collection to write to it."""
    store = await fill(tmp_path)
    parameters = StdioServerParameters(command=COMMAND[0], args=COMMAND[1:], env=environment(tmp_path))
    async with asyncio.timeout(60), Client(parameters, mode=mode) as client:
        assert client.server_info is not None
        assert client.server_info.name == "acervo"
        assert len((await client.list_tools()).tools) == 3
        (listed,) = (await given(client, "list_documents", {}))["documents"]
        assert (listed["id"], listed["name"], listed["pages"]) == ("doc", "rules.pdf", 3)
        found = await given(client, "search", {"question": "Within how many days must appeals be lodged?"})
        assert found["relevant"]
        assert (found["passages"][0]["page"], found["passages"][0]["text"]) == (1, TEXTS[0])
        nothing = await given(client, "search", {"question": "Who won the world cup of 1954?"})
        assert (nothing["relevant"], nothing["passages"]) == (False, [])
        shown = await client.call_tool("read_page", {"document_id": "doc", "page": 2, "picture": True})
        assert shown.structured_content is not None
        assert shown.structured_content["text"] == TEXTS[1]
        assert [content.type for content in shown.content] == ["text", "image"]
        assert await told(client, "search", {"question": ""}) == (
            "The question is missing: send it in the field `question`."
        )
        assert (await told(client, "read_page", {"document_id": "doc", "page": 4})).startswith(
            "There is no page 4"
        )
        assert (await told(client, "read_page", {"document_id": "x"})).startswith(
            "The collection has no document"
        )
        (resource,) = (await client.list_resources()).resources
        contents = (await client.read_resource(f"{resource.uri}/pages/3")).contents
        assert isinstance(contents[0], types.TextResourceContents)
        assert contents[0].text == TEXTS[2]
        with pytest.raises(MCPError, match="There is no page 4"):
            await client.read_resource(f"{resource.uri}/pages/4")

        await store.put(
            a_document("new", name="new.md", pages=None), [a_chunk("new", page=None, last_page=None)]
        )
        assert (await given(client, "list_documents", {}))["total"] == 2
    await store.close()


def message(id_: int | None, method: str, **params: Any) -> bytes:
    whole = {"jsonrpc": "2.0", "method": method, "params": params, **({} if id_ is None else {"id": id_})}
    return json.dumps(whole).encode() + b"\n"


HELLO = message(
    1, "initialize", protocolVersion="2025-06-18", capabilities={}, clientInfo={"name": "t", "version": "1"}
) + message(None, "notifications/initialized")


class Raw:
    """The process itself, whose every line is looked at."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        assert process.stdin
        assert process.stdout
        self.stdin, self.stdout = process.stdin, process.stdout

    async def end(self) -> tuple[bytes, bytes]:
        """Close its input; what it still wrote to both of its outputs."""
        return await self.process.communicate(b"")

    async def answer(self) -> dict[str, Any]:
        """The next line, which must be a message."""
        line = await self.stdout.readline()
        whole = json.loads(line)
        assert whole["jsonrpc"] == "2.0"
        assert isinstance(whole, dict)
        return whole


@asynccontextmanager
async def started(folder: Path, **changes: str) -> AsyncIterator[Raw]:
    """No test may wait for it for ever, or leave it behind."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        env=environment(folder, **changes),
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(30):
            yield Raw(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate(b"")


async def test_nothing_but_messages_is_written_and_the_end_of_the_input_is_the_end(tmp_path: Path) -> None:
    """Logs go to the standard error, whatever they tell; input that is no message ends nothing."""
    await (await fill(tmp_path)).close()
    async with started(tmp_path, LOG_LEVEL="DEBUG") as server:
        server.stdin.write(b"this is no message\n\n" + HELLO + message(2, "tools/list"))
        assert (await server.answer())["result"]["serverInfo"]["name"] == "acervo"
        assert len((await server.answer())["result"]["tools"]) == 3
        ask = {"name": "search", "arguments": {"question": "appeals"}}
        server.stdin.write(message(3, "tools/call", **ask))
        answer = await server.answer()
        assert (answer["id"], answer["result"]["isError"]) == (3, False)
        out, _ = await server.end()
    assert out == b""
    assert server.process.returncode == 0


async def test_a_client_is_answered_while_the_collection_is_opened(tmp_path: Path) -> None:
    """What a call is cancelled for meanwhile is never answered; the next one is."""
    await (await fill(tmp_path)).close()
    ask = {"name": "list_documents", "arguments": {}}
    async with started(tmp_path) as server:
        server.stdin.write(
            HELLO
            + message(2, "tools/call", **ask)
            + message(3, "tools/call", **ask)
            + message(None, "notifications/cancelled", requestId=2)
            + message(4, "ping")
        )
        ids = [(await server.answer())["id"] for _ in range(3)]
        out, _ = await server.end()
    assert ids == [1, 4, 3]
    assert out == b""


async def test_it_ends_though_the_collection_is_still_being_opened(tmp_path: Path) -> None:
    """Whoever started it may change their mind at once."""
    async with started(tmp_path) as server:
        out, err = await server.end()
    assert (out, server.process.returncode) == (b"", 0)
    assert b"Traceback" not in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_it_at_once(tmp_path: Path, number: signal.Signals) -> None:
    """Though it waits for a line that may never come."""
    async with started(tmp_path) as server:
        server.stdin.write(HELLO)
        await server.answer()
        server.process.send_signal(number)
        assert await asyncio.wait_for(server.process.wait(), 5) == -number


async def test_a_collection_that_cannot_be_opened_is_tried_again(tmp_path: Path) -> None:
    """Whoever asks hears that it can't be; what is wrong with it is for the log."""
    folder = tmp_path / "data"
    folder.touch()
    ask = {"name": "list_documents", "arguments": {}}
    async with started(tmp_path, DATA_DIR=str(folder)) as server:
        server.stdin.write(HELLO + message(2, "tools/call", **ask))
        assert "serverInfo" in (await server.answer())["result"]
        refused = (await server.answer())["result"]
        folder.unlink()
        server.stdin.write(message(3, "tools/call", **ask))
        listed = (await server.answer())["result"]
        _, err = await server.end()
    assert refused["isError"]
    assert refused["content"][0]["text"] == "The collection can't be read at the moment. Try again shortly."
    assert str(folder) in err.decode()
    assert b"Traceback" not in err
    assert (listed["isError"], listed["structuredContent"]["total"]) == (False, 0)


def test_what_it_does_not_know_is_told(tmp_path: Path) -> None:
    """As a wrong setting is; nothing is served."""
    for arguments, changes, sentence in (
        (["-m", "app", "mpc"], {}, "python -m app [mcp]"),
        (["-m", "app", "mcp"], {"EMBEDDING_MODEL": ""}, "EMBEDDING_MODEL"),
    ):
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, *arguments],
            env=environment(tmp_path, **changes),
            cwd=tmp_path,
            input="",
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert sentence in done.stderr
        assert done.stderr.count("\n") == 1
