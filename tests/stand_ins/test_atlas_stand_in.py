"""The stand-in for MongoDB Atlas, through the real drivers: what it can do, and how it misbehaves."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bson.binary import Binary, BinaryVectorDtype
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_mongodb import MongoDBAtlasVectorSearch
from pymongo import AsyncMongoClient, MongoClient
from pymongo.collection import Collection
from pymongo.errors import (
    AutoReconnect,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)
from pymongo.operations import SearchIndexModel

from tests.atlas_stand_in.process import StandIn, is_running

Document = dict[str, Any]
Documents = Collection[Document]

LAG, BUILD = 0.03, 0.05
PATIENCE_SECONDS = 20.0

VECTOR = {"type": "vector", "path": "embedding", "numDimensions": 4, "similarity": "cosine"}
FILTERS = [{"type": "filter", "path": path} for path in ("library", "page")]
TEXT = {
    "mappings": {
        "dynamic": False,
        "fields": {
            "terms": {"type": "string", "analyzer": "lucene.whitespace"},
            "text": {
                "type": "string",
                "multi": {
                    "pt": {"type": "string", "analyzer": "lucene.portuguese"},
                    "folded": {"type": "string", "analyzer": "folded"},
                },
            },
            "library": {"type": "token"},
            "page": {"type": "number"},
        },
    },
    "analyzers": [
        {
            "name": "folded",
            "tokenizer": {"type": "standard"},
            "tokenFilters": [{"type": "lowercase"}, {"type": "icuFolding"}],
        }
    ],
}


@pytest.fixture(scope="module")
def stand_in() -> Iterator[StandIn]:
    with StandIn(lag=LAG, build=BUILD) as stand_in:
        yield stand_in


@pytest.fixture(scope="module")
def client(stand_in: StandIn) -> Iterator[MongoClient[Document]]:
    with MongoClient[Document](f"{stand_in.uri}&timeoutMS={PATIENCE_SECONDS * 1000:.0f}") as client:
        yield client


@pytest.fixture
def collection(client: MongoClient[Document]) -> Iterator[Documents]:
    collection = client["tests"][f"c{uuid.uuid4().hex}"]
    client["tests"].create_collection(collection.name)
    yield collection
    collection.drop()


@pytest.fixture(scope="module")
def filtered(client: MongoClient[Document]) -> Iterator[Documents]:
    collection = client["tests"]["filtered"]
    collection.insert_many(
        [
            {"_id": 1, "embedding": [1.0, 1, 0, 0], "library": "a", "page": 1},
            {"_id": 2, "embedding": [1.0, 2, 0, 0], "library": "a", "page": 2},
            {"_id": 3, "embedding": [1.0, 3, 0, 0], "library": "b", "page": 3},
            {"_id": 4, "embedding": [1.0, 4, 0, 0], "page": 4},
        ]
    )
    vector_index(collection)
    yield collection
    collection.drop()


@pytest.fixture(scope="module")
def texts(client: MongoClient[Document]) -> Iterator[Documents]:
    collection = client["tests"]["texts"]
    collection.insert_many(
        [
            {"_id": 1, "terms": "alpha beta", "text": "As eleições de 2024", "library": "a", "page": 1},
            {
                "_id": 2,
                "terms": "beta beta gamma",
                "text": "A eleição do prefeito",
                "library": "b",
                "page": 2,
            },
            {"_id": 3, "terms": "Beta delta", "text": "O orçamento", "library": "b", "page": 3},
        ]
    )
    text_index(collection)
    yield collection
    collection.drop()


@pytest.fixture(scope="module")
def mixed(client: MongoClient[Document]) -> Iterator[Documents]:
    collection = client["tests"]["mixed"]
    collection.insert_many(
        {"_id": i, "embedding": [1.0, i, 0, 0], "terms": "word " * (4 - i), "page": i} for i in range(4)
    )
    vector_index(collection)
    text_index(collection)
    yield collection
    collection.drop()


@contextmanager
def configured(stand_in: StandIn, **settings: Any) -> Iterator[None]:
    """Other settings for a while."""
    stand_in.configure(**settings)
    try:
        yield
    finally:
        stand_in.configure(lag=LAG, build=BUILD, hosts=(), search=True)


@contextmanager
def process(*arguments: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The stand-in as a process, when it is ready, and its server's process id."""
    command = [sys.executable, "-m", "tests.atlas_stand_in", *arguments]
    started = subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    with started:
        try:
            assert started.stdout is not None
            ready, server, *_ = started.stdout.readline().split()
            assert ready == "ready"
            yield started, int(server)
        finally:
            started.kill()


