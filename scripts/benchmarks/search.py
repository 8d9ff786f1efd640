"""How fast, and how surely, the embedded store finds among 12,000, 100,000 and a million passages.

The collections are synthetic (scripts/benchmarks/synthetic.py tells what they look like), made in a temporary
folder, settled as the loader does, and warmed as the server does; each table's heading says whether its
questions were answered from memory or by LanceDB. Each leg is asked for 50, as the retriever does, the
question's words and its vector one after the other, then side by side; the retriever is given the vectors of
the questions, so that what the embedding model takes isn't counted. Recall is how many of the ten nearest of
all vectors are among the first ten that are found.

`--server` asks a real server (`POST /search`) with the bundled model instead: alone, and 50 at once.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import numpy as np

from database.embedders.base import TokenCounts
from database.records import Scope, chunk_id
from database.retrieve import Retriever
from database.settings import Settings
from database.stores import lance_rows
from database.stores.base import Vectors
from database.stores.lance import LanceStore
from scripts.benchmarks import synthetic
from scripts.benchmarks.process import family_processor_seconds, resident_memory
from scripts.benchmarks.server import Bench, rested, running_server
from scripts.benchmarks.size import size_of
from scripts.benchmarks.synthetic import CLUSTERED, SCATTERED, Question, Shape
from scripts.benchmarks.tables import median_and_p95, megabytes, table

LIMIT = 50  # of each leg
RECALL_AT = 10
WARM = 5  # questions that aren't counted
AT_ONCE = 50
_ROWS_AT_ONCE = 8_192
_TIMES = ("ms, median / p95", "processor, ms a question")

Ask = Callable[[Question], Awaitable[object]]


async def measure(passages: int, shape: Shape, number: int, folder: Path) -> str:
    """The table of one collection, made in an empty folder."""
    begun = time.perf_counter()
    await synthetic.fill(folder, passages, shape)
    made = time.perf_counter() - begun
    store = await LanceStore.open(folder, embedder=synthetic.EMBEDDER)
    try:
        begun = time.perf_counter()
        await store.settle()
        settled = time.perf_counter() - begun
        begun = time.perf_counter()
        await store.settle()
        again = time.perf_counter() - begun
        asked = await _questions(store, shape, number + WARM)
        begun = time.perf_counter()
        await store.warm()
        warmed = time.perf_counter() - begun
        nearest = await _nearest(store, [question.vector for question in asked[WARM:]])
        way = "in memory" if await store.in_memory() else "by LanceDB"
        rows = await _legs(store, asked, nearest)
        rows += [
            ["indexes made, s", f"{settled:.1f}", ""],
            ["settled again, with nothing new, s", f"{again:.2f}", ""],
            ["warmed, s", f"{warmed:.1f}", ""],
            ["on disk", megabytes(size_of(folder)), ""],
            ["resident memory of the process", megabytes(resident_memory(os.getpid())), ""],
        ]
    finally:
        await store.close()
    name = "clustered" if shape == CLUSTERED else "scattered"
    told = table((f"{passages:,} passages, {name}, searched {way}", *_TIMES), rows)
    return f"{told}\n\nMade in {made:.0f} s."


async def _legs(
    store: LanceStore, asked: Sequence[Question], nearest: Sequence[frozenset[str]]
) -> list[list[str]]:
    recalls: list[float] = []
    expected = {id(question): ids for question, ids in zip(asked[WARM:], nearest, strict=True)}
    retriever = Retriever(store=store, embedder=_Given(asked))
    await retriever.prepare()

    async def by_vector(question: Question) -> None:
        hits = await store.search_vector(question.vector, Scope(), LIMIT)
        if id(question) in expected:
            found = {hit.chunk.id for hit in hits[:RECALL_AT]}
            recalls.append(len(found & expected[id(question)]) / RECALL_AT)

    async def by_text(question: Question) -> None:
        await store.search_text(question.text, "en", Scope(), LIMIT)

    async def both(question: Question) -> None:
        await asyncio.gather(by_vector(question), by_text(question))

    async def retrieved(question: Question) -> None:
        await retriever.search(question.text, language="en")

    ways = {
        "by vector": by_vector,
        "by words": by_text,
        "both side by side": both,
        "the retriever, without embedding the question": retrieved,
    }
    rows = [[name, *await _timed(way, asked)] for name, way in ways.items()]
    return [*rows, [f"recall@{RECALL_AT} by vector", f"{statistics.fmean(recalls):.3f}", ""]]


async def _timed(ask: Ask, asked: Sequence[Question]) -> tuple[str, str]:
    """Of a question: how long it took, and how much of the processor's time."""
    seconds = []
    used = 0.0
    for number, question in enumerate(asked):
        if number == WARM:
            used = time.process_time()
        begun = time.perf_counter()
        await ask(question)
        seconds.append(time.perf_counter() - begun)
    used = time.process_time() - used
    return median_and_p95(seconds[WARM:]), f"{used * 1000 / len(seconds[WARM:]):.1f}"


