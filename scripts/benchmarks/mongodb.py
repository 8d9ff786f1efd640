"""The same collection in the embedded store and in MongoDB: what both find, how fast, and how large it is.

FOLDER is a dataset, as for `scripts/eval`. MONGODB_URI names a MongoDB with search, of which a database of
its own is used and dropped; `--stand-in` takes the tests' stand-in instead: what it finds is right, its times
and its disk say nothing about MongoDB. `$rankFusion` is asked the same questions with the same two pipelines.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bson
from pymongo import MongoClient

from database.collection import Collection
from database.language import detect_question_language
from database.records import Scope
from database.retrieve import Retriever
from database.settings import Settings
from database.stores import atlas_stages
from database.stores.atlas import AtlasStore
from database.stores.base import Store
from database.terms import question_terms
from scripts.benchmarks.tables import median_and_p95, table
from scripts.evaluation.dataset import Dataset, DatasetError, Question, read_dataset, read_manual
from scripts.evaluation.scratch import scratch_collection

FOUND = 10
REACH = 50  # of each leg, as the retriever's
TIE = 0.01  # relevances nearer to each other than this may change places

Record = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The chunks that one way of searching found for one question, best first."""

    question: Question
    chunks: Sequence[tuple[str, str, int | None]]
    """Id without the version, document's name, page."""

    relevance: Sequence[float]
    seconds: float

    @property
    def reciprocal_rank(self) -> float:
        for rank, (_, name, page) in enumerate(self.chunks, start=1):
            if any(gold.names(name) and gold.page in (None, page) for gold in self.question.gold):
                return 1 / rank
        return 0.0


async def measure(dataset: Dataset, uri: str, *, most: int, processes: int) -> str:
    wanted = [question for question in dataset.questions if question.gold][:most]
    async with scratch_collection(dataset.documents, processes=processes) as (collection, loaded):
        embedded = [await _ask(collection.retriever, question) for question in wanted]
        async with _in_mongodb(collection, uri) as (store, database, seconds):
            retriever = Retriever(store=store, embedder=await collection.retriever.embedder())
            mongodb = [await _ask(retriever, question) for question in wanted]
            fused = [await _rank_fusion(store, collection, database, question) for question in wanted]
            sizes = _sizes(database)
            count = await store.count()
    same = sum(_same(a, b) for a, b in zip(embedded, mongodb, strict=True))
    rows = [
        _row("embedded store", embedded, embedded),
        _row("MongoDB, fused by Acervo", mongodb, embedded),
        _row("MongoDB, `$rankFusion`", fused, embedded),
    ]
    head = ("way", "questions", f"MRR@{FOUND}", f"of the embedded store's {FOUND}", "ms, median / p95")
    return "\n\n".join(
        [
            f"{loaded}; {count.chunks} chunks copied to MongoDB in {seconds:.1f} s",
            table(head, rows),
            f"The same {FOUND} chunks, apart from ties: {same} of {len(wanted)} questions.",
            table(("bytes a chunk", "average"), sizes),
        ]
    )


@asynccontextmanager
async def _in_mongodb(collection: Collection, uri: str) -> AsyncIterator[tuple[AtlasStore, Any, float]]:
    """A copy of the collection, and the database that it lies in, which is dropped afterwards."""
    name = f"acervo_bench_{uuid.uuid4().hex[:12]}"
    store = AtlasStore.open(uri, name, embedder="bench")
    with MongoClient[Record](uri) as client:
        try:
            begun = time.perf_counter()
            await _copy(collection.store, store)
            yield store, client[name], time.perf_counter() - begun
        finally:
            await store.close()
            client.drop_database(name)


async def _copy(source: Store, target: Store) -> None:
    turns = asyncio.Semaphore(8)

    async def copy(document_id: str) -> None:
        async with turns:
            document = await source.document(document_id)
            assert document is not None
            await target.put(document, *await source.embedded(document_id))

    await asyncio.gather(*(copy(document.id) for document in await source.documents() if document.version))


