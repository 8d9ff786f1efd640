"""Passages in memory are found as LanceDB finds them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pytest

from database.errors import StoreUnavailable
from database.records import Hit, Scope
from database.seen import Seen
from database.stores import lance_rows
from database.stores.base import Vectors
from database.stores.in_memory import InMemory
from database.stores.lance import LanceStore
from database.stores.vector_sets import VectorSet
from tests.contracts.store_contract import put
from tests.database.fakes import DIMENSIONS, chunks, document, embedding

ALL = Scope(libraries=("default", "other"))
SCOPES = {
    "one library": Scope(),
    "both": ALL,
    "an unknown one": Scope(libraries=("unknown",)),
    "none": Scope(libraries=()),
    "two documents": Scope(libraries=("default", "other"), documents=("d1", "d3", "unknown")),
    "of which one is in the library": Scope(libraries=("other",), documents=("d1", "d2")),
    "no document": Scope(documents=()),
}
_SYLLABLES = [first + second for first in "bdfgl" for second in "aeiou"]


class Made(NamedTuple):
    """Two that read the same folder, and one that asks at random."""

    writer: LanceStore
    by_lance: LanceStore
    memory: LanceStore
    random: np.random.Generator

    async def warm(self) -> None:
        await self.memory.warm()
        assert await self.memory.in_memory()
        assert not await self.by_lance.in_memory()

    def words(self, number: int) -> str:
        """Some in nearly every passage, most in few."""
        ranks = np.minimum(self.random.zipf(1.4, number), len(_SYLLABLES) ** 2) - 1
        return " ".join(_SYLLABLES[r // len(_SYLLABLES)] + _SYLLABLES[r % len(_SYLLABLES)] for r in ranks)

    def vectors(self, number: int) -> Vectors:
        """Not of length 1."""
        return (3 * self.random.normal(size=(number, DIMENSIONS))).astype(np.float32)

    async def settle(self) -> None:
        """Only then does LanceDB weigh words by all passages, instead of those that the scope allows."""
        await self.writer.settle()
        await self.warm()

    async def fill(self, documents: int = 6, *, embedded: Collection[int] | None = None) -> None:
        """Every second one in the other library. `embedded`: those that have vectors, all by default."""
        for number in range(documents):
            of = document(f"d{number}", library="other" if number % 2 else "default")
            size = int(self.random.integers(1, 12))
            parts = chunks(of, *(self.words(int(self.random.integers(1, 40))) for _ in range(size)))
            vectors = self.vectors(size) if embedded is None or number in embedded else None
            await self.writer.put(of, parts, vectors)

    async def ask(self, scope: Scope = ALL, limit: int = 8) -> None:
        """By five questions: both find the same, by vectors and by words, with the same scores."""
        for _ in range(5):
            vector, text = self.vectors(1)[0], self.words(3)
            near = [await store.search_vector(vector, scope, limit) for store in self.both]
            assert ids(near[1]) == ids(near[0])
            assert same_scores(near)
            assert [(hit.chunk, hit.seen) for hit in near[1]] == [(hit.chunk, hit.seen) for hit in near[0]]
            sharing = [await store.search_text(text, "pt", scope, 1_000) for store in self.both]
            assert sorted(ids(sharing[1])) == sorted(ids(sharing[0]))
            assert same_scores(sharing), "best first, whichever of those that are as good"
            of_id = {hit.chunk.id: hit.score for hit in sharing[0]}
            assert [hit.score for hit in sharing[1]] == pytest.approx(
                [of_id[id_] for id_ in ids(sharing[1])], rel=1e-5
            )
            few = [await store.search_text(text, "pt", scope, limit) for store in self.both]
            assert same_scores(few)

    @property
    def both(self) -> tuple[LanceStore, LanceStore]:
        return self.by_lance, self.memory


@pytest.fixture(params=range(3))
async def made(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Made]:
    async with AsyncExitStack() as stack:

        async def open_() -> LanceStore:
            store = await LanceStore.open(tmp_path, embedder="words")
            stack.push_async_callback(store.close)
            return store

        random = np.random.default_rng(request.param)
        yield Made(await open_(), await open_(), await open_(), random)


def ids(hits: Sequence[Hit]) -> list[str]:
    return [hit.chunk.id for hit in hits]


def same_scores(hits: Sequence[Sequence[Hit]]) -> bool:
    expected, found = ([hit.score for hit in one] for one in hits)
    assert found == sorted(found, reverse=True)
    return found == pytest.approx(expected, rel=1e-5, abs=1e-5)


def held(*texts: str, embeddings: Vectors | None = None, version: int = 1) -> InMemory:
    """As the rows of one document."""
    of = document("a", version=version)
    parts = chunks(of, *texts)
    rows = lance_rows.rows(of, parts, None, VectorSet(number=1))
    vectors = None
    if embeddings is not None:
        flat = pa.array(embeddings.ravel().tolist(), pa.float32())
        vectors = pa.FixedSizeListArray.from_arrays(flat, embeddings.shape[1])
    passages = [(part, Seen.of(part.text, "pt")) for part in parts]
    return InMemory(passages, rows, rows.column("terms").combine_chunks(), vectors)


def texts(hits: Sequence[Hit]) -> list[str]:
    return [hit.chunk.text for hit in hits]


async def test_it_finds_what_lancedb_finds(made: Made) -> None:
    """Whether LanceDB has the passages in its index yet or not."""
    await made.fill()
    await made.warm()
    await made.ask()
    await made.settle()
    await made.ask()


async def test_only_what_the_scope_allows(made: Made) -> None:
    """Libraries, and documents in them; what is not there finds nothing."""
    await made.fill()
    await made.settle()
    for scope in SCOPES.values():
        await made.ask(scope)
        await made.ask(scope, limit=1)


async def test_hidden_versions_are_left_out(made: Made) -> None:
    """And nothing else of their documents."""
    await made.fill()
    await made.writer._catalogue.hide(("d2", 1))
    await made.writer._catalogue.hide(("d3", 2))
    await made.settle()
    await made.ask()
    found = await made.memory.search_vector(made.vectors(1)[0], ALL, 1_000)
    assert {hit.chunk.document_id for hit in found} == {"d0", "d1", "d3", "d4", "d5"}


async def test_what_is_not_embedded_yet_is_found_by_its_words(made: Made) -> None:
    """Not by its vector, of which there is none."""
    await made.fill(embedded=(0, 1, 4))
    await put(made.writer, "new", "prazo")
    await made.writer.put(late := document("late"), chunks(late, "prazo"))
    await made.warm()
    await made.ask()
    by_words = await made.memory.search_text("prazo", "pt", ALL, 10)
    assert {hit.chunk.document_id for hit in by_words} == {"new", "late"}
    by_vector = await made.memory.search_vector(made.vectors(1)[0], ALL, 1_000)
    assert {hit.chunk.document_id for hit in by_vector} == {"d0", "d1", "d4", "new"}


async def test_where_nothing_is_embedded_there_is_nothing_near(made: Made) -> None:
    """Before the first vector, of whatever length it will be; and where all that had one is gone."""
    await made.fill(2, embedded=())
    await made.warm()
    await made.ask()
    assert await made.memory.search_vector(np.ones(3, np.float32), ALL, 5) == []
    await put(made.writer, "gone", "prazo")
    await made.writer.delete("gone")
    await made.warm()
    await made.ask()


async def test_a_vector_of_another_length_is_an_error(made: Made) -> None:
    """Never an empty answer; as where LanceDB is asked."""
    await made.fill(2)
    await made.warm()
    for store in made.both:
        with pytest.raises(StoreUnavailable):
            await store.search_vector(np.ones(DIMENSIONS + 1, np.float32), ALL, 5)
    assert await made.memory.search_vector(np.ones(DIMENSIONS, np.float32), ALL, 5)


async def test_a_collection_without_passages_finds_nothing() -> None:
    """None held, none with a word, none near."""
    for empty in (held(), held(embeddings=np.zeros((0, 2), np.float32))):
        assert empty.sharing_words(["praz"], Scope(), [], 5) == []
        assert await empty.nearest(np.ones(2, np.float32), Scope(), [("a", 1)], 5) == []


async def test_terms_that_nobody_holds_find_nothing() -> None:
    """Nor does no term at all, nor a blank; beside one that is held, they change nothing."""
    memory = held("prazo um", "recurso", "")
    for terms in ([], ["ninguem"], [""], [" "]):
        assert memory.sharing_words(terms, Scope(), [], 5) == []
    alone = memory.sharing_words(["recurs"], Scope(), [], 5)
    assert texts(alone) == ["recurso"]
    assert memory.sharing_words(["ninguem", "recurs", ""], Scope(), [], 5) == alone


async def test_a_version_is_hidden_not_its_document() -> None:
    """By both searches."""
    memory = held("prazo", embeddings=np.ones((1, 2), np.float32), version=2)
    for hidden, expected in (([("a", 2)], []), ([("a", 1), ("b", 2)], ["prazo"])):
        assert texts(memory.sharing_words(["praz"], Scope(), hidden, 5)) == expected
        assert texts(await memory.nearest(np.ones(2, np.float32), Scope(), hidden, 5)) == expected


async def test_vectors_need_not_have_the_length_1() -> None:
    """Neither those that are held nor those that are asked: the score is the cosine."""
    memory = held("um", "dois", "nada", embeddings=np.array([[3, 4], [100, 0], [0, 0]], np.float32))
    hits = await memory.nearest(np.array([0.5, 0], np.float32), Scope(), [], 5)
    assert texts(hits) == ["dois", "um", "nada"]
    assert [hit.score for hit in hits] == pytest.approx([1.0, 0.6, 0.0], abs=1e-6)


async def test_many_at_once_find_what_each_finds_alone() -> None:
    """Though they are compared together, each in its own scope."""
    random = np.random.default_rng(0)
    words = [f"palavra {number}" for number in range(40)]
    memory = held(*words, embeddings=random.normal(size=(40, DIMENSIONS)).astype(np.float32))
    asked = [
        (embedding(word), [("a", 1)] if number % 3 == 0 else [], 1 + number % 7)
        for number, word in enumerate(words)
    ]
    alone = [await memory.nearest(vector, Scope(), hidden, limit) for vector, hidden, limit in asked]
    together = await asyncio.gather(
        *(memory.nearest(vector, Scope(), hidden, limit) for vector, hidden, limit in asked)
    )
    assert [ids(hits) for hits in together] == [ids(hits) for hits in alone]
    assert [len(hits) for hits in together] == [0 if hidden else limit for _, hidden, limit in asked]
