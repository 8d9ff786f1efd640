"""The models over HTTP."""

from __future__ import annotations

import pytest

from tests.app.fakes import a_collection
from tests.app.talking import NOBODY, talking
from tests.stand_ins.ollama import OllamaStandIn
from tests.stand_ins.openai import OpenAIStandIn

REASONS = {
    "pt": [
        f"Ollama não respondeu em {NOBODY}: inicie-o com `ollama serve`",
        "GOOGLE_API_KEY não está definida",
        "cita os trechos dos documentos; não precisa de modelo",
    ],
    "es": [
        f"Ollama no respondió en {NOBODY}: inícialo con `ollama serve`",
        "GOOGLE_API_KEY no está definida",
        "cita los fragmentos de los documentos; no necesita modelo",
    ],
    "en": [
        f"Ollama did not answer at {NOBODY}: start it with `ollama serve`",
        "GOOGLE_API_KEY is not set",
        "quotes the documents' passages; needs no model",
    ],
}


@pytest.mark.parametrize("language", REASONS)
async def test_says_why_each_model_can_answer_or_not(language: str) -> None:
    """In the reader's language, in the order in which they are tried."""
    async with (
        talking(a_collection(), gemini_model="gemini-x") as client,
        client.get("/models", headers={"Accept-Language": language}) as response,
    ):
        told = await response.json()
    assert told["answering"] == "extractive"
    assert [(model["name"], model["kind"], model["available"]) for model in told["models"]] == [
        ("llama3", "ollama", False),
        ("gemini-x", "gemini", False),
        ("extractive", "extractive", True),
    ]
    assert [model["reason"] for model in told["models"]] == REASONS[language]


async def test_names_what_answers() -> None:
    """The first that is available; a key is enough for Gemini to be the second."""
    async with (
        OllamaStandIn().running() as ollama,
        talking(a_collection(), ollama_host=ollama, google_api_key="key") as client,
        client.get("/models") as response,
    ):
        told = await response.json()
    assert told["answering"] == "llama3:latest"
    assert [model["available"] for model in told["models"]] == [True, True, True]
    assert "key" not in [value for model in told["models"] for value in model.values()]


async def test_an_openai_server_comes_first_where_it_is_set() -> None:
    """With the name of its model; the key stays here."""
    async with (
        OpenAIStandIn(key="a-secret").running() as address,
        talking(a_collection(), openai_base_url=address, openai_api_key="a-secret") as client,
        client.get("/models") as response,
    ):
        told = await response.json()
    assert told["answering"] == "llama-3"
    assert [model["kind"] for model in told["models"]] == ["openai", "ollama", "gemini", "extractive"]
    assert "a-secret" not in str(told)


async def test_lists_those_that_are_set_in_their_order() -> None:
    """And none that is left out."""
    async with (
        talking(a_collection(), answer_with="extractive,ollama") as client,
        client.get("/models") as response,
    ):
        told = await response.json()
    assert told["answering"] == "extractive"
    assert [model["kind"] for model in told["models"]] == ["extractive", "ollama"]


@pytest.mark.parametrize(("order", "listed"), [("ollama", 1), ("openai", 0)])
async def test_nobody_may_be_able_to_answer(order: str, listed: int) -> None:
    """Who leaves out the quotations is told so."""
    async with talking(a_collection(), answer_with=order) as client, client.get("/models") as response:
        told = await response.json()
        assert (response.status, told["answering"], len(told["models"])) == (200, None, listed)
