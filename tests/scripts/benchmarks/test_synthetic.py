"""Collections from a seed: the store takes them for its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from database.records import Scope
from database.stores import lance_memory
from database.stores.lance import LanceStore
from scripts.benchmarks import synthetic
from scripts.benchmarks.search import measure
from scripts.benchmarks.synthetic import CLUSTERED, SCATTERED, Shape


@pytest.mark.parametrize("shape", [CLUSTERED, SCATTERED])
async def test_a_collection_is_whole(tmp_path: Path, shape: Shape) -> None:
    """As many passages as asked for, each with its vectors, and found by both legs."""
    await synthetic.fill(tmp_path, 300, shape)
    store = await LanceStore.open(tmp_path, embedder=synthetic.EMBEDDER)
    try:
        assert (await store.count()).chunks == 300
        assert await store.unfinished() == []
        document, *_ = await store.documents()
        chunks, vectors = await store.embedded(document.id)
        assert len(chunks) == len(vectors) == document.passages
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
        (question,) = synthetic.questions(vectors[:1], [chunks[0].text], shape)
        assert set(question.text.split()) <= set(chunks[0].text.replace(".", "").lower().split())
        assert float(question.vector @ vectors[0]) == pytest.approx(0.8, abs=0.05)
        for hits in (
            await store.search_vector(question.vector, Scope(), 10),
            await store.search_text(question.text, "en", Scope(), 10),
        ):
            assert chunks[0].id in [hit.chunk.id for hit in hits]
    finally:
        await store.close()


@pytest.mark.parametrize(("most", "way"), [(16_000, "in memory"), (200, "by LanceDB")])
async def test_the_benchmark_tells_what_it_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, way: str
) -> None:
    """And how: a small collection is compared as a whole either way, so nothing is missed."""
    monkeypatch.setattr(lance_memory, "MOST", most)
    told = await measure(300, CLUSTERED, 10, tmp_path)
    assert f"| 300 passages, clustered, searched {way} |" in told
    assert "| recall@10 by vector | 1.000 |" in told
