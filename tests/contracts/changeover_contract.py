"""What every store must show while it changes over to another embedder. Part of the store's contract."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import numpy as np
import pytest

from database.errors import EmbedderMismatch
from database.records import Changeover, Chunk, Scope
from database.retrieve import EVERYTHING
from database.stores.base import Embedded, Store, Vectors
from tests.contracts.store_contract import put, texts_found, texts_near
from tests.database.fakes import DIMENSIONS, chunks, document, embeddings, other_embedding


def others(of: Sequence[Chunk]) -> Vectors:
    return np.stack([other_embedding(chunk.text) for chunk in of])


async def embed_all(store: Store) -> None:
    """As the loader does, with the other embedder's vectors."""
    for waiting in await store.unfinished():
        parts = (await store.chunks(waiting.id))[waiting.prepared :]
        if parts:
            await store.embed(waiting, waiting.prepared, others(parts))


async def texts_near_other(store: Store, question: str, scope: Scope = EVERYTHING) -> list[str]:
    return [hit.chunk.text for hit in await store.search_vector(other_embedding(question), scope, 10)]


class ChangeoverContract:
    """Inherited, with a fixture `store` whose embedder is "words" and a method that opens it again."""

    def open_again(self, *, embedder: str = "words") -> AbstractAsyncContextManager[Store]:
        raise NotImplementedError

    async def test_the_embedder_that_there_was_answers_until_the_other_is_through(self, store: Store) -> None:
        """Then the other one does, in one step; how far it is can be told all the time."""
        for id_, texts in (("a", ("prazo um", "prazo dois")), ("b", ("prazo três",))):
            of = document(id_)
            parts = chunks(of, *texts)
            await store.put(of, [replace(part, sentences=b"words") for part in parts], embeddings(parts))
        before = await store.document("a")
        assert await store.changeover() is None
        await store.release()
        async with self.open_again(embedder="another") as again:
            await again.claim()
            await again.ready()
            for number in range(2):
                assert await again.answering() == await store.answering() == "words"
                assert await again.changeover() == Changeover(
                    answering="words", coming="another", embedded=2 * number, passages=3
                )
                assert [d.id for d in await again.unfinished()] == ["a", "b"][number:]
                assert len(await texts_near(again, "prazo")) == len(await texts_found(again, "prazo")) == 3
                hits = await store.search_text("prazo", "pt", Scope(), 5)
                assert {hit.chunk.sentences for hit in hits} == {b"words"}
                found, vectors = await again.embedded("a")
                assert np.array_equal(vectors, embeddings(found))
                now = await again.document("a")
                assert now is not None
                assert (now.status, now.embedded, now.renewed) == ("ready", 2, 2 * number)
                assert now.finished == bool(number)
                (waiting, *_) = await again.unfinished()
                parts = await again.chunks(waiting.id)
                after = await again.embed(waiting, 0, others(parts), [b"other"] * len(parts))
                assert after == await again.document(waiting.id)
            assert await again.answering() == await store.answering() == "another"
            assert await again.changeover() is None
            assert await again.unfinished() == []
            assert await again.document("a") == before
            assert sorted(await texts_near_other(store, "prazo")) == ["prazo dois", "prazo três", "prazo um"]
            hits = await store.search_text("prazo", "pt", Scope(), 5)
            assert {hit.chunk.sentences for hit in hits} == {b"other"}
            found, vectors = await again.embedded("a")
            assert np.array_equal(vectors, others(found))
            await again.settle()
            await again.ready()
            assert len(await texts_near_other(store, "prazo")) == 3

    async def test_what_is_only_read_changes_nothing_over(self, store: Store) -> None:
        """A reader with another embedder's name is answered, and told what is to be done."""
        await put(store, "a", "prazo um", "prazo dois")
        async with self.open_again(embedder="another") as reader:
            await reader.ready()
            assert len(await texts_near(reader, "prazo")) == 2
            assert await reader.answering() == "words"
            assert await reader.changeover() == Changeover(
                answering="words", coming="another", embedded=0, passages=2
            )
            assert [d.id for d in await reader.unfinished()] == ["a"]
        assert await store.changeover() is None
        assert await store.unfinished() == []

    async def test_what_is_loaded_meanwhile_is_found_by_text_and_later_by_vectors(self, store: Store) -> None:
        """New documents and new versions; vectors that are put with them are the coming ones."""
        await put(store, "a", "prazo antigo")
        await put(store, "b", "prazo dois")
        await store.release()
        async with self.open_again(embedder="another") as again:
            for id_, version in (("a", 2), ("c", 1)):
                of = document(id_, version=version)
                await again.put(of, chunks(of, f"prazo novo {id_}"))
            of = document("d")
            parts = chunks(of, "prazo novo d")
            await again.put(of, parts, others(parts))
            new = [f"prazo novo {id_}" for id_ in "acd"]
            assert sorted(await texts_found(again, "prazo")) == ["prazo dois", *new]
            assert await texts_near(again, "prazo") == ["prazo dois"]
            found = [await again.document(id_) for id_ in "acd"]
            assert [one and (one.status, one.embedded, one.renewed) for one in found] == [
                ("embedding", 0, 0), ("embedding", 0, 0), ("embedding", 0, 1),
            ]  # fmt: skip
            await embed_all(again)
            assert await again.answering() == "another"
            assert sorted(await texts_near_other(again, "prazo")) == ["prazo dois", *new]
            found = [await again.document(id_) for id_ in "abcd"]
            assert [one and (one.status, one.embedded, one.renewed) for one in found] == [
                ("ready", 1, None)
            ] * 4
            assert await again.unfinished() == []

    async def test_a_changeover_goes_on_where_it_was(self, store: Store) -> None:
        """Whoever stopped it, in the middle of a document."""
        of = document("a")
        parts = chunks(of, "prazo zero", "prazo um", "prazo dois")
        await store.put(of, parts, embeddings(parts))
        await store.close()
        async with self.open_again(embedder="another") as again:
            await again.embed(of, 0, others(parts[:2]))
        async with self.open_again(embedder="another") as again:
            (waiting,) = await again.unfinished()
            assert (waiting.embedded, waiting.prepared) == (3, 2)
            await again.embed(of, 2, others(parts[2:]))
            assert await again.answering() == "another"
            assert len(await texts_near_other(again, "prazo")) == 3

    async def test_going_back_gives_up_what_is_half_made(self, store: Store) -> None:
        """The embedder that answers goes on; what was loaded meanwhile waits for its vectors."""
        await put(store, "a", "prazo um")
        await store.close()
        async with self.open_again(embedder="another") as again:
            for id_ in "bc":
                of = document(id_)
                parts = chunks(of, f"prazo {id_}")
                await again.put(of, parts, others(parts))
        async with self.open_again() as back:
            await back.claim()
            assert await back.changeover() is None
            assert [d.id for d in await back.unfinished()] == ["b", "c"]
            for waiting in await back.unfinished():
                parts = await back.chunks(waiting.id)
                await back.embed(waiting, 0, embeddings(parts))
            assert sorted(await texts_near(back, "prazo")) == ["prazo b", "prazo c", "prazo um"]
            assert await back.unfinished() == []

    async def test_a_third_embedder_begins_anew(self, store: Store) -> None:
        """Nothing of what was half made is mixed with its vectors, though they are as long."""
        await put(store, "a", "prazo um")
        await put(store, "b", "prazo dois")
        await store.close()
        async with self.open_again(embedder="another") as again:
            await again.embed(document("a"), 0, -others(await again.chunks("a")))
        async with self.open_again(embedder="third") as third:
            await third.claim()
            assert await third.changeover() == Changeover(
                answering="words", coming="third", embedded=0, passages=2
            )
            await embed_all(third)
            assert await third.answering() == "third"
            hits = await third.search_vector(other_embedding("prazo um"), Scope(), 5)
            assert hits[0].score == pytest.approx(1, abs=1e-5)
            assert len(hits) == 2

    async def test_one_change_follows_another(self, store: Store) -> None:
        """Forth and back: each time all is embedded, and each time all is found."""
        await put(store, "a", "prazo um", "prazo dois")
        await store.close()
        for embedder in ("another", "third", "another"):
            async with self.open_again(embedder=embedder) as again:
                await again.claim()
                await embed_all(again)
                assert await again.answering() == embedder
                await again.settle()
                assert len(await texts_near_other(again, "prazo")) == 2

    async def test_when_the_last_that_waits_is_removed_the_change_is_done(self, store: Store) -> None:
        """Nobody would embed anything any more."""
        await put(store, "a", "prazo um")
        await put(store, "b", "prazo dois")
        await store.release()
        async with self.open_again(embedder="another") as again:
            await again.embed_together(
                [Embedded(document=document("a"), first=0, embeddings=others(await again.chunks("a")))]
            )
            assert await again.answering() == "words"
            await again.delete("b")
            assert await again.answering() == "another"
            assert await texts_near_other(again, "prazo") == ["prazo um"]

    async def test_a_collection_without_passages_changes_at_once(self, store: Store) -> None:
        """And takes vectors of any length."""
        await put(store, "a", "prazo um")
        await store.delete("a")
        await store.release()
        async with self.open_again(embedder="another") as again:
            await again.claim()
            assert await again.changeover() is None
            assert await texts_near_other(again, "prazo") == []
            of = document("b")
            parts = chunks(of, "prazo dois")
            await again.put(of, parts, others(parts))
            assert await texts_near_other(again, "prazo") == ["prazo dois"]
            assert await again.answering() == "another"

    async def test_coming_vectors_of_another_length_are_refused(self, store: Store) -> None:
        """Within the set that is being made, all are alike."""
        await put(store, "a", "prazo um", "prazo dois")
        await store.release()
        async with self.open_again(embedder="another") as again:
            parts = await again.chunks("a")
            await again.embed(document("a"), 0, others(parts[:1]))
            with pytest.raises(EmbedderMismatch):
                await again.embed(document("a"), 1, np.ones((1, DIMENSIONS), np.float32))

    async def test_clearing_ends_a_changeover(self, store: Store) -> None:
        """Nothing is left of either embedder."""
        await put(store, "a", "prazo um")
        await store.release()
        async with self.open_again(embedder="another") as again:
            await again.claim()
            await again.clear()
            assert await again.answering() is None
            assert await again.changeover() is None
            of = document("b")
            parts = chunks(of, "prazo dois")
            await again.put(of, parts, others(parts))
            assert await texts_near_other(again, "prazo") == ["prazo dois"]
