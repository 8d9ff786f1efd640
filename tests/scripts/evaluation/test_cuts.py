"""Documents that are cut in other ways, and searched as they always are."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pytest

from database.load.assemble import Piece
from database.load.converters.base import Block, Kind, Line, Page
from database.retrieve import EVERYTHING, Retriever
from database.sentence_vectors import similarities
from database.stores.base import Vectors
from database.stores.lance import LanceStore
from scripts.evaluation.cuts import CUTTINGS
from scripts.evaluation.document_layout import DocumentLayout, lay_out
from scripts.evaluation.progress import Progress
from scripts.evaluation.reading import Reading
from scripts.evaluation.recut import recut
from scripts.evaluation.remembering_embedder import RememberingEmbedder
from tests.database.fakes import WordsEmbedder, document, embedding, write_pdf

QUIET = Progress(out=io.StringIO())
SENTENCE = "O prazo de recurso é de trinta dias corridos. "


def block(text: str, kind: Kind = "text", markdown: str = "") -> Block:
    level = 1 if kind == "heading" else 0
    return Block(kind=kind, level=level, lines=(Line(text=text, box=None),), markdown=markdown)


def reading(*blocks: Block, id_: str = "a", layout: DocumentLayout | None = None) -> Reading:
    """Of two pages, the first of them blank."""
    pages = (Page(number=1, blocks=()), Page(number=2, blocks=blocks))
    return Reading(document=document(id_), pages=pages, layout=layout)


LONG = reading(
    block("Prazos", "heading", "# Prazos"), block(SENTENCE * 200), block("FIM DA PÁGINA", "furniture")
)
LAYOUT = DocumentLayout(
    markdown=("", "# Prazos\n\n" + SENTENCE * 200),
    chunks=(
        Piece(page=2, section=("Prazos",), text="Trinta dias.", markdown="Trinta dias.", boxes=()),
        Piece(page=2, section=("Prazos",), text="Corridos.", markdown="Corridos.", boxes=()),
    ),
)


class CountingEmbedder(WordsEmbedder):
    """Knows what it was given."""

    def __init__(self) -> None:
        self.given: list[str] = []

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        self.given += texts
        return await super().embed_documents(texts)


@pytest.mark.parametrize("name", [name for name in CUTTINGS if name != "layout-chunks"])
def test_no_passage_is_longer_than_its_name_says(name: str) -> None:
    """Nor much shorter, each has its page, and a blank page gives none."""
    pieces = CUTTINGS[name].pieces(LONG)
    length = int(name.rpartition("-")[2])
    assert {piece.page for piece in pieces} == {2}
    assert 0.8 * length < max(len(piece.text) for piece in pieces) <= length
    assert not any("FIM DA PÁGINA" in piece.text for piece in pieces)


def test_our_own_cuts_know_their_sections() -> None:
    """As when the loader cuts; splitters know of none."""
    assert {piece.section for piece in CUTTINGS["own-500"].pieces(LONG)} == {("Prazos",)}
    assert {piece.section for piece in CUTTINGS["recursive-500"].pieces(LONG)} == {()}


def test_splitters_cut_between_blocks() -> None:
    """Where there is a blank line, before they cut a sentence."""
    first, second = "palavra " * 50, "coisa " * 50
    pieces = CUTTINGS["recursive-500"].pieces(reading(block(first.strip()), block(second.strip())))
    assert [piece.text for piece in pieces] == [first.strip(), second.strip()]


def test_markdown_is_that_of_the_layout_where_there_is_one() -> None:
    """Else that of the blocks, so that no document is left out."""
    blocks = (block("Prazos", "heading", "# Prazos"), block("Trinta dias."))
    laid_out = DocumentLayout(markdown=("", "**Prazos**"), chunks=())
    cut = CUTTINGS["markdown-1000"].pieces
    assert [(one.page, one.text) for one in cut(reading(*blocks, layout=laid_out))] == [(2, "**Prazos**")]
    assert [(one.page, one.text) for one in cut(reading(*blocks))] == [(2, "# Prazos\n\nTrinta dias.")]


def test_without_a_layout_there_are_no_chunks_of_it() -> None:
    """With one, they are taken as they come."""
    cutting = CUTTINGS["layout-chunks"]
    assert cutting.pieces(LONG) == ()
    assert cutting.pieces(reading(layout=LAYOUT)) == LAYOUT.chunks
    assert {name for name, one in CUTTINGS.items() if one.laid_out} == {
        "markdown-1000", "markdown-2000", "layout-chunks",
    }  # fmt: skip


def test_a_document_is_laid_out_once_for_both(tmp_path: Path) -> None:
    """Markdown page by page; chunks with their page, whatever the document says."""
    path = write_pdf(tmp_path / "a.pdf", SENTENCE * 3, "", "As crianças comem bolo de cenoura na escola.")
    layout = lay_out(path)
    first, blank, last = layout.markdown
    assert "trinta dias" in first
    assert not blank.strip()
    assert "bolo de cenoura" in last
    pages = {piece.page for piece in layout.chunks if "bolo" in piece.text or "trinta" in piece.text}
    assert pages <= {1, 3}
    assert layout.chunks[0].page == 1
    assert "trinta dias" in layout.chunks[0].text


async def test_a_second_collection_is_made_and_searched_as_the_first(tmp_path: Path) -> None:
    """With the vectors of statements, the same documents, and the number of its passages."""
    embedder = CountingEmbedder()
    store = await LanceStore.open(tmp_path, embedder="words")
    retriever = Retriever(store=store, embedder=embedder)
    readings = [
        reading(layout=LAYOUT),
        reading(block("Sem leiaute."), id_="b"),
    ]
    try:
        async with recut(CUTTINGS["layout-chunks"], readings, retriever, embedder, QUIET) as again:
            assert again.unread == ["b.pdf"]
            assert (again.pipeline.name, again.pipeline.says[-12:]) == ("layout-chunks", ": 2 passages")
            found = await again.pipeline.search("trinta dias", "pt")
            assert (found[0].names, found[0].page) == (("a.pdf",), 2)
            assert "Trinta dias." in found[0].text
        async with recut(CUTTINGS["own-500"], [LONG], retriever, embedder, QUIET) as again:
            hits = await again.pipeline.retriever.store.search_vector(embedding("prazo"), EVERYTHING, 5)
            assert {hit.chunk.document_id for hit in hits} == {"a"}
            _, best = similarities(embedding(SENTENCE), [hit.chunk.sentences for hit in hits])
            assert max(best) == pytest.approx(1.0, abs=0.02)
        assert await store.documents() == []
    finally:
        await store.close()


async def test_no_text_is_embedded_twice() -> None:
    """Cuts share most of their statements; each still gets its vector, in its place."""
    counting = CountingEmbedder()
    embedder = RememberingEmbedder(counting)
    await embedder.embed_documents(["um bolo", "dois bolos", "um bolo"])
    vectors = await embedder.embed_documents(["três bolos", "um bolo"])
    assert counting.given == ["um bolo", "dois bolos", "três bolos"]
    assert (vectors == [embedding("três bolos"), embedding("um bolo")]).all()
    assert (await embedder.embed_documents([])).shape == (0, counting.dimensions)
    assert embedder.name == counting.name
