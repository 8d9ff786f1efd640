"""Models that are compiled for the processor: a tiny one, whose weights are random."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from database.embedders import compiled, compiling
from database.embedders.base import TokenCounts
from database.embedders.compiled import CompiledEmbedder
from database.embedders.sentence_transformers import BUNDLED, SentenceTransformersEmbedder
from database.stores.base import Vectors
from tests.database.tiny_models import HIDDEN, tiny_embedder

TEXTS = ["prazo de entrega", "multa", "o prazo é de trinta dias " * 5, "", "PRAZO"]


def made(model: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> CompiledEmbedder:
    """The model, compiled in this process."""
    monkeypatch.setenv("HF_HOME", str(home))
    compiling.compile_model(str(model))
    folder = compiling._folder(str(model))
    assert folder is not None
    return CompiledEmbedder(str(model), folder)


@pytest.fixture(scope="module")
def embedder(embedder_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> CompiledEmbedder:
    with pytest.MonkeyPatch.context() as patched:
        return made(embedder_folder, tmp_path_factory.mktemp("compiled"), patched)


@contextmanager
def seen_by(embedder: CompiledEmbedder, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[list[int]]]]:
    """The tokens of each batch that is computed."""
    batches = []
    compute = compiled._Compiled.compute

    def noted(self: compiled._Compiled, inputs: compiled.Inputs) -> Vectors:
        batches.append(inputs["input_ids"].tolist())
        return compute(self, inputs)

    with monkeypatch.context() as patched:
        patched.setattr(compiled._Compiled, "compute", noted)
        yield batches


async def test_it_computes_what_pytorch_does(embedder: CompiledEmbedder, embedder_folder: Path) -> None:
    """Vectors of length one, float32, in the order of the texts; a question's, too."""
    by_pytorch = SentenceTransformersEmbedder(str(embedder_folder))
    vectors = await embedder.embed_documents(TEXTS)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert np.allclose(vectors, await by_pytorch.embed_documents(TEXTS), atol=0.02)
    asked = await asyncio.gather(*map(embedder.embed_query, TEXTS))
    assert np.allclose(asked, vectors, atol=0.02)
    assert (await embedder.embed_documents([])).shape == (0, HIDDEN)
    assert (embedder.dimensions, embedder.max_tokens) == (by_pytorch.dimensions, by_pytorch.max_tokens)
    assert embedder.name == by_pytorch.name


async def test_tokens_are_counted_beyond_the_limit(embedder: CompiledEmbedder) -> None:
    """With the two that stand around a text: what is cut off can be told before it is."""
    assert await embedder.count_tokens(["prazo", "", "prazo " * 200]) == TokenCounts([3, 2, 202], 64)
    assert await embedder.count_tokens([]) == TokenCounts([], 64)


async def test_batches_are_few_lengths_of_like_texts(
    embedder: CompiledEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Multiples of sixteen, of eight for questions, and never more than the model takes."""
    texts = [" ".join(["prazo"] * (count * 37 % 100)) for count in range(30)]
    with seen_by(embedder, monkeypatch) as batches:
        vectors = await embedder.embed_documents(texts)
    lengths = [len(batch[0]) for batch in batches]
    assert len(set(lengths)) > 2
    assert lengths == sorted(lengths)
    assert all(length % 16 == 0 for length in lengths)
    assert max(lengths) == embedder.max_tokens == 64
    assert max(map(len, batches)) == compiled._PASSAGES_TOGETHER
    with seen_by(embedder, monkeypatch) as batches:
        await embedder.embed_query(" ".join(["prazo"] * 35))
        again = await embedder.embed_documents([texts[7]])
    assert [len(batch[0]) for batch in batches] == [40, 64]
    assert np.allclose(again[0], vectors[7], atol=0.02)


async def test_a_limit_that_is_no_such_multiple_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Filling up would go beyond what the model takes."""
    embedder = await asyncio.to_thread(
        made, tiny_embedder(tmp_path, max_tokens=50), tmp_path / "home", monkeypatch
    )
    with seen_by(embedder, monkeypatch) as batches:
        await embedder.embed_documents(["prazo " * 200])
    assert [len(batch[0]) for batch in batches] == [50]


async def test_a_models_prompts_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And they count."""
    own = {"query": "query: ", "document": "passage: "}
    embedder = await asyncio.to_thread(
        made, tiny_embedder(tmp_path, prompts=own), tmp_path / "home", monkeypatch
    )
    with seen_by(embedder, monkeypatch) as batches:
        await embedder.embed_query("prazo")
        await embedder.embed_documents(["prazo"])
    words = [embedder._tokenizer.decode(tokens) for (tokens,) in batches]
    assert words == ["query : prazo", "passage : prazo"]
    assert await embedder.count_tokens(["prazo"]) == TokenCounts([5], 64)


async def test_each_core_takes_questions_of_its_own(
    embedder_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a light model two batches at a time, of eight questions each, where there are two cores."""
    monkeypatch.setattr(compiled, "_cores", lambda: 2)
    embedder = await asyncio.to_thread(made, embedder_folder, tmp_path, monkeypatch)
    together = threading.Barrier(2, timeout=10)
    sizes = []

    def meet(self: compiled._Compiled, inputs: compiled.Inputs) -> Vectors:
        sizes.append(len(inputs["input_ids"]))
        together.wait()
        return np.ones((sizes[-1], HIDDEN), np.float32)

    monkeypatch.setattr(compiled._Compiled, "compute", meet)
    await asyncio.gather(*(embedder.embed_query(f"prazo {number}") for number in range(16)))
    assert sizes == [8, 8]


async def test_many_ask_while_passages_are_embedded(embedder: CompiledEmbedder) -> None:
    """Each gets its own vector, whoever else asks."""
    texts = [f"prazo {'de ' * number}entrega" for number in range(40)]
    right = await embedder.embed_documents(texts)
    passages, counts, asked = await asyncio.gather(
        embedder.embed_documents(texts),
        embedder.count_tokens(texts),
        asyncio.gather(*map(embedder.embed_query, texts)),
    )
    assert np.allclose(passages, right, atol=1e-5)
    assert np.allclose(asked, right, atol=0.02)
    assert counts == TokenCounts([len(text.split()) + 2 for text in texts], 64)


def test_it_brings_no_pytorch_and_reports_nothing() -> None:
    """Whoever answers questions needs half a gigabyte less; and nobody is told of it."""
    compiling.open_compiled(BUNDLED)  # so that it is compiled
    script = (
        "import asyncio, sys\n"
        "from database.embedders.opening import open_local\n"
        "embedder = open_local('bundled')\n"
        "print(asyncio.run(embedder.embed_query('prazo')).shape)\n"
        "print([name for name in ('torch', 'transformers') if name in sys.modules])\n"
        "print(sys.modules['openvino_telemetry'])\n"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603
    assert told.stdout.split("\n") == ["(384,)", "[]", "None", ""]
