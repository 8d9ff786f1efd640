"""An embedder in a process of its own."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from database.embedders.apart import EmbedderApart
from database.errors import EmbedderUnavailable
from database.stores.base import Vectors
from tests.database.fakes import DIMENSIONS, WordsEmbedder, embedding


class Words(WordsEmbedder):
    """Its model is a folder; it dies once, or always, when told so by a file there."""

    def __init__(self, model: str) -> None:
        self._folder = Path(model)
        if (self._folder / "missing").exists():
            raise EmbedderUnavailable("embedder_unloadable", detail="no such model")

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        if (self._folder / "always").exists():
            os._exit(9)
        if (self._folder / "once").exists():
            (self._folder / "once").unlink()
            os._exit(9)
        return await WordsEmbedder.embed_documents(self, texts)


async def test_it_embeds_as_the_embedder_itself(tmp_path: Path) -> None:
    """The same vectors, bit for bit, and the same name and bounds; in another process."""
    async with EmbedderApart(str(tmp_path), load=Words) as apart:
        assert apart.name == str(tmp_path)
        apart.warm()
        vectors = await apart.embed_documents(["prazo de entrega", "outro"])
        assert np.array_equal(vectors, [embedding("prazo de entrega"), embedding("outro")])
        assert (await apart.embed_documents([])).shape == (0, DIMENSIONS)


async def test_it_rests_and_comes_back(tmp_path: Path) -> None:
    """Its process ends, and another one answers the next call."""
    async with EmbedderApart(str(tmp_path), load=Words) as apart:
        await apart.embed_documents(["prazo"])
        before = {process.pid for process in multiprocessing.active_children()}
        await apart.rest()
        assert not before & {process.pid for process in multiprocessing.active_children()}
        assert np.array_equal(await apart.embed_documents(["prazo"]), [embedding("prazo")])


async def test_a_process_that_dies_is_replaced_once(tmp_path: Path) -> None:
    """The text is embedded all the same; where it dies again, the loader is told."""
    async with EmbedderApart(str(tmp_path), load=Words) as apart:
        (tmp_path / "once").touch()
        assert np.array_equal(await apart.embed_documents(["prazo"]), [embedding("prazo")])
        (tmp_path / "always").touch()
        with pytest.raises(EmbedderUnavailable, match="memory enough") as caught:
            await apart.embed_documents(["prazo"])
        assert caught.value.detail == "exit status 9"


async def test_a_model_that_cannot_be_loaded_says_why(tmp_path: Path) -> None:
    """As in the same process."""
    (tmp_path / "missing").touch()
    async with EmbedderApart(str(tmp_path), load=Words) as apart:
        apart.warm()
        with pytest.raises(EmbedderUnavailable) as caught:
            await apart.embed_documents(["prazo"])
        assert (caught.value.problem, caught.value.detail) == ("embedder_unloadable", "no such model")


async def test_the_real_model_embeds_there_as_here() -> None:
    """The loader's vectors and a question's must come from one and the same model."""
    from database.embedders.opening import open_local
    from database.embedders.sentence_transformers import BUNDLED

    texts = ["O prazo é de trinta dias.", "The deadline is thirty days."]
    async with EmbedderApart(BUNDLED) as apart:
        there = await apart.embed_documents(texts)
        counted = await apart.count_tokens(texts)
    embedder = open_local(BUNDLED)
    assert np.allclose(there, await embedder.embed_documents(texts), atol=1e-3)
    assert counted == await embedder.count_tokens(texts)
