"""From a question to the places that answer it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from database.embedders.answering import AnsweringEmbedder
from database.errors import EmbedderUnavailable
from database.rank import Found
from database.records import Chunk, Hit, Scope
from database.retrieve import Retriever, together
from database.stores.base import Vectors
from database.stores.lance import LanceStore
from tests.contracts.changeover_contract import embed_all
from tests.contracts.store_contract import put
from tests.database.fakes import AnotherEmbedder, WordsEmbedder, chunks, document


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


async def test_in_groups_each_question_has_its_own_answer(retriever: Retriever) -> None:
    """However many come at once; and each its own failure."""
    await put(retriever.store, "a", "O prazo de entrega é de trinta dias.", "A multa é de dez por cento.")
    grouped = Retriever(store=retriever.store, embedder=WordsEmbedder(), in_groups=True)
    asked = [f"{word} {n}" for n in range(15) for word in ("prazo entrega", "multa")]
    alone = [await retriever.search(question) for question in asked]
    assert await asyncio.gather(*(grouped.search(question) for question in asked)) == alone

    class Failing(WordsEmbedder):
        async def embed_query(self, text: str) -> Vectors:
            if "multa" in text:
                raise EmbedderUnavailable("embedder_unloadable", detail="gone")
            return await super().embed_query(text)

    failing = Retriever(store=retriever.store, embedder=Failing(), in_groups=True)
    failing._calibrations["words"] = {}
    found = await asyncio.gather(*(failing.search(one) for one in asked), return_exceptions=True)
    assert all(isinstance(one, list) and one[0].document.id == "a" for one in found[::2])
    assert {type(one) for one in found[1::2]} == {EmbedderUnavailable}


async def test_groups_take_turns(retriever: Retriever, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of eight at a time: the first are answered before the last have begun."""
    await put(retriever.store, "a", "O prazo de entrega é de trinta dias.")
    grouped = Retriever(store=retriever.store, embedder=WordsEmbedder(), in_groups=True)
    await grouped.prepare()
    running, most = 0, 0
    search = grouped._search

    async def counted(*arguments: Any) -> Any:
        nonlocal running, most
        running += 1
        most = max(most, running)
        found = await search(*arguments)
        running -= 1
        return found

    monkeypatch.setattr(grouped, "_search", counted)
    await asyncio.gather(*(grouped.search(f"prazo {n}") for n in range(50)))
    assert most == 16


async def test_a_question_during_the_exchange_of_vectors_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its vector is compared with those of its own model alone, and nobody is told of an error."""
    opened: list[str] = []

    async def open_(name: str) -> WordsEmbedder:
        opened.append(name)
        return AnotherEmbedder() if name == "another" else WordsEmbedder()

    store = await LanceStore.open(tmp_path, embedder="words")
    writer = await LanceStore.open(tmp_path, embedder="another")
    try:
        await put(store, "a", "prazo de entrega", "garantia")
        await store.release()
        await writer.claim()
        retriever = Retriever(store=store, embedder=AnsweringEmbedder("another", open_))
        await retriever.prepare()
        search_text = store.search_text

        async def overtaken(*arguments: Any) -> list[Hit]:
            found = await search_text(*arguments)
            await embed_all(writer)
            return found

        monkeypatch.setattr(store, "search_text", overtaken)
        found, other = await retriever.search("prazo de entrega")
        assert (found.chunk.text, found.vector_rank, other.vector_rank) == ("prazo de entrega", 1, 2)
        assert opened == ["words", "another"]
    finally:
        await writer.close()
        await store.close()


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


async def test_words_count_that_a_document_is_called_by(retriever: Retriever) -> None:
    """Reports of a company look alike from year to year; the year is in the file's name."""
    for year in ("2019", "2021", "2022", "2023"):
        of = replace(document(year), name=f"BESTBUY_{year}_10K.pdf")
        parts = chunks(of, "Total inventories were counted at the end of the year.")
        await retriever.store.put(of, parts)
    [first, *_] = await retriever.search(
        "How high were the inventories of Best Buy in FY2021?", language="en"
    )
    assert first.document.id == "2021"


async def test_rarity_follows_what_is_loaded(retriever: Retriever) -> None:
    """A word that was in every passage of the first document is rare among those of many."""
    await put(retriever.store, "a", "prazo um", "prazo dois")
    await retriever.search("prazo")
    before = (await retriever.rarity.current()).of("praz")
    await put(retriever.store, "b", *(f"outra coisa {n}" for n in range(20)))
    await retriever.search("prazo")
    assert (await retriever.rarity.current()).of("praz") > before + 1