async def _questions(store: LanceStore, shape: Shape, number: int) -> list[Question]:
    """About passages from all over the collection."""
    chunks = await store.sample(number)
    vectors = []
    for chunk in chunks:
        _, of_document = await store.embedded(chunk.document_id)
        vectors.append(of_document[chunk.position])
    return synthetic.questions(np.array(vectors), [chunk.text for chunk in chunks], shape)


async def _nearest(store: LanceStore, asked: Sequence[Vectors]) -> list[frozenset[str]]:
    """The ids of the ten nearest to each of these vectors, by comparing all."""
    questions = np.stack(asked)
    table_, _ = await store.table_for(synthetic.DIMENSIONS)
    wanted = [*lance_rows.KEY, lance_rows.EMBEDDING]
    ids: list[str] = []
    best = np.zeros((len(asked), 0), np.float32)
    places = np.zeros((len(asked), 0), np.int64)
    async for batch in await table_.query().select(wanted).to_batches(max_batch_length=_ROWS_AT_ONCE):
        vectors = batch.column(lance_rows.EMBEDDING).flatten().to_numpy()
        numbers = np.arange(len(ids), len(ids) + len(batch))
        ids += map(chunk_id, *(batch.column(name).to_pylist() for name in lance_rows.KEY))
        best = np.hstack([best, questions @ vectors.reshape(-1, synthetic.DIMENSIONS).T])
        places = np.hstack([places, np.tile(numbers, (len(asked), 1))])
        order = np.argsort(-best, axis=1)[:, :RECALL_AT]
        best, places = np.take_along_axis(best, order, 1), np.take_along_axis(places, order, 1)
    return [frozenset(ids[place] for place in row) for row in places]


class _Given:
    """An embedder that knows the questions' vectors, and gives any other text one at random."""

    name = synthetic.EMBEDDER
    dimensions = synthetic.DIMENSIONS
    max_tokens = 256

    def __init__(self, asked: Sequence[Question]) -> None:
        self._vectors = {question.text: question.vector for question in asked}
        self._random = np.random.default_rng(0)

    def warm(self) -> None:
        pass

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return synthetic.near(np.zeros((len(texts), self.dimensions), np.float32), 1, self._random)

    async def count_tokens(self, texts: Sequence[str]) -> TokenCounts | None:
        return None

    async def rest(self) -> None:
        pass

    async def embed_query(self, text: str) -> Vectors:
        known = self._vectors.get(text)
        return (await self.embed_documents([text]))[0] if known is None else known


async def measure_server(passages: int, number: int, folder: Path) -> str:
    """The table of `POST /search`, asked alone and 50 at once."""
    texts = await synthetic.asked_about(
        folder, passages, 2 * number + WARM, embedder=Settings().embedding_model
    )
    async with running_server(data_dir=folder) as bench:
        for text in texts[:WARM]:
            await _search(bench, text)
        await rested(bench.pid)
        rows = []
        for name, at_once, first in (("alone", 1, WARM), (f"{AT_ONCE} at once", AT_ONCE, WARM + number)):
            before, seconds = family_processor_seconds(bench.pid), []
            of_way = texts[first : first + number]  # a question that is asked again is embedded already
            for start in range(0, number, at_once):
                asked = of_way[start : start + at_once]
                seconds += await asyncio.gather(*(_search(bench, text) for text in asked))
            used = (family_processor_seconds(bench.pid) - before) * 1000 / len(seconds)
            rows.append([name, median_and_p95(seconds), f"{used:.1f}"])
    return table((f"`POST /search`, {passages:,} passages", *_TIMES), rows)


async def _search(bench: Bench, text: str) -> float:
    begun = time.perf_counter()
    async with bench.session.post(f"{bench.address}/search", json={"query": text}) as response:
        response.raise_for_status()
        await response.read()
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench search", description=__doc__)
    parser.add_argument("--chunks", default="12000,100000,1000000", help="of each collection")
    parser.add_argument("--questions", type=int, default=200, help="that are asked in each way (200)")
    parser.add_argument("--scattered", action="store_true", help="vectors that hardly form clusters")
    parser.add_argument("--server", action="store_true", help="ask a server, of the first number only")
    parser.add_argument("--folder", type=Path, help="where collections are made (the system's for temporary)")
    options = parser.parse_args()
    sizes = [int(size) for size in options.chunks.split(",")]
    shape = SCATTERED if options.scattered else CLUSTERED
    for size in sizes[:1] if options.server else sizes:
        with tempfile.TemporaryDirectory(prefix="acervo-search-", dir=options.folder) as folder:
            if options.server:
                told = asyncio.run(measure_server(size, options.questions, Path(folder)))
            else:
                told = asyncio.run(measure(size, shape, options.questions, Path(folder)))
        print(told, end="\n\n", flush=True)


if __name__ == "__main__":
    main()
