"""Which of Ollama's models answers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from app.models.base import WINDOW_TOKENS
from app.models.ollama_library import Installed, Library, read_library, same_model
from tests.stand_ins.ollama import OllamaStandIn
from tests.stand_ins.serving import serve


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def read(session: aiohttp.ClientSession, stand_in: OllamaStandIn, wanted: str = "llama3") -> Library:
    async with stand_in.running() as address:
        return await read_library(session, address, wanted)


async def test_finds_the_model_that_is_set(session: aiohttp.ClientSession) -> None:
    """Among others, with or without its tag."""
    stand_in = OllamaStandIn(models=("mistral:latest", "llama3:latest", "llama3:70b"))
    for wanted, found in (("llama3", "llama3:latest"), ("llama3:70b", "llama3:70b")):
        library = await read(session, stand_in, wanted)
        assert library.model is not None
        assert library.model.name == found


async def test_takes_the_first_that_can_chat_where_it_is_missing(session: aiohttp.ClientSession) -> None:
    """Embedding models can't."""
    stand_in = OllamaStandIn(models=("mistral:latest", "gemma:latest"), embedding_models=("nomic:latest",))
    assert await read(session, stand_in) == Library(
        reachable=True, model=Installed(name="mistral:latest", window=WINDOW_TOKENS, thinks=False)
    )


async def test_an_ollama_without_models_is_there(session: aiohttp.ClientSession) -> None:
    """What is missing is a model, not Ollama."""
    assert await read(session, OllamaStandIn(models=(), embedding_models=("nomic:latest",))) == Library(
        reachable=True
    )


@pytest.mark.parametrize(("length", "window"), [(2_048, 2_048), (131_072, WINDOW_TOKENS)])
async def test_bounds_the_context_window(session: aiohttp.ClientSession, length: int, window: int) -> None:
    """By what the model has, and by what a prompt needs: memory grows with it."""
    library = await read(session, OllamaStandIn(context_length=length))
    assert library.model is not None
    assert library.model.window == window


LLAMA3 = {
    "block_count": 32,
    "embedding_length": 4096,
    "attention.head_count": 32,
    "attention.head_count_kv": 8,
}


@pytest.mark.parametrize(
    ("shape", "window"),
    [
        (LLAMA3, 8_192),  # 128 KiB a token
        ({**LLAMA3, "attention.head_count_kv": [8] * 32}, 8_192),
        ({**LLAMA3, "block_count": 80, "attention.head_count_kv": None}, 2_048),  # 2.5 MiB a token
        ({**LLAMA3, "block_count": 40, "attention.head_count_kv": 32}, 3_276),  # 640 KiB a token
        ({**LLAMA3, "attention.key_length": 1_024, "attention.value_length": 1_024}, 2_048),
        ({"block_count": 32}, 8_192),
    ],
    ids=["llama3", "a list", "all heads", "13B of old", "long keys", "unknown"],
)
async def test_bounds_the_context_window_by_the_memory_that_it_takes(
    session: aiohttp.ClientSession, shape: dict[str, object], window: int
) -> None:
    """Two GiB of keys and values; of what isn't told nothing is assumed."""
    library = await read(session, OllamaStandIn(context_length=131_072, shape=shape))
    assert library.model is not None
    assert library.model.window == window


async def test_sees_that_a_model_thinks(session: aiohttp.ClientSession) -> None:
    """So that it can be told not to."""
    library = await read(session, OllamaStandIn(capabilities=("completion", "thinking")))
    assert library.model is not None
    assert library.model.thinks


async def test_nobody_there_is_no_error(session: aiohttp.ClientSession) -> None:
    """It is what most computers answer."""
    assert await read_library(session, "http://127.0.0.1:9", "llama3") == Library(reachable=False)


@pytest.mark.parametrize(
    ("status", "body"), [(200, "[]"), (200, "<html>"), (200, "{}"), (500, "{}"), (200, '{"models": [1]}')]
)
async def test_something_else_there_is_no_error(
    session: aiohttp.ClientSession, status: int, body: str
) -> None:
    """Another program may listen on Ollama's port."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=body)

    app = web.Application()
    app.router.add_get("/api/tags", answer)
    async with serve(app) as address:
        assert await read_library(session, address, "llama3") == Library(reachable=False)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("llama3", "llama3:latest", True),
        ("llama3:8b", "llama3", False),
        ("hf.co:443/a/b", "hf.co:443/a/b:latest", True),
        ("a/llama3", "llama3", False),
    ],
)
def test_a_name_without_a_tag_is_the_latest(one: str, other: str, same: bool) -> None:
    """As on Ollama's own command line."""
    assert same_model(one, other) is same