async def _ask(retriever: Retriever, question: Question) -> Answer:
    begun = time.perf_counter()
    matches = await retriever.search(question.question, limit=FOUND)
    seconds = time.perf_counter() - begun
    return Answer(
        question=question,
        chunks=[(match.chunk.id, match.document.name, match.chunk.page) for match in matches],
        relevance=[match.relevance for match in matches],
        seconds=seconds,
    )


async def _rank_fusion(
    store: AtlasStore, collection: Collection, database: Any, question: Question
) -> Answer:
    """The same two pipelines, fused inside MongoDB by reciprocal ranks."""
    text = question.question
    begun = time.perf_counter()
    vector = await (await collection.retriever.embedder()).embed_query(text)
    languages = {d.language for d in await store.documents()} | {detect_question_language(text)}
    legs = {
        "vector": atlas_stages.nearest(vector, Scope(), (), REACH, exact=True)[:1],
        "text": atlas_stages.sharing_words(question_terms(text, frozenset(languages)), Scope(), (), REACH)[
            :2
        ],
    }
    pipeline = [
        {"$rankFusion": {"input": {"pipelines": legs}}},
        {"$limit": FOUND},
        {"$project": {"name": 1, "page": 1}},
    ]
    rows = await asyncio.to_thread(lambda: list(database["chunks"].aggregate(pipeline)))
    seconds = time.perf_counter() - begun
    return Answer(
        question=question,
        chunks=[(row["_id"], row["name"], row["page"]) for row in rows],
        relevance=[],
        seconds=seconds,
    )


def _same(one: Answer, other: Answer) -> bool:
    """The same chunks; one that only one of them has must be as relevant as the last of the other's."""
    ids, others = [chunk[0] for chunk in one.chunks], [chunk[0] for chunk in other.chunks]
    only = [r for id_, r in zip(ids, one.relevance, strict=True) if id_ not in others]
    only += [r for id_, r in zip(others, other.relevance, strict=True) if id_ not in ids]
    last = [*one.relevance[-1:], *other.relevance[-1:]]
    return not only or max(only) - min(last) <= TIE


def _row(name: str, answers: Sequence[Answer], embedded: Sequence[Answer]) -> list[str]:
    shared = [
        len({chunk[0] for chunk in a.chunks} & {chunk[0] for chunk in e.chunks}) / max(len(e.chunks), 1)
        for a, e in zip(answers, embedded, strict=True)
    ]
    return [
        name,
        str(len(answers)),
        f"{statistics.fmean(a.reciprocal_rank for a in answers):.3f}",
        f"{statistics.fmean(shared):.1%}",
        median_and_p95([a.seconds for a in answers]),
    ]


def _sizes(database: Any) -> list[list[str]]:
    """As BSON, before compression."""
    sample = list(database["chunks"].aggregate([{"$sample": {"size": 500}}]))
    rows = [["the whole record", f"{statistics.fmean(len(bson.encode(one)) for one in sample):,.0f}"]]
    for name in ("embedding", "text", "markdown", "terms", "boxes"):
        sizes = [len(bson.encode({name: one[name]})) for one in sample]
        rows.append([f"of it `{name}`", f"{statistics.fmean(sizes):,.0f}"])
    array = [len(bson.encode({"embedding": list(one["embedding"].as_vector().data)})) for one in sample]
    rows.append(["`embedding`, were it an array of numbers", f"{statistics.fmean(array):,.0f}"])
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="scripts/bench mongodb", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="with questions.jsonl and docs/")
    parser.add_argument("--questions", type=int, default=30, help="at most so many (default: 30)")
    parser.add_argument("--stand-in", action="store_true", help="without a MongoDB")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="that convert documents")
    options = parser.parse_args()
    try:
        dataset = read_dataset(options.folder) if options.folder else read_manual()
    except DatasetError as error:
        parser.error(str(error))
    with ExitStack() as stack:
        if options.stand_in:
            from tests.atlas_stand_in.process import StandIn

            address = stack.enter_context(StandIn(lag=0.0, build=0.0)).uri
        else:
            given = Settings.load().mongodb_uri
            if given is None:
                parser.error("MONGODB_URI names no MongoDB; --stand-in does without one")
            address = given.get_secret_value()
        print(asyncio.run(measure(dataset, address, most=options.questions, processes=options.processes)))
