"""Loading: new, unchanged, changed, failing and vanished documents."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import pytest_asyncio

from database.collection import Collection
from database.errors import EmbedderUnavailable
from database.files.local import LocalFiles
from database.load import sources
from database.load.pipeline import Loader, Summary
from database.load.progress import Progress
from database.messages import Messages
from database.records import Description, Document, Scope
from database.retrieve import Retriever
from database.stores.base import Vectors
from database.stores.lance import LanceStore
from database.workers import Workers
from tests.database.fakes import WordsEmbedder, write_pdf

pytestmark = pytest.mark.asyncio(loop_scope="module")

MESSAGES = Messages("en")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workers() -> AsyncIterator[Workers]:
    async with Workers(2) as pool:
        yield pool


@dataclass
class Desk:
    """A folder of documents, a collection, and a loader between them."""

    folder: Path
    collection: Collection
    workers: Workers
    said: io.StringIO

    async def load(self, *arguments: str) -> Summary:
        found, missing = sources.find(arguments or [str(self.folder)])
        assert missing == []
        return await self.loader.load(found)

    @property
    def loader(self) -> Loader:
        progress = Progress(MESSAGES, self.said)
        return Loader(
            store=self.collection.store,
            files=self.collection.files,
            embedder=WordsEmbedder(),
            workers=self.workers,
            progress=progress,
            messages=MESSAGES,
        )

    async def document(self, name: str) -> Document:
        (found,) = [d for d in await self.collection.store.documents() if d.name == name]
        return found

    async def found(self, question: str) -> list[tuple[str, int | None]]:
        matches = await self.collection.retriever.search(question, limit=3)
        return [(match.document.name, match.chunk.page) for match in matches]


@pytest_asyncio.fixture(loop_scope="module")
async def desk(tmp_path: Path, workers: Workers) -> AsyncIterator[Desk]:
    folder = tmp_path / "documents"
    folder.mkdir()
    store = await LanceStore.open(tmp_path / "data", embedder="words")
    collection = Collection(
        store=store,
        files=LocalFiles(tmp_path / "data" / "files"),
        retriever=Retriever(store=store, embedder=WordsEmbedder()),
    )
    yield Desk(folder=folder, collection=collection, workers=workers, said=io.StringIO())
    await store.close()


async def test_documents_are_found_on_their_pages(desk: Desk) -> None:
    """A PDF with its page, a text without; what was loaded is counted and said."""
    write_pdf(desk.folder / "edital.pdf", "O objeto do edital.", "O prazo de entrega é de trinta dias.")
    (desk.folder / "regras.md").write_text("# Regras\n\nA biblioteca fecha aos domingos.")
    summary = await desk.load()
    assert (summary.loaded, summary.unchanged, summary.failed) == (2, 0, [])
    assert (await desk.found("prazo da entrega"))[0] == ("edital.pdf", 2)
    assert (await desk.found("biblioteca aos domingos"))[0] == ("regras.md", None)
    document = await desk.document("edital.pdf")
    assert (document.status, document.pages, document.media_type) == ("ready", 2, "application/pdf")
    path = await desk.collection.files.path(document.sha256)
    assert path is not None
    assert path.read_bytes() == (desk.folder / "edital.pdf").read_bytes()
    assert "✓ edital.pdf" in desk.said.getvalue()


async def test_an_unchanged_document_is_skipped(desk: Desk) -> None:
    """By its bytes: touching the file changes nothing."""
    path = desk.folder / "a.md"
    path.write_text("O prazo é de trinta dias.")
    await desk.load()
    before = await desk.document("a.md")
    path.touch()
    summary = await desk.load()
    assert (summary.loaded, summary.unchanged) == (0, 1)
    assert await desk.document("a.md") == before


async def test_a_changed_document_replaces_its_old_version(desk: Desk) -> None:
    """The old text is not found again; the document keeps its id and the day it came."""
    path = desk.folder / "a.md"
    path.write_text("O prazo é de trinta dias.")
    await desk.load()
    before = await desk.document("a.md")
    path.write_text("A multa é de dois por cento.")
    assert (await desk.load()).loaded == 1
    after = await desk.document("a.md")
    assert (after.id, after.version, after.created_at) == (before.id, before.version + 1, before.created_at)
    (chunk,) = await desk.collection.store.chunks(after.id)
    assert chunk.text == "A multa é de dois por cento."


async def test_bad_files_are_named_with_their_reasons_and_the_others_load(desk: Desk) -> None:
    """Encrypted, broken, empty and scanned PDFs cost only themselves."""
    write_pdf(desk.folder / "good.pdf", "O prazo é de trinta dias.")
    write_pdf(desk.folder / "locked.pdf", "segredo", password="x")
    write_pdf(desk.folder / "scanned.pdf", "", "")
    (desk.folder / "broken.pdf").write_bytes(b"%PDF-1.7 rubbish")
    (desk.folder / "empty.pdf").write_bytes(b"")
    (desk.folder / "binary.txt").write_bytes(b"\x00\x01\x02")
    summary = await desk.load()
    assert summary.loaded == 1
    assert {source.name: error.reason for source, error in summary.failed} == {
        "locked.pdf": "encrypted",
        "scanned.pdf": "no_text",
        "broken.pdf": "broken",
        "empty.pdf": "empty",
        "binary.txt": "unsupported",
    }
    assert {d.name: d.error for d in await desk.collection.store.documents() if d.status == "failed"} == {
        source.name: error.reason for source, error in summary.failed
    }
    assert f"✗ locked.pdf: {MESSAGES.reason('encrypted')}" in desk.said.getvalue()
    assert await desk.found("prazo") == [("good.pdf", 1)]


async def test_a_file_that_breaks_later_is_answered_from_as_it_was(desk: Desk) -> None:
    """And loads again once it is mended."""
    path = write_pdf(desk.folder / "a.pdf", "O prazo é de trinta dias.")
    good = path.read_bytes()
    await desk.load()
    path.write_bytes(b"%PDF-1.7 rubbish")
    assert len((await desk.load()).failed) == 1
    assert (await desk.document("a.pdf")).status == "failed"
    assert await desk.found("prazo") == [("a.pdf", 1)]
    path.write_bytes(good)
    assert (await desk.load()).loaded == 1
    assert (await desk.document("a.pdf")).status == "ready"


async def test_what_failed_is_not_tried_again_until_it_changes(desk: Desk) -> None:
    """A start must not wait for a hopeless file every time; it is named every time, and loads once mended."""
    path = write_pdf(desk.folder / "scanned.pdf", "")
    first = await desk.load()
    again = await desk.load()
    assert [error.reason for summary in (first, again) for _, error in summary.failed] == [
        "no_text",
        "no_text",
    ]
    assert "failed before" in str(again.failed[0][1])
    assert "failed before" not in str(first.failed[0][1])
    write_pdf(path, "Agora com texto.")
    assert (await desk.load()).loaded == 1
    assert (await desk.document("scanned.pdf")).error is None


async def test_a_moved_folder_does_not_double_its_documents(desk: Desk) -> None:
    """The same bytes from a new place, and nothing at the old one: it is the same document."""
    (desk.folder / "a.md").write_text("O prazo é de trinta dias.")
    (desk.folder / "gone.md").write_text("A multa é de dois por cento.")
    await desk.load()
    desk.folder = desk.folder.rename(desk.folder.with_name("renamed"))
    (desk.folder / "gone.md").unlink()
    await desk.load()
    documents = {d.name: Path(d.source).parent.name for d in await desk.collection.store.documents()}
    assert documents == {"a.md": "renamed", "gone.md": "documents"}, "what is gone stays until it is pruned"
    assert [name for name, _ in await desk.found("prazo")].count("a.md") == 1


async def test_the_same_bytes_in_many_places_are_one_document(desk: Desk) -> None:
    """Read once, found once, with all of its places; also where they come at once."""
    (desk.folder / "sub").mkdir()
    for name in ("a.md", "b.md", "sub/c.md"):
        (desk.folder / name).write_text("O prazo é de trinta dias.")
    summary = await desk.load()
    assert (summary.loaded, summary.copies) == (1, 2)
    again = await desk.load()
    assert (again.loaded, again.copies, again.unchanged) == (0, 0, 3)
    (document,) = await desk.collection.store.documents()
    assert {place.name for place in document.places} == {"a.md", "b.md", "sub/c.md"}
    assert len(await desk.found("prazo")) == 1
    assert (await desk.collection.store.count()).documents == 1


async def test_a_copy_that_changes_becomes_a_document_of_its_own(desk: Desk) -> None:
    """The others keep theirs; and what is the same again is one again."""
    for name in ("a.md", "b.md"):
        (desk.folder / name).write_text("O prazo é de trinta dias.")
    await desk.load()
    first = (await desk.collection.store.documents())[0]
    changed = desk.folder / first.name
    changed.write_text("A multa é de dois por cento.")
    assert (await desk.load()).loaded == 1
    documents = {d.name: d for d in await desk.collection.store.documents()}
    assert sorted(documents) == ["a.md", "b.md"]
    assert len({d.id for d in documents.values()}) == 2
    assert all(d.copies == () for d in documents.values())
    other = {"a.md": "b.md", "b.md": "a.md"}[first.name]
    assert await desk.found("multa") == [(first.name, None), (other, None)]
    changed.write_text("O prazo é de trinta dias.")
    summary = await desk.load()
    assert (summary.copies, summary.unchanged) == (1, 1)
    assert len(await desk.collection.store.documents()) == 1


async def test_a_document_goes_with_its_last_place(desk: Desk) -> None:
    """And is called what its next place calls it, and found by that name, when the first one goes."""
    (desk.folder / "bolsas.md").write_text("O prazo é de trinta dias.")
    await desk.load()
    (desk.folder / "estágios.md").write_text("O prazo é de trinta dias.")
    await desk.load()
    (desk.folder / "bolsas.md").unlink()
    found, _ = sources.find([str(desk.folder)])
    summary = Summary()
    await desk.loader.prune(found, [str(desk.folder)], summary)
    await desk.loader.finish()
    (document,) = await desk.collection.store.documents()
    assert (document.name, document.status, document.version) == ("estágios.md", "ready", 2)
    hits = await desk.collection.store.search_text("estágios", "pt", Scope(), 5)
    assert [hit.chunk.text for hit in hits] == ["O prazo é de trinta dias."]
    assert summary.removed == 0
    (desk.folder / "estágios.md").unlink()
    await desk.loader.prune([], [str(desk.folder)], summary)
    assert summary.removed == 1
    assert await desk.collection.store.documents() == []


async def test_a_description_is_found_and_stays_when_the_file_changes(desk: Desk) -> None:
    """What a person says; what they take back is the file's own again."""
    path = desk.folder / "a.md"
    path.write_text("O prazo é de trinta dias.")
    await desk.load()
    document = await desk.document("a.md")
    described = Description(title="Regimento dos bolsistas", tags=("pesquisa",), language="es")
    after = await desk.loader.describe(document.id, described)
    assert after is not None
    assert (after.title, after.language, after.version) == ("Regimento dos bolsistas", "es", 2)
    await desk.loader.finish()
    for question in ("bolsista", "pesquisa"):
        hits = await desk.collection.store.search_text(question, "pt", Scope(), 5)
        assert [hit.chunk.text for hit in hits] == ["O prazo é de trinta dias."]
    path.write_text("A multa é de dois por cento.")
    await desk.load()
    changed = await desk.document("a.md")
    assert (changed.described, changed.title, changed.version) == (described, described.title, 3)
    plain = await desk.loader.describe(document.id, Description())
    assert plain is not None
    assert (plain.title, plain.described) == ("", Description())
    assert await desk.loader.describe("none", described) is None


