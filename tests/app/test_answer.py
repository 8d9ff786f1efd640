"""From a question to the events of its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from app.answer import LEAST_ON_TOPIC, answer
from app.descriptions import Filter
from app.errors import (
    CollectionUnavailable,
    ModelBroken,
    ModelRefused,
    ModelUnreachable,
    PromptTooLong,
    RequestError,
    UnknownDocument,
)
from app.events import Done, Event, Failed, Piece, Reset, Sources
from app.messages import SENTENCES, Language
from app.models.base import KINDS, Kind, Usage
from app.models.route import Candidate
from app.reading import Question, Reader
from database.asked import AskedPages
from database.collection import Collection
from database.errors import StoreUnavailable
from database.records import Description, Scope
from tests.app.fakes import FakeModel, FakeRetriever, FakeStore, a_chunk, a_collection, a_document, a_match

STOP = Usage(reason="stop", prompt_tokens=7, answer_tokens=3)
FOUND = [a_match(chunk=a_chunk("doc")), a_match(chunk=a_chunk("other", text="Another text."))]


def ask(text: str = "What?", language: Language = "en", documents: tuple[str, ...] | None = None) -> Question:
    return Question(text=text, written_in="en", language=language, documents=documents, limit=5)


async def events_of(
    *models: FakeModel,
    question: Question | None = None,
    collection: Collection | None = None,
    asked: AskedPages | None = None,
) -> list[Event]:
    collection = collection or a_collection(FOUND)
    candidates = [Candidate(model, await model.status()) for model in models or (FakeModel(),)]
    events: list[Event] = []
    await answer(
        question or ask(), Reader(collection.store, collection.retriever), candidates, events.append, asked
    )
    return events


def text_of(events: Sequence[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Piece))


async def test_gives_sources_then_pieces_then_the_end() -> None:
    """The shape of every answer."""
    model = FakeModel(parts=("It is ", "42 [1]", ".", STOP))
    first, *pieces, last = await events_of(model)
    assert isinstance(first, Sources)
    assert [passage.n for passage in first.context.passages] == [1, 2]
    assert pieces == [Piece("fake", "It is "), Piece("fake", "42 [1]"), Piece("fake", ".")]
    assert isinstance(last, Done)
    assert (last.reason, last.prompt_tokens, last.answer_tokens) == ("stop", 7, 3)
    assert [(c.n, c.start, c.end) for c in last.citations] == [(1, 0, 8)]
    assert model.closed == 1


async def test_the_model_reads_what_was_found() -> None:
    """The prompt has the question and the passages, in the language of the answer."""
    model = FakeModel()
    await events_of(model, question=ask("How many?", language="pt"))
    [prompt] = model.prompts
    assert (prompt.question, prompt.language) == ("How many?", "pt")
    assert "Another text." in prompt.user


async def test_searches_in_the_questions_own_language_and_documents() -> None:
    """Even where the answer is to be in another one."""
    collection = a_collection(FOUND)
    await events_of(question=ask(language="pt", documents=("doc",)), collection=collection)
    assert isinstance(collection.retriever, FakeRetriever)
    assert collection.retriever.asked == [("What?", Scope(documents=("doc",)), 5, "en")]


async def test_removes_citations_of_sources_that_do_not_exist() -> None:
    """Two passages were given, so [7] is made up."""
    events = await events_of(FakeModel(parts=("It is 42 [7].", STOP)))
    assert text_of(events) == "It is 42."


@pytest.mark.parametrize(
    "error", [ModelUnreachable("a", "away"), ModelRefused("a", "busy"), ModelBroken("a", "cut")]
)
async def test_a_model_that_fails_before_its_first_piece_hands_over(error: Exception) -> None:
    """The next one answers, and its lines have its name."""
    events = await events_of(FakeModel("a", parts=(error,)), FakeModel("b", parts=("Yes [1].", STOP)))
    assert text_of(events) == "Yes [1]."
    assert {event.model for event in events[1:] if isinstance(event, Piece | Done)} == {"b"}


@pytest.mark.parametrize("parts", [(STOP,), ("", STOP), (" [9]", STOP)])
async def test_an_empty_answer_hands_over(parts: tuple[str | Usage, ...]) -> None:
    """A model that ends without a word has not answered."""
    events = await events_of(FakeModel("a", parts=parts), FakeModel("b", parts=("Yes.", STOP)))
    assert text_of(events) == "Yes."


async def test_a_model_that_dies_on_the_way_leaves_it_to_the_next() -> None:
    """Which begins anew; what was read so far is void, and so are its citations."""
    events = await events_of(
        FakeModel("a", parts=("It is 41 [2] ", ModelBroken("a", "secret"))),
        FakeModel("b", parts=("Yes [1].", STOP)),
    )
    assert events[1:-1] == [Piece("a", "It is 41 [2] "), Reset("b"), Piece("b", "Yes [1].")]
    assert isinstance(events[-1], Done)
    assert [(c.n, c.start, c.end) for c in events[-1].citations] == [(1, 0, 3)]
    assert events[-1].model == "b"


async def test_where_nobody_is_left_the_failure_is_the_last_event() -> None:
    """In the reader's language, and nothing of the model's inside."""
    events = await events_of(
        FakeModel("a", parts=("It is ", ModelBroken("a", "secret"))), question=ask(language="pt")
    )
    assert events[1:] == [
        Piece("a", "It is "),
        Failed(message="a parou antes do fim da resposta. Pergunte de novo.", code="model_unavailable"),
    ]


async def test_rather_a_refusal_than_doubtful_quotations_after_a_model_that_died() -> None:
    """Quotations need more relevance than a model that reads; what it began is void."""
    doubtful = a_collection([a_match(relevance=0.3)])
    dies = FakeModel("reads", parts=("It is ", ModelBroken("reads", "gone")))
    events = await events_of(dies, FakeModel("quotes", family="extractive"), collection=doubtful)
    assert events[1:4] == [
        Piece("reads", "It is "),
        Reset("quotes"),
        Piece("quotes", SENTENCES["refusal"]["en"]),
    ]


async def test_when_nobody_answers_the_last_failure_is_told() -> None:
    """Every stream has an end."""
    events = await events_of(FakeModel("a", parts=(ModelRefused("a", "busy"),)))
    assert isinstance(events[-1], Failed)
    assert len(events) == 2


@pytest.mark.parametrize("family", KINDS)
@pytest.mark.parametrize("language", ["pt", "es", "en"])
async def test_refuses_what_the_documents_do_not_hold(language: Language, family: Kind) -> None:
    """Without asking a model, in the language of the answer, with the nearest pages as sources."""
    model = FakeModel(family=family)
    far = [a_match(relevance=LEAST_ON_TOPIC[family] - 0.01)]
    events = await events_of(model, question=ask(language=language), collection=a_collection(far))
    first, piece, last = events
    assert isinstance(first, Sources)
    assert len(first.context.passages) == 1
    assert piece == Piece("fake", SENTENCES["refusal"][language])
    assert isinstance(last, Done)
    assert last.reason == "no_answer"
    assert model.prompts == []


async def test_quotations_take_more_relevance_than_a_model_that_reads() -> None:
    """Also where they step in for a model that failed: nobody would judge them before the person."""
    doubtful = a_collection([a_match(relevance=0.3)])
    fails = FakeModel("reads", parts=(ModelUnreachable("reads", "gone"),))
    quotes = FakeModel("quotes", family="extractive")
    assert text_of(await events_of(FakeModel("reads"), collection=doubtful)) == "The answer is 42 [1]."
    *_, piece, last = await events_of(fails, quotes, collection=doubtful)
    assert piece == Piece("quotes", SENTENCES["refusal"]["en"])
    assert isinstance(last, Done)
    assert last.reason == "no_answer"
    assert (len(fails.prompts), len(quotes.prompts)) == (1, 0)


async def test_one_relevant_passage_is_enough() -> None:
    """However low the first in the order stands."""
    found = [
        a_match(chunk=a_chunk("a"), relevance=0.01),
        a_match(chunk=a_chunk("b", text="B."), relevance=0.5),
    ]
    assert text_of(await events_of(collection=a_collection(found))) == "The answer is 42 [1]."


async def test_nothing_found_is_a_refusal() -> None:
    """Where there are documents."""
    collection = a_collection(store=FakeStore(held=[a_document()]))
    assert text_of(await events_of(collection=collection)) == SENTENCES["refusal"]["en"]


async def test_an_empty_collection_says_how_to_fill_it() -> None:
    """Its sentence differs from the refusal; the reason is the same."""
    events = await events_of(collection=a_collection())
    assert "python -m database seed" in text_of(events)
    assert isinstance(events[-1], Done)
    assert events[-1].reason == "no_answer"


@pytest.mark.parametrize("written", ["refusal", "other"])
async def test_recognises_a_models_refusal(written: str) -> None:
    """A model that writes the sentence it was given has not answered."""
    text = SENTENCES["refusal"]["es"] if written == "refusal" else "No tengo coche."
    events = await events_of(FakeModel(parts=(text, STOP)))
    assert isinstance(events[-1], Done)
    assert events[-1].reason == ("no_answer" if written == "refusal" else "stop")


async def test_says_when_an_answer_was_cut_at_its_length() -> None:
    """As the model said."""
    events = await events_of(FakeModel(parts=("It is", Usage(reason="length"))))
    assert isinstance(events[-1], Done)
    assert events[-1].reason == "length"


@pytest.mark.parametrize(
    ("collection", "question", "window", "error"),
    [
        (a_collection(FOUND), ask(documents=("gone",)), 8_192, UnknownDocument),
        (
            a_collection(failure=StoreUnavailable("unreadable", detail="secret")),
            ask(),
            8_192,
            CollectionUnavailable,
        ),
        (
            a_collection(store=FakeStore(failure=StoreUnavailable("unreadable", detail="secret"))),
            ask(),
            8_192,
            CollectionUnavailable,
        ),
        (a_collection(FOUND), ask("x" * 9_000), 4_096, PromptTooLong),
    ],
)
async def test_what_is_wrong_with_a_request_is_raised_before_any_event(
    collection: Collection, question: Question, window: int, error: type[RequestError]
) -> None:
    """Until then the response can still have a status."""
    events: list[Event] = []
    model = FakeModel(window=window)
    candidates = [Candidate(model, await model.status())]
    with pytest.raises(error):
        await answer(question, Reader(collection.store, collection.retriever), candidates, events.append)
    assert events == []


async def test_leaving_lets_go_of_the_model() -> None:
    """Ending the answer's task closes the model's stream."""
    model, collection = FakeModel(parts=("One ", "two ", STOP), stalls=True), a_collection(FOUND)
    candidates = [Candidate(model, await model.status())]
    events: list[Event] = []
    task = asyncio.create_task(
        answer(ask(), Reader(collection.store, collection.retriever), candidates, events.append)
    )
    async with asyncio.timeout(5):
        while text_of(events) != "One two ":
            await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait((task,))
    assert model.closed == 1


async def test_pages_that_wait_for_their_layout_are_asked_for(tmp_path: Path) -> None:
    """Those of documents that aren't finished; an answer that has all of it asks for nothing."""
    waiting = a_document("waiting", passages=3, embedded=3, laid_out=1)
    matches = [a_match(waiting, a_chunk("waiting", position=6)), a_match(chunk=a_chunk("doc"))]
    asked = AskedPages(tmp_path)
    await events_of(collection=a_collection(matches), asked=asked)
    assert asked.take() == [("waiting", 7)]


async def test_only_documents_that_are_chosen_are_searched() -> None:
    """And where none is, nothing is found in any."""
    tagged = a_document("tagged", described=Description(tags=("rh",)))
    store = FakeStore(held=[a_document("doc"), tagged])
    collection = a_collection(FOUND, store=store)
    assert isinstance(collection.retriever, FakeRetriever)
    await events_of(question=replace(ask(), filter=Filter(tags=("rh",))), collection=collection)
    assert [scope.documents for _, scope, *_ in collection.retriever.asked] == [("tagged",)]
    events = await events_of(question=replace(ask(), filter=Filter(tags=("obras",))), collection=collection)
    assert isinstance(events[-1], Done)
    assert events[-1].reason == "no_answer"
    assert len(collection.retriever.asked) == 1