async def test_questions_at_once_sample_the_collection_once(
    retriever: Retriever, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that came later wait for the first one's sample instead of ranking without."""
    await put(retriever.store, "a", "prazo de entrega")
    sampled = 0
    sample = retriever.store.sample

    async def counted(limit: int) -> list[Chunk]:
        nonlocal sampled
        sampled += 1
        return await sample(limit)

    monkeypatch.setattr(retriever.store, "sample", counted)
    found = await asyncio.gather(*(retriever.search("prazo") for _ in range(5)))
    assert sampled == 1
    assert len({matches[0].relevance for matches in found}) == 1


def at(*places: tuple[str, int | None, int]) -> list[Found]:
    """Found in this order: document, page, position."""
    [bare] = chunks(document("d"), "t")
    return [
        Found(
            chunk=replace(bare, id=f"{id_}:{position}", document_id=id_, page=page, position=position),
            score=-float(n),
            relevance=0.5,
            on_topic=0.5,
            vector_rank=None,
            text_rank=None,
        )
        for n, (id_, page, position) in enumerate(places)
    ]


def places(found: list[Found], limit: int) -> list[list[str]]:
    return [[one.chunk.id for one in place] for place in together(found, limit)]


def test_passages_of_a_page_are_one_place() -> None:
    """So the first results are as many pages, each with all that was found on it."""
    found = at(("a", 1, 0), ("b", 1, 0), ("a", 1, 3), ("a", 2, 4))
    assert places(found, 4) == [["a:0", "a:3"], ["b:0"], ["a:4"]]


def test_passages_of_a_document_without_pages_are_one_place_where_they_touch() -> None:
    """A long text isn't one result."""
    found = at(("a", None, 5), ("a", None, 9), ("a", None, 6), ("b", None, 7), ("a", None, 7))
    assert places(found, 5) == [["a:5", "a:6", "a:7"], ["a:9"], ["b:7"]]


def test_a_place_holds_what_would_have_been_found_alone() -> None:
    """Joining makes room for more places, and doesn't bring passages that were too far down."""
    found = at(("a", 1, 0), ("a", 1, 1), ("b", 1, 0), ("a", 1, 2))
    assert places(found, 2) == [["a:0", "a:1"], ["b:0"]]
    assert places(found, 1) == [["a:0"]]


class Reverse:
    """A reranker that finds the last passages best, after so many seconds."""

    name = "reverse"

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds

    async def rerank(self, question: str, texts: Sequence[str]) -> list[float]:
        await asyncio.sleep(self.seconds)
        return [n / len(texts) for n in range(len(texts))]


async def test_a_reranker_orders_what_was_found(retriever: Retriever) -> None:
    """And its scores are how relevant the passages are."""
    await put(retriever.store, "a", "prazo de entrega", "prazo", "outra coisa")
    before = [match.chunk.id for match in await retriever.search("prazo de entrega")]
    retriever.reranker = Reverse()
    after = await retriever.search("prazo de entrega")
    assert [match.chunk.id for match in after] == before[::-1]
    assert [match.relevance for match in after] == pytest.approx([2 / 3, 1 / 3, 0])


async def test_a_reranker_that_takes_too_long_is_not_waited_for(retriever: Retriever) -> None:
    """The question is answered in the order in which its passages were found."""
    await put(retriever.store, "a", "prazo de entrega", "prazo", "outra coisa")
    before = await retriever.search("prazo de entrega")
    retriever.reranker, retriever.reranker_seconds = Reverse(30.0), 0.01
    assert await retriever.search("prazo de entrega") == before


async def test_the_same_question_is_searched_once_until_something_changes(retriever: Retriever) -> None:
    """By everybody who asks it; another scope, limit or language is another question."""
    asked = []

    class Noting(WordsEmbedder):
        async def embed_query(self, text: str) -> Vectors:
            asked.append(text)
            return await super().embed_query(text)

    store = retriever.store
    noting = Retriever(store=store, embedder=Noting(), in_groups=True)
    await put(store, "a", "O prazo de entrega é de trinta dias.")
    await noting.prepare()
    asked.clear()
    first, second = await asyncio.gather(noting.search("prazo"), noting.search("prazo"))
    assert first == second == await noting.search("prazo")
    assert first is not second
    assert asked == ["prazo"]
    for more in ({"limit": 3}, {"language": "es"}, {"scope": Scope(documents=("a",))}):
        await noting.search("prazo", **more)
    assert len(asked) == 4
    await put(store, "b", "O prazo de recurso é de dez dias.")
    await asyncio.sleep(0)
    assert {match.document.id for match in await noting.search("prazo")} == {"a", "b"}
    await store.delete("a")
    await asyncio.sleep(0)
    assert [match.document.id for match in await noting.search("prazo")] == ["b"]
