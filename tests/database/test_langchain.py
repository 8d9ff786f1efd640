"""The collection in LangChain: our retriever over both stores, and LangChain's own search of MongoDB."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.documents import Document
from langchain_core.language_models import FakeListChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnablePassthrough
from langchain_mongodb import MongoDBAtlasVectorSearch
from langchain_mongodb.retrievers import (
    MongoDBAtlasFullTextSearchRetriever,
    MongoDBAtlasHybridSearchRetriever,
)
from pymongo import MongoClient
from pymongo.collection import Collection as MongoCollection
from pymongo.errors import OperationFailure
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from database.collection import Collection, Storage, open_storage
from database.embedders.base import Embedder
from database.errors import StoreUnavailable
from database.held import Held
from database.langchain import (
    AcervoEmbeddings,
    AcervoRetriever,
    findable,
    open_embeddings,
    open_retriever,
    vector_names,
    with_vectors_as_lists,
)
from database.retrieve import Retriever
from database.settings import Settings
from database.stores.atlas import AtlasStore
from database.stores.atlas_stages import TEXT_INDEX
from tests.contracts.changeover_contract import embed_all
from tests.database.fakes import AnotherEmbedder, WordsEmbedder, chunks, document, embedding, embeddings
from tests.test_architecture import imports

ROOT = Path(__file__).parents[2]

Record = dict[str, Any]

QUANTISED = 0.01  # what a score of quantised vectors may be off by

TEXTS = ("O prazo é de trinta dias.", "A taxa é de dez reais.", "As organizações são credenciadas.")


async def fill(storage: Storage) -> None:
    for id_, library, texts in (("edital", "default", TEXTS), ("nota", "default", ("O prazo da nota.",))):
        of = document(id_, library=library)
        parts = chunks(of, *texts)
        await storage.store.put(of, parts, embeddings(parts))
    of = document("outro", library="other")
    parts = chunks(of, "O prazo de outra biblioteca.")
    await storage.store.put(of, parts, embeddings(parts))
    await storage.store.settle()


@pytest.fixture(params=["lance", "mongodb"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Of a filled collection in the embedded store and in MongoDB."""
    mongodb = {}
    if request.param == "mongodb":
        uri, database = (request.getfixturevalue(f"mongodb_{name}") for name in ("uri", "database"))
        mongodb = {"mongodb_uri": uri, "mongodb_database": database}
    values: dict[str, Any] = {"data_dir": tmp_path, "embedding_model": WordsEmbedder.name, **mongodb}
    made = Settings(_env_file=None, **values)  # type: ignore[call-arg]

    async def filled() -> None:
        async with open_storage(made) as storage:
            await fill(storage)

    asyncio.run(filled())
    return made


def opening(settings: Settings) -> AbstractAsyncContextManager[Collection]:
    @asynccontextmanager
    async def opened() -> AsyncIterator[Collection]:
        embedder = WordsEmbedder()
        async with open_storage(settings) as storage:
            yield Collection(
                store=storage.store,
                files=storage.files,
                retriever=Retriever(store=storage.store, embedder=embedder),
            )

    return opened()


@pytest.fixture
def held(settings: Settings) -> Iterator[Held[Collection]]:
    with Held(lambda: opening(settings)) as collection:
        yield collection


@pytest.fixture
def retriever(held: Held[Collection]) -> AcervoRetriever:
    return AcervoRetriever(collection=held, limit=3)


def test_passages_come_with_their_places(retriever: AcervoRetriever) -> None:
    """Markdown for the model; document, page, section and boxes for the citation; all of it plain data."""
    found = retriever.invoke("Qual é o prazo de trinta dias?")
    assert len(found) == 3
    relevance = found[0].metadata.pop("relevance")
    assert found[0] == Document(
        id="edital:1:0",
        page_content="**O prazo é de trinta dias.**",
        metadata={
            "document_id": "edital",
            "name": "edital.pdf",
            "source": "/documents/edital.pdf",
            "language": "pt",
            "page": 1,
            "last_page": 1,
            "section": ["Capítulo", "Seção"],
            "boxes": [[1, 1.5, 2.0, 30.0, 40.0]],
            "chunk_id": "edital:1:0",
        },
    )
    assert 0.5 < relevance <= 1
    assert json.loads(json.dumps([one.metadata for one in found])) == [one.metadata for one in found]