async def test_text_is_found_while_its_passages_wait_to_be_embedded(desk: Desk) -> None:
    """A loader whose model can't be had loses nothing: the next one embeds what waits."""

    class Unavailable(WordsEmbedder):
        async def embed_documents(self, texts: Sequence[str]) -> Vectors:
            raise EmbedderUnavailable("embedder_unloadable")

    (desk.folder / "a.md").write_text("O prazo é de trinta dias.")
    found, _ = sources.find([str(desk.folder)])
    with pytest.raises(EmbedderUnavailable):
        await replace(desk.loader, embedder=Unavailable()).load(found)
    assert await desk.found("prazo") == [("a.md", None)]
    assert (await desk.document("a.md")).status == "embedding"
    await desk.loader.finish()
    document = await desk.document("a.md")
    assert (document.status, document.embedded, document.finished) == ("ready", 1, True)


async def test_embedding_stops_soon_for_what_comes(desk: Desk) -> None:
    """After some passages, which are kept: what is sent meanwhile waits until then."""
    (desk.folder / "a.md").write_text(
        "\n\n".join(f"# Artigo {n}\n\n" + f"O prazo é de {n} dias. " * 40 for n in range(150))
    )
    await desk.load()
    document = await desk.document("a.md")
    await desk.loader.describe(document.id, Description(title="Regimento"))
    asked: list[int] = []

    class Counting(WordsEmbedder):
        async def embed_documents(self, texts: Sequence[str]) -> Vectors:
            asked.append(len(texts))
            return await super().embed_documents(texts)

    loader = replace(desk.loader, embedder=Counting())
    await loader.finish(stop=lambda: bool(asked))
    document = await desk.document("a.md")
    assert len(asked) == 1
    assert 0 < document.embedded < document.passages
    await desk.loader.finish()
    assert (await desk.document("a.md")).status == "ready"


