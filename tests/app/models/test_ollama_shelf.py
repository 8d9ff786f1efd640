"""What is installed in Ollama."""

from __future__ import annotations

import aiohttp
import pytest

from app.errors import ModelRefused, ModelUnreachable
from app.models.ollama_shelf import OllamaShelf
from tests.app.talking import NOBODY
from tests.stand_ins.ollama import OllamaStandIn


async def test_knows_what_can_chat() -> None:
    """By any of its names; asked once, however often it is looked up."""
    stand_in = OllamaStandIn(models=("llama3:latest", "qwen3:8b"), embedding_models=("nomic:latest",))
    async with stand_in.running() as address, aiohttp.ClientSession() as session:
        shelf = OllamaShelf(session, address)
        assert [(one.name, one.chats) for one in await shelf.installed()] == [
            ("nomic:latest", False),
            ("llama3:latest", True),
            ("qwen3:8b", True),
        ]
        found = await shelf.find("llama3")
        assert found
        assert found.name == "llama3:latest"
        assert await shelf.find("qwen3") is None
        assert stand_in.listings == 1
        await shelf.close()


async def test_has_nothing_where_ollama_is_away() -> None:
    """Without an error: other models may answer."""
    async with aiohttp.ClientSession() as session:
        shelf = OllamaShelf(session, NOBODY)
        assert await shelf.installed() == ()
        assert await shelf.running() == []
        with pytest.raises(ModelUnreachable):
            await shelf.shown("llama3")
        await shelf.close()


async def test_a_model_is_the_same_one_for_everybody() -> None:
    """Its failures are counted together."""
    async with aiohttp.ClientSession() as session:
        shelf = OllamaShelf(session, NOBODY)
        assert shelf.model("a:1") is shelf.model("a:1")
        assert shelf.model("a:1")[1] is not shelf.model("b:1")[1]
        await shelf.close()


async def test_what_ollama_says_of_a_request_is_kept_for_who_made_it() -> None:
    """The rest of its words is for the log."""
    async with OllamaStandIn().running() as address, aiohttp.ClientSession() as session:
        shelf = OllamaShelf(session, f"{address}/nowhere")
        with pytest.raises(ModelUnreachable):
            await shelf.embedded("a", {"input": "b"})
        with pytest.raises(ModelRefused) as raised:
            await OllamaShelf(session, address).embedded("a", {"input": "x" * 3_000})
        assert raised.value.of_request == "the input is too long"
        await shelf.close()
