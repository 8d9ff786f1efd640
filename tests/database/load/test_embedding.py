"""What is embedded of a passage."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from database.embedders.base import TokenCounts
from database.load.embedding import Embedding
from database.sentence_vectors import similarities
from database.stores.base import Vectors
from database.stores.lance import LanceStore
from tests.database.fakes import WordsEmbedder, chunks, document, embedding

LONG = "O prazo de entrega do material é de trinta dias. "
OTHER = "A garantia cobre defeitos de fabricação por um ano. "


class Noting(WordsEmbedder):
    """Takes so many characters, which it says are tokens, and notes what it is given."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.given: list[str] = []
        self.counted = 0

    async def count_tokens(self, texts: Sequence[str]) -> TokenCounts | None:
        self.counted += 1
        return TokenCounts([len(text) for text in texts], self.limit)

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        self.given += texts
        return await super().embed_documents(texts)


async def embedded(folder: Path, embedder: WordsEmbedder, *texts: str) -> list[bytes]:
    """The packed vectors of one document with these passages."""
    store = await LanceStore.open(folder, embedder="words")
    try:
        of = document("a")
        await store.put(of, chunks(of, *texts))
        await Embedding(store=store, embedder=embedder, embedded=lambda _: None).embed([of])
        return [chunk.sentences for chunk in await store.chunks("a")]
    finally:
        await store.close()


async def test_each_statement_has_a_vector_beside_its_passage(tmp_path: Path) -> None:
    """A passage that is one statement has its own alone."""
    several, single = await embedded(tmp_path, WordsEmbedder(), LONG + OTHER, "Prazo.")
    (own,), (best,) = similarities(embedding(OTHER), [several])
    assert best > 0.99 > own
    (own,), (best,) = similarities(embedding("Prazo."), [single])
    assert own == best


async def test_no_statement_is_cut_by_the_model(tmp_path: Path) -> None:
    """One that is too long for it is embedded in pieces, down to lengths that surely fit."""
    listed = "palavra " * 60
    embedder = Noting(limit=210)
    await embedded(tmp_path, embedder, LONG + listed)
    pieces = embedder.given[1:]
    assert max(map(len, pieces)) <= 210
    assert "".join(pieces).split() == (LONG + listed).split()


async def test_short_statements_are_not_counted(tmp_path: Path) -> None:
    """Counting takes time."""
    embedder = Noting(limit=10)
    await embedded(tmp_path, embedder, LONG + OTHER)
    assert embedder.counted == 0