async def test_pruning_removes_what_is_gone_and_nothing_else(desk: Desk, tmp_path: Path) -> None:
    """Only from under the folders that were named."""
    elsewhere = tmp_path / "documents-of-others"
    elsewhere.mkdir()
    for path in (desk.folder / "stays.md", desk.folder / "goes.md", elsewhere / "other.md"):
        path.write_text(f"O prazo de {path.name}.")
    await desk.load(str(desk.folder), str(elsewhere))
    (desk.folder / "goes.md").unlink()
    (elsewhere / "other.md").unlink()
    found, _ = sources.find([str(desk.folder)])
    summary = await desk.loader.load(found)
    await desk.loader.prune(found, [str(desk.folder)], summary)
    assert summary.removed == 1
    assert sorted(d.name for d in await desk.collection.store.documents()) == ["other.md", "stays.md"]


async def test_pages_are_converted_in_ranges_and_stay_in_order(desk: Desk) -> None:
    """A document of more pages than one process takes at once."""
    write_pdf(desk.folder / "long.pdf", *(f"Conteúdo da página {n}." for n in range(1, 21)))
    await desk.load()
    chunks = await desk.collection.store.chunks((await desk.document("long.pdf")).id)
    assert [(c.page, c.text) for c in chunks] == [(n, f"Conteúdo da página {n}.") for n in range(1, 21)]
    assert [c.position for c in chunks] == list(range(20))
