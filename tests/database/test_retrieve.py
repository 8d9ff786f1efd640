"""Vectors and full text, fused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from database.records import Hit, Scope
from database.retrieve import Retriever, SharedWords, fuse, relevance
from database.stores.lance import LanceStore
from tests.contracts.store_contract import put
from tests.database.fakes import WordsEmbedder, chunks, document

A, B, C, D = chunks(document("d"), "a", "b", "c", "d")


def hits(*scored: tuple[object, float]) -> list[Hit]:
    return [Hit(chunk=chunk, score=score) for chunk, score in scored]  # type: ignore[arg-type]


NO_WORDS = SharedWords("", [A, B, C, D])


def test_what_both_legs_find_comes_first() -> None:
    """A chunk that is second in both beats chunks that only one leg knows."""
    near, both, worded, far = chunks(
        document("d"), "coisa diversa", "o prazo de entrega", "prazo", "nada disso"
    )
    shared = SharedWords("prazo de entrega", [near, both, worded, far])
    found = fuse(hits((near, 0.5), (both, 0.45), (far, 0.1)), hits((worded, 10.0), (both, 9.0)), shared)
    assert found[0].chunk == both
    assert (found[0].vector_rank, found[0].text_rank) == (2, 2)


def test_how_a_store_scores_words_changes_nothing() -> None:
    """Stores count and round differently; which passages they bring is all that is taken from them."""
    one, other = chunks(document("d"), "prazo de entrega prazo", "prazo de muitas outras coisas mais")
    shared = SharedWords("prazo", [one, other])
    for scores in ((9.0, 1.0), (0.1, 7.0)):
        found = fuse([], hits((one, scores[0]), (other, scores[1])), shared)
        assert [each.chunk for each in found] == [one, other]


def test_bm25_prefers_short_passages_that_repeat_the_words() -> None:
    """And gives nothing to a passage without any."""
    often, once, long, none = chunks(
        document("d"), "prazo prazo x", "prazo x x", f"prazo {'x ' * 40}", "outro assunto"
    )
    shared = SharedWords("prazo", [often, once, long, none])
    scores = [shared.bm25(chunk) for chunk in (often, once, long, none)]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 4
    assert scores[-1] == 0


def test_a_leg_that_knows_nothing_does_not_outvote_the_other() -> None:
    """The first hit of a search without a good one stays behind what holds the question's words."""
    rare, other = chunks(document("d"), "credenciamento de operadoras", "coisa diversa")
    shared = SharedWords("credenciamento das operadoras", [rare, other])
    found = fuse(hits((other, 0.3), (rare, 0.1)), hits((rare, 2.0)), shared)
    assert [one.chunk for one in found] == [rare, other]
    assert found[0].relevance > found[1].relevance


def test_a_leg_that_found_nothing_leaves_the_other_in_order() -> None:
    """No division by nothing, no change of order."""
    assert [one.chunk for one in fuse([], hits((A, 3.0), (B, 1.0)), NO_WORDS)] == [A, B]
    assert [one.chunk for one in fuse(hits((B, 0.5), (A, -0.2)), [], NO_WORDS)] == [B, A]
    assert fuse([], [], NO_WORDS) == []


def test_relevance_is_between_zero_and_one_and_grows_with_both() -> None:
    """More similar or more of the question's words is more relevant."""
    assert 0 < relevance(0, 0) < 0.1
    assert 0.9 < relevance(1, 1) < 1
    assert relevance(0.5, 0.5) > relevance(0.5, 0.2)
    assert relevance(0.5, 0.5) > relevance(0.2, 0.5)


def test_a_rare_word_covers_more_of_a_question_than_a_common_one() -> None:
    """What every passage holds says little about one of them."""
    rare, common, other = chunks(document("d"), "prazo credenciamento", "prazo comum", "prazo geral")
    shared = SharedWords("prazo do credenciamento", [rare, common, other])
    assert shared.coverage(rare) == 1
    assert 0 < shared.coverage(common) < 0.4


@pytest.fixture
async def retriever(tmp_path: Path) -> AsyncIterator[Retriever]:
    store = await LanceStore.open(tmp_path, embedder="words")
    yield Retriever(store=store, embedder=WordsEmbedder())
    await store.close()


async def test_the_passage_that_answers_comes_first(retriever: Retriever) -> None:
    """With its document, its page, its boxes and a relevance above the others'."""
    await put(retriever.store, "a", "O prazo de entrega é de trinta dias.", "O pagamento é mensal.")
    await put(retriever.store, "b", "A garantia cobre defeitos.")
    first, *others = await retriever.search("qual o prazo da entrega", limit=3)
    assert (first.document.id, first.chunk.page) == ("a", 1)
    assert first.chunk.boxes
    assert first.relevance > 0.5 > max(match.relevance for match in others)


async def test_an_empty_collection_gives_no_matches(retriever: Retriever) -> None:
    """Neither does a scope without documents."""
    assert await retriever.search("qual o prazo") == []
    await put(retriever.store, "a", "prazo")
    assert await retriever.search("qual o prazo", scope=Scope(documents=())) == []


async def test_the_limit_and_the_scope_hold(retriever: Retriever) -> None:
    """No more than asked for, and only from the documents asked of."""
    await put(retriever.store, "a", *(f"prazo número {n}" for n in range(30)))
    await put(retriever.store, "b", "prazo outro")
    assert len(await retriever.search("prazo", limit=4)) == 4
    found = await retriever.search("prazo", scope=Scope(documents=("b",)))
    assert [match.document.id for match in found] == ["b"]
