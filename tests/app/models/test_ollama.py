"""Ollama's chat stream; what every model shows is in tests/contracts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from app.errors import ModelBroken, ModelRefused, ModelUnreachable
from app.models.base import Usage, answer_tokens
from app.models.ollama import OllamaModel
from app.prompt import build_prompt
from tests.app.fakes import a_passage
from tests.app.hearing import first_of, parts_of
from tests.stand_ins.ollama import OllamaStandIn

PROMPT = build_prompt("What is the answer?", "en", [a_passage()])


@asynccontextmanager
async def running(stand_in: OllamaStandIn, wanted: str = "llama3") -> AsyncIterator[OllamaModel]:
    async with stand_in.running() as address, aiohttp.ClientSession() as session:
        model = OllamaModel(session, address, wanted, first_token_seconds=1, next_token_seconds=0.5)
        yield model
        await model.close()


async def answer(stand_in: OllamaStandIn) -> list[str | Usage]:
    async with running(stand_in) as model:
        return await parts_of(model, PROMPT)


async def test_sets_the_window_that_the_prompt_was_built_for() -> None:
    """Ollama would drop the beginning of a longer one without a word; it knows best where the layers go."""
    stand_in = OllamaStandIn(context_length=6_000)
    await answer(stand_in)
    [asked] = stand_in.asked
    assert asked["model"] == "llama3:latest"
    assert asked["stream"] is True
    assert asked["options"]["num_ctx"] == 6_000
    assert asked["options"]["num_predict"] == answer_tokens(6_000)
    assert "num_gpu" not in asked["options"]
    assert "think" not in asked
    assert [(m["role"], m["content"]) for m in asked["messages"]] == [
        ("system", PROMPT.system),
        ("user", PROMPT.user),
    ]


async def test_tells_a_model_that_thinks_not_to() -> None:
    """People wait for the first word."""
    stand_in = OllamaStandIn(capabilities=("completion", "thinking"))
    await answer(stand_in)
    assert stand_in.asked[0]["think"] is False


@pytest.mark.parametrize("how", [{"split_lines": True}, {"one_write": True}])
async def test_pieces_stay_as_they_were_made(how: dict[str, Any]) -> None:
    """Whatever the network does to the lines that carry them."""
    pieces = ("Não ", "é ", "😀\n", " ", "[1]")
    parts = await answer(OllamaStandIn(pieces=pieces, **how))
    assert parts == [*pieces, Usage(reason="stop", prompt_tokens=7, answer_tokens=5)]


async def test_says_when_the_answer_was_cut_at_its_length() -> None:
    """As Ollama does."""
    assert (await answer(OllamaStandIn(done_reason="length")))[-1] == Usage(
        reason="length", prompt_tokens=7, answer_tokens=3
    )


async def test_an_error_line_is_a_refusal() -> None:
    """The status was sent long before."""
    with pytest.raises(ModelRefused, match="CUDA"):
        await answer(OllamaStandIn(error_after=1))


async def test_something_else_than_a_line_is_broken() -> None:
    """As a proxy's page."""
    with pytest.raises(ModelBroken, match="proxy error"):
        await answer(OllamaStandIn(garbage_after=1))


async def test_asks_what_is_there_once_for_many_answers() -> None:
    """Not before each of them."""
    stand_in = OllamaStandIn()
    async with running(stand_in) as model:
        for _ in range(3):
            await model.status()
            assert await parts_of(model, PROMPT)
    assert stand_in.listings == 1


async def test_asks_again_after_a_refusal() -> None:
    """The model may have been removed."""
    stand_in = OllamaStandIn(status=404)
    async with running(stand_in) as model:
        with pytest.raises(ModelRefused):
            await first_of(model, PROMPT)
        stand_in.models = ()
        assert not (await model.status()).available


async def test_a_model_that_is_not_installed_says_how_to_get_it() -> None:
    """In one line for the terminal."""
    async with running(OllamaStandIn(models=()), "mistral") as model:
        status = await model.status()
        assert (status.name, status.available) == ("mistral", False)
        assert status.reason.text("pt") == "mistral não está instalado: `ollama pull mistral`"
        with pytest.raises(ModelUnreachable):
            await first_of(model, PROMPT)


async def test_another_model_says_whose_place_it_takes() -> None:
    """So that nobody wonders about the name."""
    async with running(OllamaStandIn(models=("gemma:latest",))) as model:
        status = await model.status()
    assert (status.name, status.available) == ("gemma:latest", True)
    assert "`ollama pull llama3`" in status.reason.text("en")