def test_it_answers_from_any_thread_and_any_loop(retriever: AcervoRetriever) -> None:
    """Alone, in batches, awaited, and awaited in another loop afterwards: the same passages."""
    expected = retriever.invoke("prazo")
    assert retriever.batch(["prazo"] * 8) == [expected] * 8
    assert asyncio.run(retriever.ainvoke("prazo")) == expected
    assert asyncio.run(retriever.abatch(["prazo"] * 8)) == [expected] * 8

    async def inside_a_loop() -> list[Document]:
        return retriever.invoke("prazo")

    assert asyncio.run(inside_a_loop()) == expected


def test_it_is_a_part_of_chains(retriever: AcervoRetriever) -> None:
    """retriever | prompt | model, as LangChain's own examples write it; also with settings bound to it."""
    prompt = ChatPromptTemplate.from_template("{context}\n\n{question}")

    def joined(passages: list[Document]) -> str:
        return "\n".join(f"[{one.metadata['name']}, p. {one.metadata['page']}]" for one in passages)

    model = FakeListChatModel(responses=["Trinta dias."])
    chain = {"context": retriever | joined, "question": RunnablePassthrough()} | prompt
    asked = chain.invoke("prazo").to_string()
    assert "[edital.pdf, p. 1]" in asked
    assert asked.endswith("prazo")
    assert (chain | model | StrOutputParser()).invoke("prazo") == "Trinta dias."
    assert asyncio.run((chain | model | StrOutputParser()).ainvoke("prazo")) == "Trinta dias."
    tagged = retriever.with_config(tags=["x"], run_name="passages")
    assert tagged.invoke("prazo") == retriever.invoke("prazo")


def test_it_finds_only_what_it_may(held: Held[Collection]) -> None:
    """Libraries, documents, number and relevance, of the retriever and of one call; a call can't widen it."""

    def ids(found: list[Document]) -> list[str]:
        return sorted(one.metadata["document_id"] for one in found)

    every = AcervoRetriever(collection=held, limit=10)
    assert ids(every.invoke("prazo")) == ["edital", "edital", "edital", "nota"]
    assert ids(every.invoke("prazo", documents=["nota"])) == ["nota"]
    assert len(every.invoke("prazo", limit=2)) == 2
    assert ids(asyncio.run(every.ainvoke("prazo", limit=1, documents=["nota"]))) == ["nota"]
    with pytest.raises(ValueError, match="limit is 0"):
        every.invoke("prazo", limit=0)
    other = AcervoRetriever(collection=held, libraries=("other",))
    assert ids(other.invoke("prazo")) == ["outro"]
    one = AcervoRetriever(collection=held, documents=("nota",))
    assert ids(one.invoke("prazo")) == ["nota"]
    assert ids(one.invoke("prazo", documents=["edital", "nota"])) == ["nota"]
    assert one.invoke("prazo", documents=["edital"]) == []
    relevant = AcervoRetriever(collection=held, limit=10, least_relevance=0.5)
    found = relevant.invoke("prazo")
    assert 0 < len(found) < 4
    assert all(one.metadata["relevance"] >= 0.5 for one in found)


