"""What every store must show. A store's own test module inherits this class and gives `open_store`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import numpy as np
import pytest

from database.errors import EmbedderMismatch, StoreBusy
from database.records import Count, Description, Place, Scope
from database.retrieve import EVERYTHING
from database.stores.base import Embedded, Store
from tests.database.fakes import DIMENSIONS, chunks, document, embedding, embeddings, page_state


async def put(
    store: Store, id_: str, *texts: str, version: int = 1, language: str = "pt", library: str = "default"
) -> None:
    of = document(id_, version=version, language=language, library=library)
    parts = chunks(of, *texts)
    await store.put(of, parts, embeddings(parts))


async def texts_found(store: Store, question: str, scope: Scope = EVERYTHING) -> list[str]:
    return [hit.chunk.text for hit in await store.search_text(question, "pt", scope, 10)]


async def texts_near(store: Store, question: str, scope: Scope = EVERYTHING) -> list[str]:
    return [hit.chunk.text for hit in await store.search_vector(embedding(question), scope, 10)]


class StoreContract:
    """Inherited, with a fixture `store` that is empty and a method that opens the same collection again."""

    @pytest.fixture
    def store(self) -> AsyncIterator[Store]:
        raise NotImplementedError

    def open_again(self, *, embedder: str = "words") -> AbstractAsyncContextManager[Store]:
        raise NotImplementedError

    async def test_an_empty_store_finds_nothing_and_is_ready(self, store: Store) -> None:
        """Searching before anything is loaded gives no rows and no error."""
        await store.ready()
        assert await texts_found(store, "prazo") == []
        assert await texts_near(store, "prazo") == []
        assert await store.count() == Count(documents=0, chunks=0)
        assert await store.documents() == []
        assert await store.chunks("none") == []

    async def test_a_chunk_comes_back_as_it_was_put(self, store: Store) -> None:
        """Page, section, boxes, text and Markdown survive the store, through every way of reading."""
        of = document("a")
        parts = chunks(of, "O prazo é de trinta dias.")
        await store.put(of, parts, embeddings(parts))
        for hits in (
            await store.search_text("prazo", "pt", Scope(), 5),
            await store.search_vector(embedding("prazo"), Scope(), 5),
        ):
            assert [hit.chunk for hit in hits] == [replace(part, markdown="") for part in parts]
            assert await store.with_markdown([hit.chunk for hit in hits]) == parts
        assert await store.chunks("a") == parts
        assert await store.document("a") == replace(of, passages=1, embedded=1, laid_out=3)

    async def test_text_is_found_before_its_vectors_are_there(self, store: Store) -> None:
        """Full text at once; vectors as they come; the document says how many, and is ready at the last."""
        of = document("a")
        parts = chunks(of, "prazo zero", "prazo um", "prazo dois")
        await store.put(of, parts)
        assert sorted(await texts_found(store, "prazo")) == ["prazo dois", "prazo um", "prazo zero"]
        assert await texts_near(store, "prazo") == []
        await store.ready()
        assert [d.id for d in await store.unfinished()] == ["a"]
        half = await store.embed(of, 0, embeddings(parts[:2]))
        assert half is not None
        assert (half.status, half.passages, half.embedded) == ("embedding", 3, 2)
        assert await store.document("a") == half
        assert [len(found) for found in await store.embedded("a")] == [3, 2]
        await store.embed(of, 0, embeddings(parts[:2]))
        whole = await store.embed(of, 2, embeddings(parts[2:]))
        assert whole is not None
        assert (whole.status, whole.embedded) == ("ready", 3)
        assert sorted(await texts_near(store, "prazo")) == ["prazo dois", "prazo um", "prazo zero"]
        assert sorted(await texts_found(store, "prazo")) == ["prazo dois", "prazo um", "prazo zero"]
        found, vectors = await store.embedded("a")
        assert found == parts
        assert np.array_equal(vectors, embeddings(parts))
        assert await store.unfinished() == []

    async def test_the_vectors_of_sentences_come_with_what_is_found(self, store: Store) -> None:
        """Whether they were put or came later, byte for byte; hits of both legs have them, as exports do."""
        of, other = document("a"), document("b")
        parts = chunks(of, "prazo zero", "prazo um")
        packed = [bytes(range(1 + 2 * DIMENSIONS - 1)), bytes(3 * DIMENSIONS)]
        with_vectors = [replace(p, sentences=one) for p, one in zip(parts, packed, strict=True)]
        await store.put(of, parts)
        await store.embed(of, 0, embeddings(parts), packed)
        await store.put(other, [replace(c, document_id="b", id=f"b:1:{c.position}") for c in with_vectors])
        for hits in (
            await store.search_text("prazo", "pt", Scope(documents=("a",)), 5),
            await store.search_vector(embedding("prazo"), Scope(), 5),
        ):
            assert {hit.chunk.id: hit.chunk.sentences for hit in hits} == dict(
                zip([part.id for part in parts], packed, strict=True)
            )
        assert await store.chunks("a") == with_vectors
        found, _ = await store.embedded("b")
        assert [chunk.sentences for chunk in found] == packed

    async def test_many_documents_get_their_vectors_together(self, store: Store) -> None:
        """Each as if alone; one that is replaced meanwhile, or gone, is left out."""
        of = {id_: document(id_) for id_ in ("a", "b", "c", "gone")}
        parts = {
            id_: chunks(one, *(f"prazo {id_} {n}" for n in range(number)))
            for number, (id_, one) in enumerate(of.items(), start=1)
        }
        for id_ in ("a", "b", "c"):
            await store.put(of[id_], parts[id_])
        await put(store, "b", "prazo novo", version=2)
        given = [
            Embedded(document=one, first=0, embeddings=embeddings(parts[id_])) for id_, one in of.items()
        ]
        for _ in range(2):
            after = await store.embed_together(given)
            assert [one and (one.id, one.status, one.embedded) for one in after] == [
                ("a", "ready", 1), None, ("c", "ready", 3), None,
            ]  # fmt: skip
            assert await store.document("c") == after[2]
            assert sorted(await texts_near(store, "prazo")) == [
                "prazo a 0", "prazo c 0", "prazo c 1", "prazo c 2", "prazo novo",
            ]  # fmt: skip
        assert await store.embed_together([]) == []

    async def test_a_sample_is_from_all_over_the_collection(self, store: Store) -> None:
        """Of every document, and all of a small collection."""
        assert await store.sample(10) == []
        await put(store, "a", *(f"prazo {n}" for n in range(20)))
        await put(store, "b", *(f"garantia {n}" for n in range(20)))
        everything = await store.sample(1_000)
        assert len({chunk.id for chunk in everything}) == len(everything) == 40
        some = await store.sample(20)
        assert len({chunk.id for chunk in some}) == len(some) == 20
        assert {chunk.document_id for chunk in some} == {"a", "b"}

    async def test_vectors_of_a_replaced_version_are_refused(self, store: Store) -> None:
        """The embedder may be slower than the person who saves the file again."""
        of = document("a")
        await store.put(of, chunks(of, "prazo antigo"))
        await put(store, "a", "prazo novo", version=2)
        assert await store.embed(of, 0, embeddings(chunks(of, "prazo antigo"))) is None
        assert await texts_near(store, "prazo") == ["prazo novo"]
        assert await store.embed(document("none"), 0, embeddings(chunks(of, "x"))) is None

    async def test_markdown_is_swapped_in_page_by_page(self, store: Store) -> None:
        """The states of the pages with it; text, vectors and the other pages stay as they are."""
        of = document("a")
        parts = [replace(chunk, markdown="") for chunk in chunks(of, "prazo um", "prazo dois", "prazo três")]
        pages = [page_state(number, laid_out=number == 3) for number in (1, 2, 3)]
        await store.put(of, parts, embeddings(parts), pages)
        before = await store.document("a")
        assert before is not None
        assert (before.status, before.laid_out, before.finished) == ("ready", 1, False)
        laid_out = page_state(2, laid_out=True, tables=1)
        after = await store.lay_out(of, [laid_out], {1: "| prazo | dois |"})
        assert after is not None
        assert (after.laid_out, after.finished) == (2, False)
        assert [chunk.markdown for chunk in await store.chunks("a")] == ["", "| prazo | dois |", ""]
        assert [chunk.text for chunk in await store.chunks("a", [1])] == ["prazo dois"]
        assert await store.pages("a") == [pages[0], laid_out, pages[2]]
        last = await store.lay_out(of, [page_state(1, laid_out=True)], {0: "# prazo"})
        assert last == await store.document("a")
        assert last is not None
        assert last.finished
        assert await store.unfinished() == []
        assert len(await texts_near(store, "prazo")) == 3

    async def test_markdown_of_a_replaced_version_is_refused(self, store: Store) -> None:
        """And the pages and the Markdown of a version go with it."""
        of = document("a")
        await store.put(of, chunks(of, "prazo"), pages=[page_state(1)])
        await put(store, "a", "prazo novo", version=2)
        assert await store.lay_out(of, [page_state(1, laid_out=True)], {0: "antigo"}) is None
        assert await store.pages("a") == []
        assert [chunk.markdown for chunk in await store.chunks("a")] == ["**prazo novo**"]
        old = chunks(of, "prazo")
        assert [chunk.markdown for chunk in await store.with_markdown(old)] == [""]

    async def test_a_document_is_found_by_its_places_and_its_bytes(self, store: Store) -> None:
        """By each of its places, in its own library, and not by those that it has no more."""
        copy = Place(address="/copies/a.pdf", name="a.pdf")
        of = replace(document("a"), sha256="a" * 64, copies=(copy,))
        await store.put(of, chunks(of, "prazo"))
        for address in (of.source, copy.address):
            at = await store.document_at(address, "default")
            assert at is not None
            assert (at.id, at.copies) == ("a", (copy,))
            assert await store.document_at(address, "other") is None
        held = await store.document_of("a" * 64, "default")
        assert held is not None
        assert held.id == "a"
        assert await store.document_of("a" * 64, "other") is None
        await store.record(replace(held, source=copy.address, copies=()))
        assert await store.document_at(of.source, "default") is None
        assert await store.delete("a")
        assert await store.document_at(copy.address, "default") is None
        assert await store.document_of("a" * 64, "default") is None

    async def test_what_a_person_says_of_a_document_is_searched_along(self, store: Store) -> None:
        """Its title, description and tags find its passages, beside its name."""
        described = Description(title="Regimento", description="vale para bolsistas", tags=("férias",))
        of = replace(document("a"), described=described)
        parts = chunks(of, "prazo de trinta dias")
        await store.put(of, parts, embeddings(parts))
        for question in ("regimento", "bolsista", "ferias"):
            assert await texts_found(store, question) == ["prazo de trinta dias"]
        kept = await store.document("a")
        assert kept is not None
        assert kept.described == described

    @pytest.mark.parametrize("question", ["organizacao", "Organização", "ORGANIZAÇÕES", "organizar"])
    async def test_text_is_found_without_regard_to_accents_and_inflection(
        self, store: Store, question: str
    ) -> None:
        """Portuguese stems match however the question is typed."""
        await put(store, "a", "As organizações são credenciadas.", "Nada disso.")
        assert await texts_found(store, question) == ["As organizações são credenciadas."]

    async def test_each_chunk_is_stemmed_by_its_own_language(self, store: Store) -> None:
        """One question finds Portuguese, Spanish and English passages by their own inflections."""
        await put(store, "pt", "os contratos fiscais")
        await put(store, "es", "las organizaciones", language="es")
        await put(store, "en", "the running costs", language="en")
        assert await texts_found(store, "fiscal") == ["os contratos fiscais"]
        assert await texts_found(store, "organizacion") == ["las organizaciones"]
        assert await texts_found(store, "cost run") == ["the running costs"]

    async def test_numbers_are_found_as_written(self, store: Store) -> None:
        """Amounts and registration numbers keep their separators."""
        await put(store, "a", "CNPJ 12.345.678/0001-90", "CNPJ 99.999.999/0001-99", "valor de R$ 1.234,56")
        assert (await texts_found(store, "12.345.678/0001-90"))[0] == "CNPJ 12.345.678/0001-90"
        assert (await texts_found(store, "1.234,56"))[0] == "valor de R$ 1.234,56"

    async def test_scores_fall_and_the_limit_holds(self, store: Store) -> None:
        """Both legs give the best first and no more than was asked for."""
        await put(store, "a", *(f"prazo {'outro ' * n}" for n in range(12)))
        for hits in (
            await store.search_text("prazo", "pt", Scope(), 5),
            await store.search_vector(embedding("prazo"), Scope(), 5),
        ):
            assert len(hits) == 5
            assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)

    async def test_the_vector_score_is_the_cosine(self, store: Store) -> None:
        """1 for the same direction, and what the dot product of unit vectors says for others."""
        await put(store, "a", "um texto", "coisa diversa")
        hits = await store.search_vector(embedding("um texto"), Scope(), 5)
        expected = float(embedding("um texto") @ embedding("coisa diversa"))
        assert [hit.score for hit in hits] == [pytest.approx(1, abs=1e-5), pytest.approx(expected, abs=1e-5)]

    async def test_a_scope_hides_other_documents_and_libraries(self, store: Store) -> None:
        """Nothing outside the scope is found, however near; an empty scope finds nothing."""
        await put(store, "a", "prazo um")
        await put(store, "b", "prazo dois")
        await put(store, "c", "prazo três", library="other")
        for found in (texts_found, texts_near):
            assert sorted(await found(store, "prazo")) == ["prazo dois", "prazo um"]
            assert await found(store, "prazo", Scope(documents=("b",))) == ["prazo dois"]
            assert await found(store, "prazo", Scope(libraries=("other",))) == ["prazo três"]
            assert await found(store, "prazo", Scope(documents=("c",))) == []
            assert await found(store, "prazo", Scope(documents=())) == []
            assert await found(store, "prazo", Scope(libraries=())) == []
        assert [d.id for d in await store.documents(Scope(libraries=("other",)))] == ["c"]
        assert [d.id for d in await store.documents(Scope(documents=("a", "c")))] == ["a"]

    async def test_ids_with_quotes_are_only_ids(self, store: Store) -> None:
        """An id can't change the query it stands in."""
        await put(store, "a", "prazo")
        hostile = "x') or ('1'='1"
        assert await texts_found(store, "prazo", Scope(documents=(hostile,))) == []
        assert await texts_near(store, "prazo", Scope(libraries=(hostile,))) == []
        assert await store.chunks(hostile) == []
        assert await store.document(hostile) is None

    async def test_a_new_version_replaces_the_old_one(self, store: Store) -> None:
        """After put, only the new version's chunks are found and counted."""
        await put(store, "a", "texto antigo", "outro antigo")
        await put(store, "a", "texto novo", version=2)
        assert await texts_found(store, "texto") == ["texto novo"]
        assert await texts_near(store, "antigo") == ["texto novo"]
        assert [chunk.text for chunk in await store.chunks("a")] == ["texto novo"]
        assert await store.count() == Count(documents=1, chunks=1)

    async def test_chunks_are_read_by_position(self, store: Store) -> None:
        """Neighbours come in reading order; positions that aren't there are left out."""
        await put(store, "a", "zero", "um", "dois", "três")
        assert [c.text for c in await store.chunks("a", [2, 1, 9])] == ["um", "dois"]
        assert await store.chunks("a", []) == []

    async def test_embeddings_are_read_with_their_chunks(self, store: Store) -> None:
        """In reading order, bit for bit as they were put; nothing where there is no document."""
        await put(store, "a", "antes")
        of = document("a", version=2)
        parts = chunks(of, "zero", "um", "dois")
        await store.put(of, parts, embeddings(parts))
        found, vectors = await store.embedded("a")
        assert found == parts
        assert vectors.dtype == np.float32
        assert np.array_equal(vectors, embeddings(parts))
        none, nothing = await store.embedded("b")
        assert (none, len(nothing)) == ([], 0)

    async def test_a_deleted_document_is_gone(self, store: Store) -> None:
        """Its chunks are not found again, and deleting twice says so."""
        await put(store, "a", "prazo")
        await put(store, "b", "prazo também")
        assert await store.delete("a") is True
        assert await texts_found(store, "prazo") == ["prazo também"]
        assert await texts_near(store, "prazo") == ["prazo também"]
        assert await store.document("a") is None
        assert await store.delete("a") is False

    async def test_a_recorded_failure_keeps_the_findable_version(self, store: Store) -> None:
        """A file that fails on its second loading is still answered from as it was."""
        await put(store, "a", "prazo")
        before = await store.document("a")
        assert before is not None
        await store.record(replace(before, status="failed", error="broken"))
        after = await store.document("a")
        assert after is not None
        assert (after.status, after.error, after.version) == ("failed", "broken", 1)
        assert await texts_found(store, "prazo") == ["prazo"]

    async def test_a_recorded_failure_of_a_new_document_is_listed(self, store: Store) -> None:
        """It is among the documents, and counts for nothing."""
        await store.record(replace(document("a", version=0), status="failed", error="encrypted"))
        assert [(d.id, d.error) for d in await store.documents()] == [("a", "encrypted")]
        assert await store.count() == Count(documents=0, chunks=0)

    async def test_what_is_put_is_there_when_opened_again(self, store: Store) -> None:
        """Another reader of the same collection finds the same, before and after settling."""
        await put(store, "a", "prazo")
        async with self.open_again() as again:
            assert await texts_found(again, "prazo") == ["prazo"]
            await store.settle()
            assert await texts_found(again, "prazo") == ["prazo"]
            assert await texts_near(again, "prazo") == ["prazo"]
            await put(store, "b", "prazo novo")
            assert sorted(await texts_found(again, "prazo")) == ["prazo", "prazo novo"]

    async def test_a_second_writer_is_told_to_wait(self, store: Store) -> None:
        """While one writes, another's write is refused and changes nothing."""
        await put(store, "a", "prazo")
        async with self.open_again() as again:
            with pytest.raises(StoreBusy):
                await put(again, "b", "prazo")
            with pytest.raises(StoreBusy):
                await again.delete("a")
        assert [d.id for d in await store.documents()] == ["a"]

    async def test_a_claim_keeps_other_writers_out(self, store: Store) -> None:
        """Before anything is written, and as often as one likes."""
        await store.claim()
        await store.claim()
        async with self.open_again() as again:
            with pytest.raises(StoreBusy):
                await again.claim()
            assert await again.documents() == []

    async def test_who_lets_go_lets_others_write_and_writes_again(self, store: Store) -> None:
        """In turns: each sees what the other has written."""
        await put(store, "a", "prazo")
        await store.release()
        async with self.open_again() as again:
            await put(again, "b", "prazo também")
            with pytest.raises(StoreBusy):
                await put(store, "c", "prazo")
            await again.release()
            await put(store, "c", "prazo ainda")
            assert len(await texts_found(again, "prazo")) == 3

    async def test_vectors_of_another_length_are_refused(self, store: Store) -> None:
        """A chunk is never stored with a vector that can't be compared."""
        await put(store, "a", "prazo")
        of = document("b")
        with pytest.raises(EmbedderMismatch):
            await store.put(of, chunks(of, "x"), np.ones((1, 3), dtype=np.float32))
        assert await store.document("b") is None

    async def test_a_cleared_store_takes_another_embedder(self, store: Store) -> None:
        """Clearing removes every document and the tie to the model."""
        await put(store, "a", "prazo")
        await store.clear()
        assert await store.documents() == []
        assert await texts_found(store, "prazo") == []
        of = document("b")
        await store.put(of, chunks(of, "x"), np.ones((1, 3), dtype=np.float32))
        assert await store.count() == Count(documents=1, chunks=1)

    async def test_its_state_is_another_one_after_each_change(self, store: Store) -> None:
        """Of what can be found, by whoever made it; the same in between. A store may not know it."""
        if await store.state() is None:
            await put(store, "a", "O prazo é de trinta dias.")
            assert await store.state() is None
            return
        async with self.open_again() as writer:
            of = document("a")
            parts = chunks(of, "O prazo é de trinta dias.")
            states = [await store.state()]
            for change in (
                writer.put(of, parts),
                writer.embed(of, 0, embeddings(parts)),
                writer.lay_out(of, [page_state(1, laid_out=True)], {0: "# prazo"}),
                put(writer, "a", "O prazo é de dez dias.", version=2),
                writer.delete("a"),
            ):
                await change
                await asyncio.sleep(0)  # it is looked up once in a turn of the event loop
                states.append(await store.state())
                await texts_found(store, "prazo")
                await asyncio.sleep(0)
                assert await store.state() == states[-1]
            assert len(set(states)) == len(states)
