"""Embeddings by Ollama, over its own protocol."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, get_args

import numpy as np
import pytest

from database.embedders.ollama import OllamaEmbedder
from database.embedders.vectors import unit
from database.errors import EmbedderUnavailable
from database.messages import Messages
from database.problems import Language
from tests.stand_ins.ollama_embedding import DIMENSIONS, OllamaEmbeddingStandIn, counted


@asynccontextmanager
async def asking(
    stand_in: OllamaEmbeddingStandIn, model: str = "bge-m3", **limits: Any
) -> AsyncIterator[OllamaEmbedder]:
    async with stand_in.running() as host:
        embedder = OllamaEmbedder(model, host, **limits)
        try:
            yield embedder
        finally:
            await embedder.rest()


async def test_passages_are_embedded_in_batches() -> None:
    """In their order, as float32 of length 1."""
    texts = [f"passagem {number}" for number in range(70)]
    stand_in = OllamaEmbeddingStandIn(context_length=512)
    async with asking(stand_in) as embedder:
        assert (embedder.name, embedder.dimensions, embedder.max_tokens) == ("ollama:bge-m3", None, None)
        vectors = await embedder.embed_documents(texts)
        assert (embedder.dimensions, embedder.max_tokens) == (DIMENSIONS, 512)
        assert (await embedder.embed_documents([])).shape == (0, DIMENSIONS)
    assert vectors.dtype == np.float32
    assert np.allclose(vectors, unit([counted(text) for text in texts]))
    assert [len(asked["input"]) for asked in stand_in.asked] == [32, 32, 6]
    assert stand_in.asked[0]["options"] == {"num_ctx": 512}
    assert stand_in.shown == 1


async def test_no_more_memory_is_asked_for_than_passages_need() -> None:
    """Some models take 32,000 tokens."""
    stand_in = OllamaEmbeddingStandIn(context_length=32_768)
    async with asking(stand_in) as embedder:
        await embedder.embed_query("prazo")
        assert embedder.max_tokens == 2_048
    assert stand_in.asked[0]["options"] == {"num_ctx": 2_048}


async def test_questions_and_passages_have_the_models_own_prompts() -> None:
    """Ollama itself adds none."""
    stand_in = OllamaEmbeddingStandIn(model="nomic-embed-text")
    async with asking(stand_in, "nomic-embed-text") as embedder:
        await embedder.embed_documents(["o prazo"])
        await embedder.embed_query("qual prazo?")
    assert [asked["input"] for asked in stand_in.asked] == [
        ["search_document: o prazo"],
        ["search_query: qual prazo?"],
    ]


async def test_simultaneous_questions_are_one_request() -> None:
    """And one that was asked before is none."""
    stand_in = OllamaEmbeddingStandIn()
    async with asking(stand_in) as embedder:
        vectors = await asyncio.gather(*(embedder.embed_query(text) for text in ("um", "dois", "um")))
        assert np.array_equal(vectors[0], await embedder.embed_query("um"))
    assert np.allclose(vectors, unit([counted(text) for text in ("um", "dois", "um")]))
    assert [asked["input"] for asked in stand_in.asked] == [["um", "dois"]]


async def test_nothing_of_a_long_text_is_cut_off() -> None:
    """Its vector lies between those of its parts; the others of its batch are as ever."""
    stand_in = OllamaEmbeddingStandIn(context_length=20)
    long = "aaaaaaa aaaaaaa bbbbbbb bbbbbbb"
    async with asking(stand_in) as embedder:
        vectors = await embedder.embed_documents(["curto", long, "outro"])
    first, second = (unit(counted(half)) for half in ("aaaaaaa", " aaaaaaa bbbbbbb bbbbbbb"))
    assert np.allclose(vectors[[0, 2]], unit([counted("curto"), counted("outro")]))
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    sent = {text for asked in stand_in.asked for text in asked["input"] if len(text) <= 20}
    assert "".join(sorted(sent & {part for part in sent if part in long}, key=long.index)) == long
    assert not np.allclose(vectors[1], first)
    assert not np.allclose(vectors[1], second)


async def test_a_connection_that_breaks_is_made_anew_once() -> None:
    """Twice in a row, Ollama is away."""
    stand_in = OllamaEmbeddingStandIn()
    async with asking(stand_in) as embedder:
        await embedder.embed_query("um")
        stand_in.lost = 1
        assert np.allclose(await embedder.embed_query("dois"), unit(counted("dois")))
        stand_in.lost = 2
        with pytest.raises(EmbedderUnavailable) as caught:
            await embedder.embed_query("três")
        assert caught.value.problem == "ollama_away"


@pytest.mark.parametrize("language", get_args(Language))
async def test_a_model_that_is_missing_is_named_with_the_command_that_fetches_it(language: Language) -> None:
    """In the person's language."""
    async with asking(OllamaEmbeddingStandIn(), "bge-large") as embedder:
        with pytest.raises(EmbedderUnavailable) as caught:
            await embedder.embed_documents(["prazo"])
    said = Messages(language).error(caught.value)
    assert "`ollama pull bge-large`" in said
    assert "try pulling it first" in said


async def test_a_server_that_is_away_is_told_without_its_address() -> None:
    """To strangers; the log has it."""
    embedder = OllamaEmbedder("bge-m3", "http://127.0.0.1:9")
    with pytest.raises(EmbedderUnavailable) as caught:
        await embedder.embed_query("prazo")
    await embedder.rest()
    assert caught.value.problem == "ollama_away"
    assert "127.0.0.1" not in caught.value.text("pt")
    assert "127.0.0.1:9" in caught.value.detail


async def test_a_server_that_says_nothing_is_given_up() -> None:
    """After the time that it has for an answer, which is less for a person."""
    async with asking(OllamaEmbeddingStandIn(stall=5), answer_seconds=0.1) as embedder:
        with pytest.raises(EmbedderUnavailable) as caught:
            await asyncio.wait_for(embedder.embed_documents(["prazo"]), 3)
    assert caught.value.problem == "ollama_away"
    async with asking(OllamaEmbeddingStandIn(stall=5), question_seconds=0.1) as embedder:
        with pytest.raises(EmbedderUnavailable) as caught:
            await asyncio.wait_for(embedder.embed_query("prazo"), 3)
    assert caught.value.problem == "ollama_away"


@pytest.mark.parametrize(
    "fault",
    [
        {"error": "this model does not support embeddings"},
        {"broken": "<html>"},
        {"broken": '{"embeddings": []}'},
        {"broken": '{"embeddings": [[1, 2], [3, 4]]}'},
        {"broken": '{"embeddings": [[1, NaN]]}'},
        {"broken": '{"embeddings": [["x"]]}'},
        {"broken": "[]"},
        {"context_length": 0},
    ],
    ids=str,
)
async def test_an_answer_that_is_no_vector_is_an_error(fault: dict[str, Any]) -> None:
    """And never a vector that means nothing."""
    async with asking(OllamaEmbeddingStandIn(**fault)) as embedder:
        with pytest.raises(EmbedderUnavailable) as caught:
            await embedder.embed_documents(["prazo"])
    assert caught.value.problem == "ollama_failed"


async def test_it_comes_back_after_a_rest() -> None:
    """Over new connections."""
    async with asking(OllamaEmbeddingStandIn()) as embedder:
        before = await embedder.embed_documents(["prazo"])
        await embedder.rest()
        assert np.array_equal(await embedder.embed_documents(["prazo"]), before)
