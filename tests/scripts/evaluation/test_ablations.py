"""Acervo without one of its parts."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from database.rank import WEIGHTS
from database.retrieve import Retriever
from database.stores.lance import LanceStore
from scripts.evaluation.ablations import PARTS, without
from tests.contracts.store_contract import put
from tests.database.fakes import WordsEmbedder


def test_every_weight_can_be_left_out() -> None:
    """A part that is added to the ranking is one of those that are measured."""
    changed = {
        field.name
        for weights, _ in PARTS.values()
        for field in fields(WEIGHTS)
        if getattr(weights, field.name) != getattr(WEIGHTS, field.name)
    }
    assert changed == {field.name for field in fields(WEIGHTS)}


@pytest.mark.parametrize("part", PARTS)
async def test_the_same_collection_is_asked(part: str, tmp_path: Path) -> None:
    """With the same words, in another order at most."""
    store = await LanceStore.open(tmp_path, embedder="words")
    try:
        await put(store, "a", "o prazo de entrega", "o pagamento", "a garantia")
        whole = Retriever(store=store, embedder=WordsEmbedder())
        found = await without(part, whole).search("prazo de entrega", "pt")
        expected = await whole.search("prazo de entrega")
        assert {one.text for one in found} == {match.chunk.text for match in expected}
    finally:
        await store.close()
