"""Embeddings by Gemini, over its own protocol."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, get_args

import numpy as np
import pytest
from pydantic import SecretStr

from database.embedders.gemini import GeminiEmbedder
from database.embedders.vectors import unit
from database.errors import EmbedderUnavailable
from database.messages import Messages
from database.problems import Language
from tests.stand_ins.gemini_embedding import GeminiEmbeddingStandIn
from tests.stand_ins.ollama_embedding import counted

OLDER = "gemini-embedding-001"
NEWER = "gemini-embedding-2"


@asynccontextmanager
async def asking(
    stand_in: GeminiEmbeddingStandIn, model: str = OLDER, *, key: str = "a-key", **limits: Any
) -> AsyncIterator[GeminiEmbedder]:
    async with stand_in.running() as base_url:
        embedder = GeminiEmbedder(model, SecretStr(key), base_url=base_url, first_wait=0.01, **limits)
        try:
            yield embedder
        finally:
            await embedder.rest()


def sent(stand_in: GeminiEmbeddingStandIn) -> list[tuple[str, str | None]]:
    return [(one["content"]["parts"][0]["text"], one.get("taskType")) for one in stand_in.asked]


async def test_passages_are_embedded_in_batches() -> None:
    """In their order, as float32 of length 1: Google doesn't normalise vectors of this length."""
    texts = [f"passagem {number}" for number in range(130)]
    stand_in = GeminiEmbeddingStandIn()
    async with asking(stand_in) as embedder:
        assert (embedder.name, embedder.max_tokens) == (f"gemini:{OLDER}", None)
        vectors = await embedder.embed_documents(texts)
        assert embedder.max_tokens == 2_048
        assert (await embedder.embed_documents([])).shape == (0, 768)
    assert vectors.dtype == np.float32
    assert vectors.shape == (130, 768)
    assert np.allclose(vectors[:, :8], unit([counted(text) for text in texts]))
    assert sent(stand_in) == [(text, "RETRIEVAL_DOCUMENT") for text in texts]
    assert {one["outputDimensionality"] for one in stand_in.asked} == {768}


async def test_questions_are_told_from_passages() -> None:
    """By their task; several at a time are one request, and each has a vector of its own."""
    stand_in = GeminiEmbeddingStandIn()
    async with asking(stand_in) as embedder:
        vectors = await asyncio.gather(embedder.embed_query("um"), embedder.embed_query("dois"))
    assert np.allclose(np.stack(vectors)[:, :8], unit([counted("um"), counted("dois")]))
    assert sent(stand_in) == [("um", "RETRIEVAL_QUERY"), ("dois", "RETRIEVAL_QUERY")]


async def test_newer_models_are_told_by_prompts() -> None:
    """They take no task, and of several texts they must not make one vector."""
    stand_in = GeminiEmbeddingStandIn()
    async with asking(stand_in, NEWER) as embedder:
        assert len(await embedder.embed_documents(["um", "dois"])) == 2
        await embedder.embed_query("qual?")
    assert sent(stand_in) == [
        ("title: none | text: um", None),
        ("title: none | text: dois", None),
        ("task: search result | query: qual?", None),
    ]


async def test_nothing_of_a_long_text_is_cut_off() -> None:
    """Google would cut it, and not say so."""
    stand_in = GeminiEmbeddingStandIn(input_tokens=20)
    async with asking(stand_in) as embedder:
        vectors = await embedder.embed_documents(["curto", "aaaaaaa aaaaaaa bbbbbbb bbbbbbb", "outro"])
    assert "".join(text for text, _ in sent(stand_in)) == "curtoaaaaaaa aaaaaaa bbbbbbb bbbbbbboutro"
    assert max(len(text) for text, _ in sent(stand_in)) <= 20
    assert np.allclose(vectors[[0, 2], :8], unit([counted("curto"), counted("outro")]))
    parts = unit([counted(text) for text, _ in sent(stand_in)[1:-1]])
    assert len(parts) > 1
    assert np.allclose(vectors[1, :8], unit(parts.sum(axis=0)))


@pytest.mark.parametrize("status", [429, 503])
async def test_a_limit_of_requests_is_waited_for(status: int) -> None:
    """What may pass is asked again."""
    stand_in = GeminiEmbeddingStandIn(refusals=3, status=status)
    async with asking(stand_in) as embedder:
        assert np.allclose((await embedder.embed_documents(["um"]))[0, :8], unit(counted("um")))
    assert stand_in.refused == 3


async def test_it_waits_as_long_as_it_is_told() -> None:
    """Not less, which would only count against the limit."""
    stand_in = GeminiEmbeddingStandIn(refusals=1, delay="0.300s")
    async with asking(stand_in) as embedder:
        began = asyncio.get_running_loop().time()
        await embedder.embed_documents(["um"])
        assert asyncio.get_running_loop().time() - began >= 0.3


async def test_a_person_does_not_wait_for_a_minute() -> None:
    """Passages may."""
    stand_in = GeminiEmbeddingStandIn(refusals=1, delay="50s")
    async with asking(stand_in) as embedder:
        with pytest.raises(EmbedderUnavailable) as caught:
            await asyncio.wait_for(embedder.embed_query("um"), 3)
    assert caught.value.problem == "gemini_limit"


async def test_what_will_not_pass_is_not_asked_again() -> None:
    """A key that is wrong, a model that isn't there."""
    stand_in = GeminiEmbeddingStandIn(refusals=9, status=404)
    async with asking(stand_in) as embedder:
        with pytest.raises(EmbedderUnavailable) as caught:
            await embedder.embed_documents(["um"])
    assert (caught.value.problem, stand_in.refused) == ("gemini_refused", 1)
    async with asking(GeminiEmbeddingStandIn(), key="another") as embedder:
        with pytest.raises(EmbedderUnavailable, match="GOOGLE_API_KEY"):
            await embedder.embed_documents(["um"])


async def test_a_missing_vector_is_an_error() -> None:
    """The others would be taken for those of other texts."""
    async with asking(GeminiEmbeddingStandIn(forget=1)) as embedder:
        with pytest.raises(EmbedderUnavailable) as caught:
            await embedder.embed_documents(["um", "dois"])
    assert caught.value.problem == "gemini_refused"


async def test_google_out_of_reach_is_told() -> None:
    """After the time that there is for it."""
    embedder = GeminiEmbedder(
        OLDER, SecretStr("a-key"), base_url="http://127.0.0.1:9", first_wait=0.01, question_seconds=0.05
    )
    with pytest.raises(EmbedderUnavailable) as caught:
        await embedder.embed_query("um")
    await embedder.rest()
    assert caught.value.problem == "gemini_away"


@pytest.mark.parametrize("language", get_args(Language))
def test_without_a_key_it_says_where_to_get_one(language: Language) -> None:
    """Before anything is sent."""
    with pytest.raises(EmbedderUnavailable) as caught:
        GeminiEmbedder(OLDER, None)
    said = Messages(language).error(caught.value)
    assert "GOOGLE_API_KEY" in said
    assert OLDER in said