class Watching(BaseCallbackHandler):
    """What callbacks are told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def on_retriever_start(self, serialized: object, query: str, *, run_id: UUID, **_: object) -> None:
        self.told.append(query)

    def on_retriever_end(self, documents: Any, *, run_id: UUID, **_: object) -> None:
        self.told.append(len(documents))

    def on_retriever_error(self, error: BaseException, *, run_id: UUID, **_: object) -> None:
        self.told.append(type(error))


def test_callbacks_are_told_and_errors_come_as_they_are(held: Held[Collection]) -> None:
    """Start, end and failure, synchronously and not."""

    class Gone:
        async def search(self, *_: object, **__: object) -> list[object]:
            raise StoreUnavailable("unreadable")

    @asynccontextmanager
    async def broken() -> AsyncIterator[Collection]:
        yield Collection(store=Gone(), files=Gone(), retriever=Gone())  # type: ignore[arg-type]

    watching = Watching()
    AcervoRetriever(collection=held, limit=2).invoke("prazo", config={"callbacks": [watching]})
    with Held(broken) as gone:
        retriever = AcervoRetriever(collection=gone)
        with pytest.raises(StoreUnavailable):
            retriever.invoke("prazo", config={"callbacks": [watching]})
        with pytest.raises(StoreUnavailable):
            asyncio.run(retriever.ainvoke("prazo", config={"callbacks": [watching]}))
    assert watching.told == ["prazo", 2, "prazo", StoreUnavailable, "prazo", StoreUnavailable]


def test_it_opens_what_the_settings_name(tmp_path: Path) -> None:
    """With the real model; afterwards it is closed, and says so."""
    settings = Settings(_env_file=None, data_dir=tmp_path)  # type: ignore[call-arg]
    with open_retriever(settings, limit=2, documents=["a"], least_relevance=0.1) as retriever:
        assert (retriever.limit, retriever.documents, retriever.least_relevance) == (2, ("a",), 0.1)
        assert retriever.invoke("prazo") == []
    with pytest.raises(RuntimeError, match="closed"):
        retriever.invoke("prazo")
    with open_embeddings(settings) as model:
        query, (text,) = model.embed_query("prazo"), model.embed_documents(["prazo"])
        assert query == asyncio.run(model.aembed_query("prazo"))
        assert [text] == asyncio.run(model.aembed_documents(["prazo"]))
    assert len(query) == 384
    assert np.dot(query, text) == pytest.approx(1, abs=0.01)
    assert type(query[0]) is float


def test_without_the_extra_it_says_what_to_install() -> None:
    """And the rest of the package doesn't need it."""
    code = "import sys; sys.modules['langchain_core'] = None; import database.collection, database.langchain"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.stderr.endswith(
        "ImportError: database.langchain needs LangChain: pip install '.[langchain]'\n"
    )
    importing = {file for file, names in imports("database").items() if any("langchain" in n for n in names)}
    assert importing == {"database/langchain.py"}


# LangChain's own search of the collection, as it is in MongoDB.


@pytest.fixture
def collection(mongodb_uri: str, mongodb_database: str, tmp_path: Path) -> Iterator[MongoCollection[Record]]:
    """The chunks of a filled collection, by the driver that LangChain uses."""
    values: dict[str, Any] = {
        "data_dir": tmp_path,
        "embedding_model": WordsEmbedder.name,
        "mongodb_uri": mongodb_uri,
        "mongodb_database": mongodb_database,
    }

    async def filled() -> None:
        async with open_storage(Settings(_env_file=None, **values)) as storage:  # type: ignore[call-arg]
            await fill(storage)

    asyncio.run(filled())
    with MongoClient[Record](mongodb_uri) as client:
        yield client[mongodb_database]["chunks"]


@asynccontextmanager
async def words() -> AsyncIterator[Embedder]:
    yield WordsEmbedder()


@pytest.fixture
def model() -> Iterator[AcervoEmbeddings]:
    with Held(words) as embedder:
        yield AcervoEmbeddings(embedder)


def test_langchains_vector_store_finds_what_another_model_embedded_anew(
    mongodb_uri: str, collection: MongoCollection[Record]
) -> None:
    """By the names that the collection tells."""

    @asynccontextmanager
    async def another() -> AsyncIterator[Embedder]:
        yield AnotherEmbedder()

    async def change_over() -> None:
        store = AtlasStore.open(mongodb_uri, collection.database.name, embedder="another")
        await store.claim()
        await embed_all(store)
        await store.close()

    assert vector_names(collection) == {"index_name": "vector_index", "embedding_key": "embedding"}
    asyncio.run(change_over())
    names = vector_names(collection)
    assert names == {"index_name": "vector_index_2", "embedding_key": "embedding_2"}
    with Held(another) as embedder:
        store = MongoDBAtlasVectorSearch(
            collection=collection,
            embedding=AcervoEmbeddings(embedder),
            index_name=names["index_name"],
            embedding_key=names["embedding_key"],
        )
        assert store.similarity_search(TEXTS[0], k=1)[0].page_content == TEXTS[0]


