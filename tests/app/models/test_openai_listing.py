"""Which model of an OpenAI-compatible server answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr

from app.models.base import WINDOW_TOKENS
from app.models.openai_listing import Listed, Listing, read_listing
from tests.stand_ins.openai import OpenAIStandIn
from tests.stand_ins.serving import serve

UNREACHABLE = Listing(outcome="unreachable")


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def read(
    session: aiohttp.ClientSession, stand_in: OpenAIStandIn, wanted: str | None = None, key: str | None = None
) -> Listing:
    async with stand_in.running() as address:
        return await read_listing(session, address, SecretStr(key) if key else None, wanted)


async def test_takes_the_first_where_none_is_set(session: aiohttp.ClientSession) -> None:
    """Models that only embed can't answer, and may come first."""
    stand_in = OpenAIStandIn(models=[{"id": "text-embedding-nomic"}, {"id": "qwen"}, {"id": "gemma"}])
    listing = await read(session, stand_in)
    assert listing.model == Listed(name="qwen", window=WINDOW_TOKENS)
    assert listing.names == ("text-embedding-nomic", "qwen", "gemma")


async def test_takes_the_one_that_is_set(session: aiohttp.ClientSession) -> None:
    """And no other: who sets one means it."""
    stand_in = OpenAIStandIn(models=[{"id": "qwen"}, {"id": "gemma"}])
    listing = await read(session, stand_in, "gemma")
    assert listing.model is not None
    assert listing.model.name == "gemma"
    missing = await read(session, stand_in, "llama")
    assert missing == Listing(outcome="listed", names=("qwen", "gemma"))


@pytest.mark.parametrize(
    ("told", "window"),
    [
        ({"max_model_len": 4_096}, 4_096),
        ({"max_model_len": 131_072}, WINDOW_TOKENS),
        ({"meta": {"n_ctx": 2_048, "n_ctx_train": 131_072}}, 2_048),
        ({"meta": {"n_ctx_train": 4_096}}, 4_096),
        ({"meta": {"n_ctx": 0, "n_ctx_train": 6_000}}, 6_000),
        ({"meta": None}, WINDOW_TOKENS),
        ({"max_model_len": "much"}, WINDOW_TOKENS),
        ({}, WINDOW_TOKENS),
    ],
)
async def test_bounds_the_context_window(
    session: aiohttp.ClientSession, told: dict[str, Any], window: int
) -> None:
    """By what vLLM and llama.cpp tell of it, and by what a prompt needs."""
    listing = await read(session, OpenAIStandIn(models=[{"id": "qwen", **told}]))
    assert listing.model == Listed(name="qwen", window=window)


async def test_shows_its_key(session: aiohttp.ClientSession) -> None:
    """As a bearer's; without one, nothing."""
    stand_in = OpenAIStandIn(key="a-key")
    assert (await read(session, stand_in, key="a-key")).outcome == "listed"
    assert (await read(session, stand_in)).outcome == "key_refused"
    assert stand_in.authorizations == ["Bearer a-key", None]


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_is_told_from_a_server_that_is_away(
    session: aiohttp.ClientSession, status: int
) -> None:
    """Something else is to be done about it."""
    assert await read(session, OpenAIStandIn(listing_status=status)) == Listing(outcome="key_refused")


async def test_a_redirect_does_not_get_the_key(session: aiohttp.ClientSession) -> None:
    """It is for the server that is set; not even to the same machine is it carried on."""
    elsewhere = OpenAIStandIn()
    async with elsewhere.running() as other:
        assert await read(session, OpenAIStandIn(redirects_to=other), key="a-key") == UNREACHABLE
    assert elsewhere.listings == 0


async def test_a_server_without_models_is_there(session: aiohttp.ClientSession) -> None:
    """What is missing is a model."""
    assert await read(session, OpenAIStandIn(models=())) == Listing(outcome="listed")


async def test_nobody_there_is_no_error(session: aiohttp.ClientSession) -> None:
    """It is said in the status."""
    assert await read_listing(session, "http://127.0.0.1:9/v1", None, None) == UNREACHABLE


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, "[]", "unreachable"),
        (200, "<html>", "unreachable"),
        (200, '{"error": "Unexpected endpoint or method."}', "unreachable"),
        (200, '{"data": [1]}', "unreachable"),
        (200, '{"data": [{}]}', "unreachable"),
        (200, "[" * 100_000, "unreachable"),
        (503, '{"data": []}', "unreachable"),
        (200, '{"data": null}', "listed"),
    ],
)
async def test_something_else_there_is_no_error(
    session: aiohttp.ClientSession, status: int, body: str, outcome: str
) -> None:
    """Another program may listen there, or the address may lack its /v1."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=body)

    app = web.Application()
    app.router.add_get("/models", answer)
    async with serve(app) as address:
        listing = await read_listing(session, address, None, None)
    assert (listing.outcome, listing.model) == (outcome, None)
