"""Embeddings by a model on this machine: a tiny one, whose weights are random."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch

from database import torch_models
from database.embedders.base import TokenCounts
from database.embedders.sentence_transformers import SentenceTransformersEmbedder
from database.errors import EmbedderUnavailable
from database.messages import Messages
from database.problems import Language
from tests.database.tiny_models import HIDDEN, PLACES, tiny_embedder

TEXTS = ["prazo de entrega", "multa", "o prazo é de trinta dias " * 5, ""]


@pytest.fixture(scope="module")
def embedder(embedder_folder: Path) -> SentenceTransformersEmbedder:
    return SentenceTransformersEmbedder(str(embedder_folder))


@contextmanager
def seen_by(embedder: SentenceTransformersEmbedder) -> Iterator[list[Any]]:
    """The tokens of each batch that the model computes: int[texts, tokens]."""
    batches: list[Any] = []
    transformer = embedder._model[0]
    hook = transformer.register_forward_pre_hook(
        lambda _, given: batches.append(given[0]["input_ids"].cpu().numpy())
    )
    try:
        yield batches
    finally:
        hook.remove()


def words_of(embedder: SentenceTransformersEmbedder, tokens: Any) -> str:
    return str(embedder._model.tokenizer.decode(tokens, skip_special_tokens=True))


async def test_vectors_are_of_length_one(embedder: SentenceTransformersEmbedder) -> None:
    """float32, one a text, in the order of the texts."""
    vectors = await embedder.embed_documents(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (4, HIDDEN)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert embedder.dimensions == HIDDEN
    one = await embedder.embed_documents(TEXTS[:1])
    assert np.allclose(one[0], vectors[0], atol=0.02)
    assert (await embedder.embed_documents([])).shape == (0, HIDDEN)


async def test_batches_have_few_lengths(embedder: SentenceTransformersEmbedder) -> None:
    """Multiples of sixteen, of eight for questions, and never more than the model takes."""
    with seen_by(embedder) as batches:
        await embedder.embed_documents([" ".join(["prazo"] * count) for count in range(1, 200, 7)])
    lengths = [batch.shape[1] for batch in batches]
    assert len(lengths) > 3
    assert all(length % torch_models.LENGTHS == 0 for length in lengths), lengths
    assert max(lengths) == embedder.max_tokens == 64
    with seen_by(embedder) as batches:
        await embedder.embed_query(" ".join(["prazo"] * 20))
    assert [batch.shape[1] % torch_models.LENGTHS for batch in batches] != [0]
    assert [batch.shape[1] % torch_models.QUESTION_LENGTHS for batch in batches] == [0]


async def test_a_limit_that_is_no_such_multiple_is_kept(tmp_path: Path) -> None:
    """Padding would go beyond what the model takes."""
    embedder = SentenceTransformersEmbedder(str(tiny_embedder(tmp_path, max_tokens=50)))
    with seen_by(embedder) as batches:
        await embedder.embed_documents(["prazo " * 200])
    assert [batch.shape for batch in batches] == [(1, 50)]


async def test_tokens_are_counted_beyond_the_limit(embedder: SentenceTransformersEmbedder) -> None:
    """With the two that stand around a text: what is cut off can be told before it is."""
    assert await embedder.count_tokens(["prazo", "prazo " * 200]) == TokenCounts([3, 202], 64)
    assert await embedder.count_tokens([]) == TokenCounts([], 64)


async def test_counting_while_embedding_disturbs_neither(embedder: SentenceTransformersEmbedder) -> None:
    """A tokenizer keeps how it was last asked to cut."""
    texts = ["prazo " * 200] * 20
    alone = await embedder.embed_documents(texts)
    both = await asyncio.gather(
        *(one for _ in range(5) for one in (embedder.embed_documents(texts), embedder.count_tokens(texts)))
    )
    for vectors, counts in zip(both[::2], both[1::2], strict=True):
        assert np.array_equal(vectors, alone)  # type: ignore[arg-type]
        assert counts == TokenCounts([202] * 20, 64)


async def test_a_model_without_a_limit_has_that_of_its_places(tmp_path: Path) -> None:
    """Tokenizers that know of none say so by an astronomical number."""
    folder = tiny_embedder(tmp_path, max_tokens=10**30)
    assert SentenceTransformersEmbedder(str(folder)).max_tokens == PLACES


@pytest.mark.parametrize(
    "own",
    [{"query": "query: ", "passage": "passage: "}, {"query": "query: ", "document": "passage: "}],
    ids=["passage", "document"],
)
async def test_a_models_own_prompts_are_used(tmp_path: Path, own: dict[str, str]) -> None:
    """Whatever it calls them; and they count."""
    embedder = SentenceTransformersEmbedder(str(tiny_embedder(tmp_path, prompts=own)))
    with seen_by(embedder) as batches:
        await embedder.embed_query("prazo")
        await embedder.embed_documents(["prazo"])
    assert [words_of(embedder, batch[0]) for batch in batches] == ["query : prazo", "passage : prazo"]
    assert await embedder.count_tokens(["prazo"]) == TokenCounts([5], 64)


async def test_a_family_that_brings_no_prompts_gets_those_of_its_card(
    embedder_folder: Path, tmp_path: Path
) -> None:
    """By the name of its folder; a model of no such family gets none."""
    e5 = tmp_path / "multilingual-e5-small"
    e5.symlink_to(embedder_folder)
    found = []
    for folder in (e5, embedder_folder):
        embedder = SentenceTransformersEmbedder(str(folder))
        with seen_by(embedder) as batches:
            await embedder.embed_query("prazo")
            await embedder.embed_documents(["prazo"])
        found.append([words_of(embedder, batch[0]) for batch in batches])
    assert found == [["query : prazo", "passage : prazo"], ["prazo", "prazo"]]


async def test_each_core_takes_questions_of_its_own(
    monkeypatch: pytest.MonkeyPatch, embedder_folder: Path
) -> None:
    """Of a light model: two batches at a time, each in one thread, while the passages have all threads."""
    monkeypatch.setattr(torch_models, "_all_threads", lambda: 2)
    embedder = SentenceTransformersEmbedder(str(embedder_folder))
    together = threading.Barrier(2, timeout=10)
    threads: list[int] = []

    def meet(*_: object) -> None:
        threads.append(torch.get_num_threads())
        together.wait()

    hook = embedder._model[0].register_forward_pre_hook(meet)
    await asyncio.gather(*(embedder.embed_query(f"prazo {number}") for number in range(16)))
    hook.remove()
    assert threads == [1, 1]
    embedder._model[0].register_forward_pre_hook(lambda *_: threads.append(torch.get_num_threads()))
    await embedder.embed_documents(["prazo"])
    assert threads == [1, 1, 2]


async def test_simultaneous_questions_are_one_batch(embedder: SentenceTransformersEmbedder) -> None:
    """What comes while the first is computed; and each has its own vector."""
    questions = [f"prazo {number}" for number in range(8)]
    with seen_by(embedder) as batches:
        vectors = await asyncio.gather(*(embedder.embed_query(question) for question in questions))
    assert [len(batch) for batch in batches] == [8]
    alone = SentenceTransformersEmbedder(embedder.name)
    for question, vector in zip(questions, vectors, strict=True):
        assert np.allclose(vector, await alone.embed_query(question), atol=0.02)


@pytest.mark.parametrize("language", get_args(Language))
def test_a_folder_that_holds_no_model_is_told(tmp_path: Path, language: Language) -> None:
    """With what EMBEDDING_MODEL takes, in the person's language."""
    with pytest.raises(EmbedderUnavailable) as caught:
        SentenceTransformersEmbedder(str(tmp_path))
    assert str(tmp_path) not in caught.value.text(language)
    said = Messages(language).error(caught.value)
    assert "EMBEDDING_MODEL" in said
    assert "gemini:" in said
    assert str(tmp_path) in said
