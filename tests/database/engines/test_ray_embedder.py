"""An embedder on each of two machines."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from database.errors import EmbedderUnavailable
from database.stores.base import Vectors
from tests.database.fakes import WordsEmbedder, embedding

if TYPE_CHECKING:
    from database.engines.cluster import Cluster

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Words(WordsEmbedder):
    """Its model is a folder, where it notes each batch; it dies once, or always, when told so by a file."""

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
        with (self._folder / "batches").open("a") as file:
            file.write(f"{os.getpid()} {len(texts)} {os.environ.get('CUDA_VISIBLE_DEVICES')}\n")
        await asyncio.sleep(0.05)
        return await WordsEmbedder.embed_documents(self, texts)


async def test_batches_go_to_every_machine_whole_and_come_back_in_order(
    cluster: Cluster, tmp_path: Path
) -> None:
    """Each text has its own vector, bit for bit."""
    from database.engines.ray_embedder import RayEmbedder

    batches = [[f"prazo {number} {word}" for word in ("um", "dois", "três")] for number in range(40)]
    async with RayEmbedder(replace(cluster, gpus=0), str(tmp_path), load=Words) as embedder:
        assert embedder.name == str(tmp_path)
        assert embedder.batches_at_once == 4
        embedder.warm()
        embedded = await asyncio.gather(*(embedder.embed_documents(batch) for batch in batches))
        counted = await embedder.count_tokens(batches[0])
    assert counted is not None
    assert counted.counts == [3, 3, 3]
    for batch, vectors in zip(batches, embedded, strict=True):
        assert np.array_equal(vectors, [embedding(text) for text in batch])
    lines = [line.split() for line in (tmp_path / "batches").read_text().splitlines()]
    assert len({pid for pid, _, _ in lines}) == 2
    assert {size for _, size, _ in lines} == {"3"}


async def test_where_there_are_gpus_each_has_an_embedder_and_nothing_else_has(
    cluster: Cluster, tmp_path: Path
) -> None:
    """A processor would be many times slower, and its vectors differ in their last digits."""
    from database.engines.ray_embedder import RayEmbedder

    async with RayEmbedder(cluster, str(tmp_path), load=Words) as embedder:
        await asyncio.gather(*(embedder.embed_documents(["prazo"]) for _ in range(6)))
    lines = [line.split() for line in (tmp_path / "batches").read_text().splitlines()]
    assert len({pid for pid, _, _ in lines}) == 1
    assert {gpu for _, _, gpu in lines} == {"0"}


async def test_an_actor_that_dies_is_replaced_once(cluster: Cluster, tmp_path: Path) -> None:
    """The batch is embedded all the same; where it dies again, the loader is told where."""
    from database.engines.ray_embedder import RayEmbedder

    async with RayEmbedder(cluster, str(tmp_path), load=Words) as embedder:
        (tmp_path / "once").touch()
        assert np.array_equal(await embedder.embed_documents(["prazo"]), [embedding("prazo")])
        (tmp_path / "always").touch()
        with pytest.raises(EmbedderUnavailable, match="has died"):
            await embedder.embed_documents(["prazo"])


async def test_a_model_that_cannot_be_loaded_says_where_and_why(cluster: Cluster, tmp_path: Path) -> None:
    """To whoever asks; and when it has rested, it is loaded anew."""
    from database.engines.ray_embedder import RayEmbedder

    (tmp_path / "missing").touch()
    async with RayEmbedder(cluster, str(tmp_path), load=Words) as embedder:
        with pytest.raises(EmbedderUnavailable, match="EMBEDDING_MODEL") as caught:
            await embedder.embed_documents(["prazo"])
        assert caught.value.detail.endswith(": no such model")
        (tmp_path / "missing").unlink()
        await embedder.rest()
        assert np.array_equal(await embedder.embed_documents(["prazo"]), [embedding("prazo")])


async def test_the_real_model_embeds_there_as_here(cluster: Cluster) -> None:
    """The same batch has the same vectors, whichever engine embeds it."""
    from database.embedders.opening import open_local
    from database.embedders.sentence_transformers import BUNDLED
    from database.engines.ray_embedder import RayEmbedder

    texts = [f"O prazo é de {number} dias." for number in range(12)]
    async with RayEmbedder(replace(cluster, nodes=cluster.nodes[:1]), BUNDLED) as embedder:
        loading = asyncio.to_thread(open_local, BUNDLED)
        there, model = await asyncio.gather(embedder.embed_documents(texts), loading)
    here = await model.embed_documents(texts)
    assert np.array_equal(there, here)