def eventually(holds: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < until, "it never came to be"
        time.sleep(0.005)


def queryable(collection: Documents, name: str) -> bool:
    return any(index["queryable"] for index in collection.list_search_indexes(name))


def vector_index(collection: Documents, **changes: Any) -> None:
    definition = {"fields": [{**VECTOR, **changes}, *FILTERS]}
    collection.create_search_index(SearchIndexModel(definition, "vectors", "vectorSearch"))
    eventually(lambda: queryable(collection, "vectors"))


def text_index(collection: Documents) -> None:
    collection.create_search_index(SearchIndexModel(TEXT, "texts"))
    eventually(lambda: queryable(collection, "texts"))


def float32(*values: float) -> Binary:
    return Binary.from_vector(list(values), BinaryVectorDtype.FLOAT32)


def vector_search(collection: Documents, vector: object = None, **options: Any) -> dict[Any, float]:
    """Ids and scores, best first; exact and the first ten unless the options say otherwise."""
    stage: Document = {"index": "vectors", "path": "embedding", "queryVector": vector or [1.0, 0, 0, 0]}
    stage |= {"limit": 10} if "limit" not in options else {}
    stage |= {"exact": True} if "numCandidates" not in options and "exact" not in options else {}
    return scored(collection, {"$vectorSearch": {**stage, **options}}, "vectorSearchScore")


def search(collection: Documents, **operator: Any) -> dict[Any, float]:
    """Ids and scores, best first."""
    return scored(collection, {"$search": {"index": "texts", **operator}}, "searchScore")


def scored(collection: Documents, stage: Document, meta: str) -> dict[Any, float]:
    rows = collection.aggregate([stage, {"$project": {"score": {"$meta": meta}}}])
    return {row["_id"]: row["score"] for row in rows}


def found(collection: Documents, text: str, path: object = "terms") -> list[Any]:
    return list(search(collection, text={"path": path, "query": text}))


def indexed(collection: Documents) -> int:
    """How many documents the text index holds, deleted or not."""
    stage = {"index": "texts", "exists": {"path": "terms"}, "count": {"type": "total"}}
    (row,) = collection.aggregate([{"$searchMeta": stage}])
    return int(row["count"]["total"])


@contextmanager
def refused(sentence: str, code: int = 8) -> Iterator[None]:
    """The command fails with this code, and a message that ends in this sentence."""
    with pytest.raises(OperationFailure) as caught:
        yield
    details = caught.value.details
    assert details is not None
    assert details["code"] == code
    assert details["errmsg"].endswith(sentence), details["errmsg"]


class TestDrivers:
    async def test_async_driver(self, stand_in: StandIn) -> None:
        """The asynchronous driver writes, reads and uses transactions through the proxy."""
        async with AsyncMongoClient[Document](stand_in.uri) as client:
            collection = client["tests"]["asynchronous"]
            async with client.start_session() as session, await session.start_transaction():
                await collection.insert_one({"_id": 1}, session=session)
            assert await collection.count_documents({}) == 1
            await client.drop_database("tests")

    def test_hello(self, client: MongoClient[Document], stand_in: StandIn) -> None:
        """A driver that looks for the replica set's members finds the proxy, not the server behind it."""
        hello = client.admin.command({"hello": 1, "compression": ["zlib"]})
        assert hello["hosts"] == [f"127.0.0.1:{stand_in.port}"] == [hello["me"]]
        assert "compression" not in hello
        with MongoClient[Document](f"mongodb://127.0.0.1:{stand_in.port}/") as discovering:
            assert discovering.admin.command("ping")["ok"]

    def test_unreachable_name(self, stand_in: StandIn) -> None:
        """With a container's name in hello only directConnection=true gets through."""
        with configured(stand_in, hosts=["mongodb-container.invalid:27017"]):
            with MongoClient[Document](stand_in.uri) as direct:
                assert direct.admin.command("ping")["ok"]
            plain = f"mongodb://127.0.0.1:{stand_in.port}/?serverSelectionTimeoutMS=300"
            with MongoClient[Document](plain) as discovering, pytest.raises(ServerSelectionTimeoutError):
                discovering.admin.command("ping")

    def test_cursors(self, collection: Documents) -> None:
        """Results larger than a batch come by getMore, in order."""
        collection.insert_many({"_id": i, "embedding": [1.0, i, 0, 0]} for i in range(250))
        vector_index(collection)
        stage = {"index": "vectors", "path": "embedding", "queryVector": [1.0, 0, 0, 0], "exact": True}
        rows = collection.aggregate([{"$vectorSearch": {**stage, "limit": 250}}], batchSize=20)
        assert [row["_id"] for row in rows] == list(range(250))

    def test_langchain(self, collection: Documents) -> None:
        """LangChain's vector store makes its index, adds texts and finds them."""
        store = MongoDBAtlasVectorSearch(
            collection, DeterministicFakeEmbedding(size=8), "langchain", relevance_score_fn="cosine"
        )
        store.create_vector_search_index(dimensions=8, wait_until_complete=PATIENCE_SECONDS)
        store.add_texts(["the contract", "the invoice"])
        eventually(lambda: len(store.similarity_search("the contract", k=2)) == 2)
        assert store.similarity_search("the contract", k=1)[0].page_content == "the contract"


class TestLife:
    def test_kill_and_start(self) -> None:
        """After a kill the same port brings back the same data and the same indexes."""
        with StandIn(lag=LAG, build=BUILD) as stand_in:
            uri = f"{stand_in.uri}&serverSelectionTimeoutMS=200"
            with MongoClient[Document](uri, retryReads=False) as client:
                collection = client["tests"]["kept"]
                collection.insert_one({"_id": 1, "embedding": [1.0, 0, 0, 0]})
                vector_index(collection)
                stand_in.kill()
                with pytest.raises(PyMongoError):
                    collection.find_one()
                stand_in.start()
                eventually(lambda: answers(client))
                assert collection.count_documents({}) == 1
                assert list(vector_search(collection)) == [1]

    def test_pause(self) -> None:
        """A paused stand-in takes connections and answers nothing until it goes on."""
        with StandIn() as stand_in:
            uri = f"{stand_in.uri}&timeoutMS=300&serverSelectionTimeoutMS=300"
            with MongoClient[Document](uri, retryReads=False) as client:
                client["tests"]["c"].find_one()
                stand_in.pause()
                with pytest.raises((NetworkTimeout, ServerSelectionTimeoutError, AutoReconnect)):
                    client["tests"]["c"].find_one()
                stand_in.resume()
                eventually(lambda: answers(client))

    def test_nothing_is_left(self, tmp_path: Path) -> None:
        """When its parent is gone the process, its server and its temporary data are gone too."""
        with process(TMPDIR=str(tmp_path)) as (started, server):
            assert started.stdin is not None
            started.stdin.close()
            assert started.wait(PATIENCE_SECONDS) == 0
            assert not is_running(server)
        assert not list(tmp_path.glob("atlas-stand-in-*"))

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
    def test_server_dies_with_it(self, tmp_path: Path) -> None:
        """A stand-in that is killed from outside leaves no server behind."""
        with process("--folder", str(tmp_path)) as (started, server):
            started.kill()
            eventually(lambda: not is_running(server))

    def test_without_mongot(self, stand_in: StandIn, collection: Documents) -> None:
        """A MongoDB without mongot refuses every command of search."""
        with configured(stand_in, search=False):
            with pytest.raises(OperationFailure, match="requires additional configuration"):
                collection.create_search_index(SearchIndexModel(TEXT))
            with pytest.raises(OperationFailure, match="requires additional configuration"):
                vector_search(collection)
            with pytest.raises(OperationFailure, match="requires additional configuration"):
                list(collection.list_search_indexes())


def answers(client: MongoClient[Document]) -> bool:
    try:
        return bool(client.admin.command("ping")["ok"])
    except PyMongoError:
        return False


class TestIndexes:
    def test_states(self, stand_in: StandIn, collection: Documents) -> None:
        """A new index first finds nothing, then fails while it is built, then answers."""
        collection.insert_one({"_id": 1, "embedding": [1.0, 0, 0, 0]})
        with configured(stand_in, build=1.0):
            definition = {"fields": [VECTOR]}
            collection.create_search_index(SearchIndexModel(definition, "vectors", "vectorSearch"))
            assert [index["status"] for index in collection.list_search_indexes()] == ["PENDING"]
            assert vector_search(collection) == {}
            eventually(lambda: next(collection.list_search_indexes())["status"] == "BUILDING")
            with refused("while in state INITIAL_SYNC"):
                vector_search(collection)
            eventually(lambda: queryable(collection, "vectors"))
        assert list(vector_search(collection)) == [1]

    def test_listed(self, collection: Documents) -> None:
        """A listed index has the documented fields."""
        vector_index(collection)
        (index,) = collection.list_search_indexes("vectors")
        assert (index["name"], index["type"], index["status"]) == ("vectors", "vectorSearch", "READY")
        assert index["latestDefinition"] == {"fields": [VECTOR, *FILTERS]}
        assert index["latestDefinitionVersion"]["version"] == 0
        (host,) = index["statusDetail"]
        assert host["queryable"]
        assert host["mainIndex"]["status"] == "READY"
        assert isinstance(index["id"], str)
        assert list(collection.list_search_indexes("other")) == []

    def test_update(self, stand_in: StandIn, collection: Documents) -> None:
        """While an updated index is built, the old definition answers."""
        collection.insert_one({"_id": 1, "embedding": [1.0, 0, 0, 0], "language": "pt"})
        vector_index(collection)
        with configured(stand_in, build=0.5):
            wider = {"fields": [VECTOR, *FILTERS, {"type": "filter", "path": "language"}]}
            collection.update_search_index("vectors", wider)
            (index,) = collection.list_search_indexes()
            assert (index["status"], index["queryable"]) == ("BUILDING", True)
            assert index["latestDefinition"] == wider
            assert index["statusDetail"][0]["stagedIndex"]["definitionVersion"]["version"] == 1
            assert list(vector_search(collection)) == [1]
            with refused("Path 'language' needs to be indexed as filter"):
                vector_search(collection, filter={"language": "pt"})
            eventually(lambda: next(collection.list_search_indexes())["status"] == "READY")
        assert list(vector_search(collection, filter={"language": "pt"})) == [1]

    def test_names(self, collection: Documents) -> None:
        """The same index again is accepted; another definition under its name is not."""
        vector_index(collection)
        spelled_out = {"fields": [{**VECTOR, "quantization": "none"}, *FILTERS]}
        collection.create_search_index(SearchIndexModel(spelled_out, "vectors", "vectorSearch"))
        assert len(list(collection.list_search_indexes())) == 1
        with refused(
            "Index vectors already exists with a different definition. Drop it first if needed.", 68
        ):
            collection.create_search_index(SearchIndexModel({"fields": [VECTOR]}, "vectors", "vectorSearch"))

    def test_drop(self, collection: Documents) -> None:
        """A dropped index finds nothing; one that isn't there can't be dropped or updated."""
        vector_index(collection)
        collection.drop_search_index("vectors")
        assert list(collection.list_search_indexes()) == []
        assert vector_search(collection) == {}
        missing = f"No index with name vectors exists in namespace {collection.full_name}"
        with refused(missing, 27):
            collection.drop_search_index("vectors")
        with refused(missing, 27):
            collection.update_search_index("vectors", {"fields": [VECTOR]})

    def test_type_stays(self, collection: Documents) -> None:
        """An index's type can't be changed."""
        vector_index(collection)
        with refused("An index's type cannot be changed", 197):
            collection.database.command(
                {
                    "updateSearchIndex": collection.name,
                    "name": "vectors",
                    "type": "search",
                    "definition": TEXT,
                }
            )

    def test_collection_is_dropped(self, collection: Documents) -> None:
        """A collection takes its indexes with it, and without it there is none to make one on."""
        vector_index(collection)
        collection.drop()
        assert list(collection.list_search_indexes()) == []
        with refused(f"Collection '{collection.full_name}' does not exist.", 26):
            collection.create_search_index(SearchIndexModel(TEXT))

    @pytest.mark.parametrize(
        ("field", "sentence"),
        [
            ({"numDimensions": 8193}, '.numDimensions" must be within bounds [1..8192]'),
            ({"similarity": "l2"}, '.similarity" must be one of [cosine, dotProduct, euclidean]'),
            ({"quantization": "int8"}, '.quantization" must be one of [binary, none, scalar]'),
            ({"quantization": "binary"}, " 4 must be a multiple of 8 for binary quantization"),
            ({"dimensions": 4}, '"userCommand.indexes[0].fields[0]" unrecognized field "dimensions"'),
        ],
    )
    def test_vector_definitions(self, collection: Documents, field: Document, sentence: str) -> None:
        """A definition that mongot would refuse is refused with its sentence."""
        definition = {"fields": [{**VECTOR, **field}]}
        with refused(sentence):
            collection.create_search_index(SearchIndexModel(definition, "vectors", "vectorSearch"))

    def test_missing_fields(self, collection: Documents) -> None:
        """Without its type, a vector index is read as a text index, which needs mappings."""
        with refused('"userCommand.indexes[0].mappings" is required'):
            collection.create_search_index(SearchIndexModel({"fields": [VECTOR]}, "vectors"))

    def test_repeated_path(self, collection: Documents) -> None:
        """A field is a vector or a filter, not both."""
        definition = {"fields": [VECTOR, {"type": "filter", "path": "embedding"}]}
        with refused("Vector and filter fields should have distinct paths"):
            collection.create_search_index(SearchIndexModel(definition, "vectors", "vectorSearch"))

    @pytest.mark.parametrize(
        ("field", "code", "sentence"),
        [
            ({"type": "text"}, 8, "string, token, uuid, vector]"),
            ({"type": "string", "analyzer": "lucene.latin"}, 125, "non-existent analyzers: lucene.latin"),
            ({"type": "string", "analyzer": "lucene.german"}, 115, "stand-in for MongoDB Atlas"),
            ({"type": "string", "multi": {"a.b": {"type": "string"}}}, 8, 'multi path cannot contain "."'),
            ({"type": "token", "normalizer": "upper"}, 8, "must be one of [lowercase, none]"),
            ([{"type": "token"}, {"type": "token"}], 8, 'multiple "[token]" type definitions'),
        ],
    )
    def test_text_definitions(self, collection: Documents, field: object, code: int, sentence: str) -> None:
        """Mappings are checked as mongot checks them; what only Atlas can do is refused by name."""
        with refused(sentence, code):
            collection.create_search_index(SearchIndexModel({"mappings": {"fields": {"a": field}}}))

    def test_collection_is_renamed(self, collection: Documents) -> None:
        """A renamed collection keeps its indexes; they are built anew."""
        collection.insert_one({"_id": 1, "embedding": [1.0, 0, 0, 0]})
        vector_index(collection)
        name = collection.name
        collection.rename("renamed")
        renamed = collection.database["renamed"]
        eventually(lambda: queryable(renamed, "vectors"))
        assert list(vector_search(renamed)) == [1]
        assert list(collection.list_search_indexes()) == []
        renamed.rename(name)


class TestConsistency:
    def test_unknown_index(self, collection: Documents) -> None:
        """A search with an unknown index finds nothing and doesn't fail."""
        collection.insert_one({"_id": 1, "embedding": [1.0, 0, 0, 0], "terms": "a"})
        assert vector_search(collection, index="misspelt") == {}
        assert found(collection, "a") == []

    def test_lag(self, stand_in: StandIn, collection: Documents) -> None:
        """A write can be read at once and searched only when the lag is over."""
        vector_index(collection)
        with configured(stand_in, lag=0.4):
            written = time.monotonic()
            collection.insert_one({"_id": 1, "embedding": [1.0, 0, 0, 0]})
            assert collection.count_documents({}) == 1
            assert vector_search(collection) == {}
            eventually(lambda: vector_search(collection))
            assert time.monotonic() - written >= 0.4

    def test_every_kind_of_write(self, client: MongoClient[Document], collection: Documents) -> None:
        """Updates, replacements, deletions, transactions and $out reach the index."""
        text_index(collection)
        collection.insert_many([{"_id": i, "terms": "new", "n": i} for i in range(5)])
        eventually(lambda: len(found(collection, "new")) == 5)
        collection.update_many({"n": {"$gt": 2}}, {"$set": {"terms": "updated"}})
        collection.replace_one({"_id": 0}, {"terms": "replaced"})
        collection.find_one_and_update({"n": 1}, {"$set": {"terms": "modified"}})
        eventually(lambda: sorted(found(collection, "updated replaced modified")) == [0, 1, 3, 4])
        assert found(collection, "new") == [2]
        collection.delete_many({"n": {"$gt": 2}})
        collection.delete_one({"_id": 2})
        eventually(lambda: not found(collection, "new updated"))
        eventually(lambda: indexed(collection) == 2)
        with client.start_session() as session, session.start_transaction():
            collection.insert_one({"_id": 9, "terms": "transaction"}, session=session)
            assert found(collection, "transaction") == []
        eventually(lambda: found(collection, "transaction") == [9])
        collection.aggregate([{"$set": {"terms": "out"}}, {"$out": collection.name}])
        eventually(lambda: len(found(collection, "out")) == 3)

    def test_writes_wait_for_transactions(self, client: MongoClient[Document], collection: Documents) -> None:
        """A plain write of what an open transaction has written comes after it; another one doesn't wait."""
        collection.insert_many([{"_id": 1}, {"_id": 2}])
        with ThreadPoolExecutor() as pool, client.start_session() as session, session.start_transaction():
            collection.delete_one({"_id": 1}, session=session)
            waiting = pool.submit(collection.delete_many, {"_id": {"$gt": 0}})
            collection.insert_one({"_id": 3})
            assert not wait([waiting], 0.05).done
            collection.insert_one({"_id": 1}, session=session)
            session.commit_transaction()
            assert waiting.result(PATIENCE_SECONDS).deleted_count == 3

    def test_deleted_documents_count(self, stand_in: StandIn, collection: Documents) -> None:
        """What the index still holds of deleted documents takes places among a vector search's results."""
        collection.insert_many({"_id": i, "embedding": [1.0, i, 0, 0], "terms": "a"} for i in range(4))
        vector_index(collection)
        text_index(collection)
        with configured(stand_in, lag=30.0):
            collection.delete_many({"_id": {"$in": [0, 1]}})
            assert list(vector_search(collection, limit=3)) == [2]
            text = {"path": "terms", "query": "a"}
            pipeline: list[Document] = [{"$search": {"index": "texts", "text": text}}, {"$limit": 2}]
            assert [row["_id"] for row in collection.aggregate(pipeline)] == [2, 3]

    def test_changed_documents_are_returned(self, stand_in: StandIn, collection: Documents) -> None:
        """The index filters by what it knows; what comes back is the document as it is now."""
        collection.insert_one({"_id": 1, "embedding": [1.0, 0, 0, 0], "library": "a"})
        vector_index(collection)
        with configured(stand_in, lag=30.0):
            collection.update_one({"_id": 1}, {"$set": {"library": "b"}})
            stage = {"index": "vectors", "path": "embedding", "queryVector": [1.0, 0, 0, 0], "limit": 1}
            asked = {**stage, "exact": True, "filter": {"library": "a"}}
            (row,) = collection.aggregate([{"$vectorSearch": asked}])
            assert row["library"] == "b"


class TestVectorSearch:
    @pytest.mark.parametrize(
        ("similarity", "score"),
        [
            ("cosine", (1 + 1 / math.sqrt(2)) / 2),
            ("dotProduct", (1 + 2) / 2),
            ("euclidean", 1 / (1 + 5)),
        ],
    )
    def test_scores(self, collection: Documents, similarity: str, score: float) -> None:
        """Exact scores follow the documented formulas."""
        collection.insert_one({"_id": 1, "embedding": float32(2, 2, 0, 0)})
        vector_index(collection, similarity=similarity)
        assert vector_search(collection, [1.0, 0, 0, 0])[1] == pytest.approx(score, abs=1e-6)

    def test_quantised_scores(self, collection: Documents) -> None:
        """With scalar quantisation an exact search scores exactly, and an approximate one nearly so."""
        vectors = np.random.default_rng(1).normal(size=(200, 64))
        collection.insert_many({"_id": i, "embedding": float32(*vector)} for i, vector in enumerate(vectors))
        vector_index(collection, numDimensions=64, quantization="scalar")
        query = float32(*vectors[7])
        exact = vector_search(collection, query, limit=200)
        approximate = vector_search(collection, query, numCandidates=200, limit=200)
        assert exact[7] == 1.0
        assert len(approximate) == 200
        differences = [abs(exact[i] - approximate[i]) for i in exact]
        assert 0 < np.mean(differences) < 0.02
        assert differences[0] < 0.001

    def test_candidates_bound_the_results(self, collection: Documents) -> None:
        """Binary quantisation finds by signs and scores the best of those at full fidelity."""
        vectors = np.random.default_rng(1).normal(size=(100, 64))
        collection.insert_many({"_id": i, "embedding": float32(*vector)} for i, vector in enumerate(vectors))
        vector_index(collection, numDimensions=64, quantization="binary")
        query = float32(*vectors[7])
        results = vector_search(collection, query, numCandidates=40, limit=5)
        assert next(iter(results)) == 7
        assert results == {i: vector_search(collection, query, limit=100)[i] for i in results}

    def test_types_are_kept_apart(self, collection: Documents) -> None:
        """A query of another type than the stored vectors finds nothing; an array is of floats."""
        collection.insert_one({"_id": 1, "embedding": float32(1, 0, 0, 0)})
        vector_index(collection)
        assert list(vector_search(collection, float32(1, 0, 0, 0))) == [1]
        assert list(vector_search(collection, [1, 0, 0, 0])) == [1]
        signed = Binary.from_vector([1, 0, 0, 0], BinaryVectorDtype.INT8)
        assert vector_search(collection, signed) == {}
        collection.insert_one({"_id": 2, "embedding": signed})
        eventually(lambda: list(vector_search(collection, signed)) == [2])

    def test_bits(self, collection: Documents) -> None:
        """Packed bits are compared by how many differ, and only in a euclidean index."""
        bits = Binary.from_vector([0b11110000], BinaryVectorDtype.PACKED_BIT)
        collection.insert_one({"_id": 1, "embedding": bits})
        vector_index(collection, numDimensions=8, similarity="euclidean")
        near = Binary.from_vector([0b11000000], BinaryVectorDtype.PACKED_BIT)
        assert vector_search(collection, near) == {1: pytest.approx(6 / 8)}
        collection.drop_search_index("vectors")
        vector_index(collection, numDimensions=8)
        with refused("indexed with Euclidean similarity but indexed similarity is COSINE"):
            vector_search(collection, near)

    def test_unfit_vectors(self, collection: Documents) -> None:
        """Documents whose vector doesn't fit the index are not in it, and nothing says so."""
        misfits: list[object] = [[1.0, 2.0], float32(1, 2), "text", [1, "a", 2, 3], [0.0, 0, 0, 0], None]
        collection.insert_many({"_id": i, "embedding": misfit} for i, misfit in enumerate(misfits))
        collection.insert_many([{"_id": 90}, {"_id": 91, "embedding": [1.0, 0, 0, 0]}])
        vector_index(collection)
        assert list(vector_search(collection)) == [91]

    @pytest.mark.parametrize(
        ("options", "sentence"),
        [
            ({"path": "library"}, "library is not indexed as vector"),
            ({"exact": False}, "numCandidates is required for approximate vector search"),
            (
                {"exact": True, "numCandidates": 10},
                '"numCandidates" must be omitted when "exact" is set to true',
            ),
            ({"numCandidates": 9}, "limit should be less than or equal to numCandidates"),
            ({"numCandidates": 10_001}, '"numCandidates" must be within bounds [1..10000]'),
            ({"limit": None}, '"limit" is required'),
            ({"queryVector": [1.0]}, "vector field is indexed with 4 dimensions but queried with 1"),
            ({"queryVector": None}, "Exactly one and only one of query and queryVector can be present"),
            ({"queryVector": [0.0] * 4}, "Cosine similarity cannot be calculated against a zero vector."),
            ({"queryVector": [1, 2, 3, "a"]}, "Unsupported BsonValue type: STRING"),
            (
                {"queryVector": [math.inf, 0, 0, 0]},
                "'queryVector' contains a non-finite value (Infinity or NaN) at position [0]."
                ' All values in "queryVector" must be finite.',
            ),
            ({"index": ""}, '"index" cannot be empty'),
            ({"candidates": 5}, 'unrecognized field "candidates"'),
        ],
    )
    def test_refused(self, filtered: Documents, options: Document, sentence: str) -> None:
        """A search that mongot would refuse is refused with its sentence."""
        with refused(f"PlanExecutor error during aggregation :: caused by :: {sentence}"):
            vector_search(filtered, **options)

    def test_limit(self, filtered: Documents) -> None:
        """A limit below 1 is mongod's to refuse."""
        with refused("Expected limit to be positive", 7912700):
            vector_search(filtered, limit=0)

    @pytest.mark.parametrize(
        ("asked", "ids"),
        [
            ({"library": "a"}, [1, 2]),
            ({"library": {"$ne": "a"}}, [3, 4]),
            ({"library": {"$in": ["a", "b"]}}, [1, 2, 3]),
            ({"library": {"$nin": ["a"]}}, [3, 4]),
            ({"library": {"$exists": False}}, [4]),
            ({"library": {"$not": {"$eq": "a"}}}, [3, 4]),
            ({"page": {"$gt": 1, "$lte": 3}}, [2, 3]),
            ({"page": 2, "library": "a"}, [2]),
            ({"$and": [{"library": {"$in": ["a"]}}, {"page": {"$gte": 2}}]}, [2]),
            ({"$or": [{"library": "b"}, {"page": 1}]}, [1, 3]),
            ({"$nor": [{"library": "b"}, {"page": 1}]}, [2, 4]),
            ({"page": "1"}, []),
            ({}, [1, 2, 3, 4]),
        ],
    )
    def test_filters(self, filtered: Documents, asked: Document, ids: list[int]) -> None:
        """A filter keeps what MongoDB's query language says."""
        assert sorted(vector_search(filtered, filter=asked)) == ids
        assert sorted(vector_search(filtered, filter=asked, numCandidates=10)) == ids

    @pytest.mark.parametrize(
        ("asked", "code", "sentence"),
        [
            ({"name": "a"}, 8, "Path 'name' needs to be indexed as filter"),
            ({"$and": [{"library": {"$nin": []}}]}, 8, '"filter[0].library.$nin" cannot be empty'),
            ({"library": {"$in": ["a", 1]}}, 8, '"filter.library.$in" must have elements of the same type'),
            ({"library": {"$regex": "a"}}, 8, "$nin, $exists, $not] must be present"),
            ({"library": {"$like": "a"}}, 2, "unknown operator: $like"),
            (
                {"library": {"$eq": {"a": 1}}},
                8,
                "must be a boolean, objectId, number, string, date, uuid, or null",
            ),
            ({"$or": []}, 8, '"filter" cannot be empty'),
        ],
    )
    def test_refused_filters(self, filtered: Documents, asked: Document, code: int, sentence: str) -> None:
        """A filter that the index can't serve fails."""
        with refused(sentence, code):
            vector_search(filtered, filter=asked)


class TestSearch:
    def test_bm25(self, texts: Documents) -> None:
        """Scores are Lucene's: k1 1.2, b 0.75, no factor k1+1, average length over the field's documents."""
        idf = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
        average = 7 / 3
        scores = search(texts, text={"path": "terms", "query": "beta"})
        assert scores == {
            2: pytest.approx(idf * 2 / (2 + 1.2 * (0.25 + 0.75 * 3 / average)), rel=1e-6),
            1: pytest.approx(idf * 1 / (1 + 1.2 * (0.25 + 0.75 * 2 / average)), rel=1e-6),
        }
        twice = search(texts, text={"path": "terms", "query": "beta beta"})
        assert twice[1] == pytest.approx(2 * scores[1], rel=1e-6)

    def test_known_score(self, collection: Documents) -> None:
        """One term in the only document scores 0.13076457, as Lucene's explanations show."""
        collection.insert_one({"_id": 1, "terms": "alone"})
        text_index(collection)
        assert search(collection, text={"path": "terms", "query": "alone"})[1] == pytest.approx(0.13076457)

    def test_lengths_are_rounded(self, collection: Documents) -> None:
        """A field's length is kept in one byte: 100 and 103 terms count as the same."""
        collection.insert_many({"_id": n, "terms": "word " + "other " * (n - 1)} for n in (100, 103, 120))
        text_index(collection)
        scores = search(collection, text={"path": "terms", "query": "word"})
        assert scores[100] == scores[103] > scores[120]

    @pytest.mark.parametrize(
        ("path", "query", "ids"),
        [
            ("terms", "Beta", [3]),
            ("text", "PREFEITO", [2]),
            ("text", "eleicao", []),
            ({"value": "text", "multi": "folded"}, "eleicao", [2]),
            ({"value": "text", "multi": "pt"}, "orçamentos", [3]),
            ({"value": "text", "multi": "pt"}, "do", []),
            (["terms", "text"], "delta prefeito", [2, 3]),
            ({"wildcard": "te*"}, "delta prefeito", [2, 3]),
            ("library", "a", []),
            ("nowhere", "a", []),
        ],
    )
    def test_analyzers(self, texts: Documents, path: object, query: str, ids: list[int]) -> None:
        """Each path is analysed its own way, texts and questions alike."""
        assert sorted(found(texts, query, path)) == ids

    def test_all_terms(self, texts: Documents) -> None:
        """matchCriteria all wants every term."""
        text = {"path": "terms", "query": "alpha beta"}
        assert sorted(search(texts, text=text)) == [1, 2]
        assert list(search(texts, text={**text, "matchCriteria": "all"})) == [1]

    def test_phrase(self, texts: Documents) -> None:
        """A phrase's terms stand together, or within the slop."""
        assert list(search(texts, phrase={"path": "terms", "query": "beta gamma"})) == [2]
        assert search(texts, phrase={"path": "terms", "query": "gamma beta"}) == {}
        assert list(search(texts, phrase={"path": "text", "query": "as de", "slop": 1})) == [1]
        assert search(texts, phrase={"path": "text", "query": "as de"}) == {}

    @pytest.mark.parametrize(
        ("operator", "ids"),
        [
            ({"equals": {"path": "library", "value": "b"}}, [2, 3]),
            ({"in": {"path": "library", "value": ["a", "c"]}}, [1]),
            ({"in": {"path": "page", "value": [1, 3.0]}}, [1, 3]),
            ({"range": {"path": "page", "gte": 2, "lt": 3}}, [2]),
            ({"range": {"path": "library", "gte": "b"}}, [2, 3]),
            ({"exists": {"path": "page"}}, [1, 2, 3]),
            ({"exists": {"path": "name"}}, []),
            ({"equals": {"path": "terms", "value": "alpha"}}, []),
        ],
    )
    def test_constant_operators(self, texts: Documents, operator: Document, ids: list[int]) -> None:
        """Operators on values score 1 for whatever matches."""
        assert search(texts, **operator) == dict.fromkeys(ids, 1.0)

    def test_compound(self, texts: Documents) -> None:
        """Must and should add scores; filter and mustNot only choose."""
        beta: Document = {"text": {"path": "terms", "query": "beta"}}
        library: Document = {"equals": {"path": "library", "value": "b"}}
        alone = search(texts, **beta)
        assert search(texts, compound={"must": [beta], "filter": [library]}) == {2: alone[2]}
        assert search(texts, compound={"must": beta, "mustNot": library}) == {1: alone[1]}
        assert search(texts, compound={"must": [beta], "should": [library]}) == {
            2: pytest.approx(alone[2] + 1),
            1: alone[1],
        }
        assert search(texts, compound={"filter": [library]}) == {2: 0.0, 3: 0.0}
        assert search(texts, compound={"mustNot": [library]}) == {1: 0.0}
        either = {"should": [beta, library]}
        assert sorted(search(texts, compound=either)) == [1, 2, 3]
        assert sorted(search(texts, compound={"should": beta})) == [1, 2]
        assert list(search(texts, compound={**either, "minimumShouldMatch": 2})) == [2]

    def test_arrays(self, collection: Documents) -> None:
        """The values of an array are one text, with a gap that no phrase bridges."""
        collection.insert_one({"_id": 1, "terms": ["alpha beta", "gamma"], "library": ["a", "b"]})
        text_index(collection)
        assert found(collection, "gamma") == [1]
        assert search(collection, phrase={"path": "terms", "query": "beta gamma"}) == {}
        assert list(search(collection, equals={"path": "library", "value": "b"})) == [1]

    def test_changed_scores(self, texts: Documents) -> None:
        """A boost multiplies a score, a constant replaces it."""
        text: Document = {"path": "terms", "query": "beta"}
        plain = search(texts, text=text)
        boosted = search(texts, text={**text, "score": {"boost": {"value": 3}}})
        assert boosted == {key: pytest.approx(3 * score) for key, score in plain.items()}
        constant = search(texts, text={**text, "score": {"constant": {"value": 5}}})
        assert constant == {1: 5.0, 2: 5.0}

    def test_count(self, texts: Documents) -> None:
        """$searchMeta counts; beyond its threshold a lower bound is no more than that."""
        operator: Document = {"index": "texts", "exists": {"path": "page"}}
        for count, result in [
            ({"type": "total"}, {"total": 3}),
            ({"type": "lowerBound", "threshold": 1}, {"lowerBound": 2}),
            ({}, {"lowerBound": 3}),
        ]:
            (row,) = texts.aggregate([{"$searchMeta": {**operator, "count": count}}])
            assert row == {"count": result}
        project = {"$project": {"_id": 0, "meta": "$$SEARCH_META"}}
        rows = texts.aggregate([{"$search": operator}, {"$limit": 1}, project])
        assert list(rows) == [{"meta": {"count": {"lowerBound": 3}}}]

    @pytest.mark.parametrize(
        ("operator", "code", "sentence"),
        [
            ({"in": {"path": "library", "value": []}}, 8, '"in.value" cannot be empty'),
            (
                {"compound": {"filter": [{"in": {"path": "library", "value": []}}]}},
                8,
                '"compound.filter[0].in.value" cannot be empty',
            ),
            ({"in": {"path": "library", "value": ["a", 1]}}, 8, "must have elements of the same type"),
            (
                {"equals": {"path": "name", "value": "two words"}},
                8,
                "Path 'name' needs to be indexed as token",
            ),
            (
                {"text": {"path": "terms", "query": " ".join(map(str, range(1025)))}},
                8,
                "maxClauseCount is set to 1024",
            ),
            ({"text": {"path": "terms", "query": ""}}, 8, '"text.query" cannot be empty'),
            ({"text": {"query": "a"}}, 8, '"text.path" is required'),
            (
                {"text": {"path": {"value": "text", "multi": "fr"}, "query": "a"}},
                8,
                "not found in index: texts",
            ),
            ({"compound": {}}, 8, "[filter, must, mustNot, should] must be present"),
            ({"range": {"path": "page", "gt": 2, "lt": 1}}, 8, "gt/gte must not be greater than lt/lte"),
            ({"autocomplete": {"path": "a", "query": "b"}}, 115, "the stand-in for MongoDB Atlas"),
            ({"text": {"path": "a", "query": "b", "fuzzy": {}}}, 115, "the stand-in for MongoDB Atlas"),
            ({}, 8, "or a collector [facet]"),
            ({"text": {"path": "a", "query": "b"}, "limit": 3}, 8, 'unrecognized field "limit"'),
        ],
    )
    def test_refused(self, texts: Documents, operator: Document, code: int, sentence: str) -> None:
        """A search that mongot would refuse is refused with its sentence; what it could do, by name."""
        with refused(sentence, code):
            search(texts, **operator)

    def test_wrong_index(self, texts: Documents) -> None:
        """$search doesn't run on an index of vectors, nor $vectorSearch on one of texts."""
        vector_index(texts)
        with refused("Cannot execute $search over vectorSearch index 'vectors'"):
            search(texts, index="vectors", exists={"path": "page"})
        with refused('embedding must be indexed as "vector".'):
            vector_search(texts, index="texts")


VECTORS: Document = {
    "$vectorSearch": {
        "index": "vectors",
        "path": "embedding",
        "queryVector": [1.0, 0, 0, 0],
        "numCandidates": 4,
        "limit": 3,
    }
}
TEXTS: Document = {"$search": {"index": "texts", "text": {"path": "terms", "query": "word"}}}


class TestPipelines:
    @pytest.mark.parametrize(
        ("stages", "expected"),
        [
            ([{"$project": {"_id": 1}}], [{"_id": 0}, {"_id": 1}, {"_id": 2}]),
            ([{"$match": {"_id": 1}}, {"$project": {"embedding": 0, "terms": 0}}], [{"_id": 1, "page": 1}]),
            (
                [{"$limit": 1}, {"$set": {"s": {"$meta": "vectorSearchScore"}}}, {"$project": {"s": 1}}],
                [{"_id": 0, "s": 1.0}],
            ),
            (
                [{"$limit": 1}, {"$project": {"page": 1}}, {"$set": {"s": {"$meta": "score"}}}],
                [{"_id": 0, "page": 0, "s": 1.0}],
            ),
            (
                [
                    {"$limit": 1},
                    {"$project": {"_id": 0, "c": {"$subtract": [{"$multiply": [2, {"$meta": "score"}]}, 1]}}},
                ],
                [{"c": 1.0}],
            ),
            (
                [{"$limit": 1}, {"$replaceWith": {"p": "$page"}}, {"$set": {"s": {"$meta": "score"}}}],
                [{"p": 0, "s": 1.0}],
            ),
            ([{"$sort": {"page": -1}}, {"$limit": 1}, {"$project": {"_id": 1}}], [{"_id": 2}]),
            (
                [{"$group": {"_id": None, "best": {"$max": {"$meta": "vectorSearchScore"}}}}],
                [{"_id": None, "best": 1.0}],
            ),
            ([{"$count": "n"}], [{"n": 3}]),
            (
                [{"$limit": 1}, {"$project": {"embedding": 0, "terms": 0, "s": {"$meta": "score"}}}],
                [{"_id": 0, "page": 0, "s": 1.0}],
            ),
        ],
    )
    def test_rest_of_the_pipeline(self, mixed: Documents, stages: list[Document], expected: object) -> None:
        """Whatever follows a search runs on its documents, with the score where $meta asks for it."""
        assert list(mixed.aggregate([VECTORS, *stages])) == expected

    def test_whole_documents(self, mixed: Documents) -> None:
        """Without further stages the documents come back as they are stored."""
        rows = list(mixed.aggregate([VECTORS]))
        assert rows[0] == {"_id": 0, "embedding": [1.0, 0, 0, 0], "terms": "word " * 4, "page": 0}

    @pytest.mark.parametrize(
        ("pipeline", "code"),
        [
            ([{"$match": {}}, VECTORS], 40602),
            ([{"$facet": {"a": [TEXTS]}}], 40600),
            ([{"$lookup": {"from": "c", "pipeline": [TEXTS], "as": "d"}}], 115),
            ([VECTORS, {"$set": {"s": {"$meta": "searchScore"}}}], 40218),
        ],
    )
    def test_misplaced(self, mixed: Documents, pipeline: list[Document], code: int) -> None:
        """A search stage stands first, and its score is asked for by its own name."""
        with pytest.raises(OperationFailure) as caught:
            mixed.aggregate(pipeline)
        assert caught.value.code == code

    def test_in_a_transaction(self, client: MongoClient[Document], mixed: Documents) -> None:
        """Search stages don't run in transactions."""
        raised = pytest.raises(OperationFailure)
        with client.start_session() as session, raised as caught, session.start_transaction():
            mixed.aggregate([VECTORS], session=session)
        assert caught.value.code == 263

    def rank_fusion(self, **changes: Any) -> list[Document]:
        pipelines = {"vectors": [VECTORS], "texts": [TEXTS, {"$limit": 2}]}
        stage = {"input": {"pipelines": pipelines}, **changes}
        scores = {"score": {"$meta": "score"}, "details": {"$meta": "scoreDetails"}}
        return [{"$rankFusion": stage}, {"$project": scores}]

    def test_rank_fusion(self, mixed: Documents) -> None:
        """Ranks are fused as the sum of weight/(60+rank)."""
        weights = {"vectors": 2, "texts": 0.5}
        rows = list(mixed.aggregate(self.rank_fusion(combination={"weights": weights}, scoreDetails=True)))
        texts = found(mixed, "word")[:2]
        expected = {i: 2 / (61 + i) + (0.5 / (61 + texts.index(i)) if i in texts else 0) for i in range(3)}
        expected |= {i: 0.5 / (61 + texts.index(i)) for i in texts if i not in expected}
        assert {row["_id"]: row["score"] for row in rows} == pytest.approx(expected)
        assert [row["score"] for row in rows] == sorted(expected.values(), reverse=True)
        names = [detail["inputPipelineName"] for detail in rows[0]["details"]["details"]]
        assert names == ["texts", "vectors"]

    def test_rank_fusion_of_a_sort(self, mixed: Documents) -> None:
        """A sorted pipeline has ranks as well."""
        pipelines = {"pages": [{"$match": {"page": {"$gt": 0}}}, {"$sort": {"page": -1}}]}
        rows = mixed.aggregate(
            [{"$rankFusion": {"input": {"pipelines": pipelines}}}, {"$project": {"_id": 1}}]
        )
        assert [row["_id"] for row in rows] == [3, 2, 1]

    def test_equal_keys_share_a_rank(self, mixed: Documents) -> None:
        """Documents that a sort doesn't tell apart have the same rank."""
        pipelines = {"same": [{"$sort": {"nothing": 1}}]}
        score = {"$project": {"score": {"$meta": "score"}}}
        rows = mixed.aggregate([{"$rankFusion": {"input": {"pipelines": pipelines}}}, score])
        assert {row["score"] for row in rows} == {1 / 61}

    @pytest.mark.parametrize(
        ("pipelines", "weights", "code"),
        [
            ({"a": [TEXTS]}, {"b": 1}, 9967500),
            ({"a": [TEXTS]}, {"a": 1, "b": 1}, 9460301),
            ({"a": [TEXTS]}, {"a": -1}, 9460300),
            ({"a": []}, {}, 9834300),
            ({"a": [{"$match": {}}]}, {}, 9191100),
            ({"a": [TEXTS, {"$project": {"_id": 1}}]}, {}, 9191103),
        ],
    )
    def test_refused_fusions(
        self, mixed: Documents, pipelines: Document, weights: Document, code: int
    ) -> None:
        """Input pipelines only rank and select, and weights name them."""
        stage = {"input": {"pipelines": pipelines}, "combination": {"weights": weights}}
        with pytest.raises(OperationFailure) as caught:
            mixed.aggregate([{"$rankFusion": stage}])
        assert caught.value.code == code


def test_many_questions(collection: Documents) -> None:
    """Thirty questions over a thousand chunks take seconds, not minutes."""
    words = [f"w{i}" for i in range(500)]
    chosen = np.random.default_rng(1).integers(0, 500, size=(1_000, 150))
    texts: Sequence[str] = [" ".join(words[j] for j in row) for row in chosen]
    collection.insert_many({"_id": i, "text": text, "terms": text} for i, text in enumerate(texts))
    text_index(collection)
    started = time.monotonic()
    for i in range(30):
        text = {"path": ["terms", {"value": "text", "multi": "pt"}], "query": " ".join(words[i : i + 8])}
        stage = {"index": "texts", "text": text}
        assert len(list(collection.aggregate([{"$search": stage}, {"$limit": 10}]))) == 10
    assert time.monotonic() - started < 15