def test_langchains_vector_store_opens_the_collection_as_it_is(
    collection: MongoCollection[Record], model: AcervoEmbeddings
) -> None:
    """By its own default names: index, text and embedding; with scores, filters and the places."""
    store = MongoDBAtlasVectorSearch(collection=collection, embedding=model)
    scored = store.similarity_search_with_score("O prazo é de trinta dias.", k=5)
    assert len(scored) == 5
    best, score = scored[0]
    assert best.page_content == TEXTS[0]
    assert score == pytest.approx(1, abs=QUANTISED)
    of_second = float(embedding(TEXTS[0]) @ embedding(scored[1][0].page_content))
    assert scored[1][1] == pytest.approx((1 + of_second) / 2, abs=QUANTISED)
    assert {"document_id", "name", "page", "section", "markdown", "library"} <= best.metadata.keys()
    assert "embedding" not in best.metadata
    json.dumps(best.metadata)

    only = store.similarity_search("prazo", k=5, pre_filter={"library": {"$in": ["other"]}})
    assert [one.page_content for one in only] == ["O prazo de outra biblioteca."]
    assert store.as_retriever(search_kwargs={"k": 1}).invoke(TEXTS[1])[0].page_content == TEXTS[1]
    assert (
        asyncio.run(store.as_retriever(search_kwargs={"k": 1}).ainvoke(TEXTS[1]))[0].page_content == TEXTS[1]
    )


def test_maximal_marginal_relevance_computes_with_the_vectors(
    collection: MongoCollection[Record], model: AcervoEmbeddings
) -> None:
    """They are read as lists then; the first is the nearest, the next unlike it."""
    store = MongoDBAtlasVectorSearch(collection=with_vectors_as_lists(collection), embedding=model)
    found = store.max_marginal_relevance_search("O prazo é de trinta dias.", k=2, fetch_k=5, lambda_mult=0.1)
    assert found[0].page_content == TEXTS[0]
    assert len(found) == 2
    stored = found[0].metadata["embedding"]
    assert np.array_equal(np.array(stored, np.float32), embedding(TEXTS[0]))


def test_langchains_full_text_search_finds_its_field(collection: MongoCollection[Record]) -> None:
    """`text_index` holds `text`; nothing is created beside it."""
    indexes = sorted(index["name"] for index in collection.list_search_indexes())
    by_text = MongoDBAtlasFullTextSearchRetriever(
        collection=collection, search_index_name=TEXT_INDEX, search_field="text", k=2
    )
    assert by_text.invoke("organizações credenciadas")[0].page_content == TEXTS[2]
    assert sorted(index["name"] for index in collection.list_search_indexes()) == indexes


class Sent(CommandListener):
    """The pipelines that a client sends."""

    def __init__(self) -> None:
        self.pipelines: list[list[Record]] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name == "aggregate" and "$listSearchIndexes" not in event.command["pipeline"][0]:
            self.pipelines.append(event.command["pipeline"])

    def succeeded(self, event: CommandSucceededEvent) -> None: ...

    def failed(self, event: CommandFailedEvent) -> None: ...


def test_both_legs_of_langchains_hybrid_search_find(
    collection: MongoCollection[Record], model: AcervoEmbeddings, mongodb_uri: str
) -> None:
    """It joins them with $unionWith, which the stand-in doesn't take with $search inside: each by itself."""
    sent = Sent()
    with MongoClient[Record](mongodb_uri, event_listeners=[sent]) as client:
        chunks = client[collection.database.name][collection.name]
        store = MongoDBAtlasVectorSearch(collection=chunks, embedding=model)
        hybrid = MongoDBAtlasHybridSearchRetriever(vectorstore=store, search_index_name=TEXT_INDEX, k=3)
        with suppress(OperationFailure):
            assert hybrid.invoke("prazo de trinta dias")[0].page_content == TEXTS[0]
    (pipeline,) = sent.pipelines
    (union,) = [stage["$unionWith"] for stage in pipeline if "$unionWith" in stage]
    for first in (pipeline[0], union["pipeline"][0]):
        with collection.aggregate([first]) as rows:
            assert next(rows)["text"] == TEXTS[0]


def test_versions_that_are_being_written_or_erased_can_be_left_out(
    collection: MongoCollection[Record], model: AcervoEmbeddings
) -> None:
    """The condition says which; when nothing is being loaded there is none."""
    assert findable(collection) == {}
    hidden = {"$set": {"hidden": [1, 2]}}
    collection.database["documents"].update_one({"_id": "edital"}, hidden)
    assert findable(collection) == {"version_id": {"$nin": ["edital:1", "edital:2"]}}
    store = MongoDBAtlasVectorSearch(collection=collection, embedding=model)
    found = store.similarity_search("prazo", k=5, pre_filter=findable(collection))
    by_text = MongoDBAtlasFullTextSearchRetriever(
        collection=collection, search_index_name=TEXT_INDEX, search_field="text", filter=findable(collection)
    )
    for documents in (found, by_text.invoke("prazo")):
        assert {one.metadata["document_id"] for one in documents} == {"nota", "outro"}
