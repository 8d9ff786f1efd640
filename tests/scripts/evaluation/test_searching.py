"""Peers, rebuilt on a few documents with an embedder that knows words alone."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from database.stores.base import Vectors
from scripts.evaluation.passages import Pages, Passage, cut, read_pages
from scripts.evaluation.peers import PEERS, Cut
from scripts.evaluation.pipelines import ask
from scripts.evaluation.progress import Progress
from scripts.evaluation.searching import Words, build, fuse
from tests.database.fakes import WordsEmbedder, write_pdf
from tests.scripts.evaluation.answers import question

QUIET = Progress(out=io.StringIO())
PAGES = Pages(
    pages=[
        Passage(name="a.pdf", page=1, text="O prazo de recurso é de trinta dias."),
        Passage(name="a.pdf", page=2, text="As crianças comem bolo."),
        Passage(name="b.txt", page=None, text="O recurso vai ao conselho."),
    ],
    unread=[],
)


class CountingEmbedder(WordsEmbedder):
    """Knows how many passages it was given."""

    def __init__(self) -> None:
        self.embedded = 0

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        self.embedded += len(texts)
        return await super().embed_documents(texts)


async def test_documents_are_read_page_by_page(tmp_path: Path) -> None:
    """PDFs have pages, text has none, and what peers don't read is told."""
    write_pdf(tmp_path / "a.pdf", "Primeira página.", "Segunda página.")
    (tmp_path / "b.md").write_text("# Título\n")
    (tmp_path / "broken.pdf").write_text("%PDF-1.4 nothing")
    (tmp_path / "c.html").write_text("<p>Texto</p>")
    read = await read_pages(tmp_path, QUIET)
    assert [(one.name, one.page, one.text.strip()) for one in read.pages] == [
        ("a.pdf", 1, "Primeira página."),
        ("a.pdf", 2, "Segunda página."),
        ("b.md", None, "# Título"),
    ]
    assert read.unread == ["broken.pdf", "c.html"]


def test_a_page_is_cut_as_the_record_says() -> None:
    """No piece is longer, and each has its page; an empty page gives none."""
    pages = [
        Passage(name="a.pdf", page=7, text="palavra " * 40),
        Passage(name="a.pdf", page=8, text=" \n"),
    ]
    pieces = cut(pages, Cut(splitter="recursive", size=100, overlap=20))
    assert len(pieces) > 3
    assert max(len(piece.text) for piece in pieces) <= 100
    assert {(piece.name, piece.page) for piece in pieces} == {("a.pdf", 7)}
    assert len(cut(pages, Cut(splitter="recursive", size=100, overlap=60))) > len(pieces)


def test_the_markdown_splitter_cuts_before_fences() -> None:
    """Where the other one knows lines and words alone."""
    pages = [Passage(name="a.md", page=None, text="um dois```\ntres quatro")]
    pieces = {
        kind: [piece.text for piece in cut(pages, replace(PEERS[kind].cut, size=16, overlap=0))]
        for kind in ("tutorial", "rrf")
    }
    assert pieces == {"tutorial": ["um dois", "```\ntres quatro"], "rrf": ["um dois```", "tres quatro"]}


async def test_every_peer_finds_what_shares_the_questions_words() -> None:
    """Ranked, with its page, at most ten."""
    for pipeline in await build(list(PEERS.values()), PAGES, WordsEmbedder(), QUIET):
        found = await pipeline.search("Qual é o prazo de recurso?", "pt")
        assert (found[0].names, found[0].page) == (("a.pdf",), 1), pipeline.name
        assert 0 < found[0].relevance <= 1


async def test_passages_that_are_cut_alike_are_embedded_once() -> None:
    """Embedding is what takes long."""
    embedder = CountingEmbedder()
    await build([PEERS["open-webui"], PEERS["rrf"]], PAGES, embedder, QUIET)
    assert embedder.embedded == 3


async def test_what_is_too_far_is_left_out() -> None:
    """Where the peer does so; the others always give as much as there is."""
    far = replace(PEERS["anything-llm"], least_cosine=0.99)
    strict, lax = await build([far, PEERS["open-webui"]], PAGES, WordsEmbedder(), QUIET)
    assert await strict.search("Qual é o prazo de recurso?", "pt") == []
    assert len(await lax.search("Qual é o prazo de recurso?", "pt")) == 3


async def test_what_shares_no_word_is_found_by_vectors_alone() -> None:
    """And so has half of what a first place in both would give, at most."""
    (rrf,) = await build([PEERS["rrf"]], PAGES, WordsEmbedder(), QUIET)
    relevances = {found.page: found.relevance for found in await rrf.search("Quem come bolo?", "pt")}
    assert relevances[2] == pytest.approx(1.0)
    assert relevances[1] < 0.5


async def test_no_more_than_ten_are_ranked() -> None:
    """However many there are."""
    many = Pages(
        pages=[Passage(name=f"{n}.txt", page=None, text=f"recurso {n}") for n in range(12)], unread=[]
    )
    for pipeline in await build([PEERS["tutorial"], PEERS["rrf"]], many, WordsEmbedder(), QUIET):
        assert len(await pipeline.search("recurso", "pt")) == 10


async def test_without_passages_nothing_is_found() -> None:
    """Documents that no peer reads, for example."""
    nothing = Pages(pages=[], unread=["a.docx"])
    for pipeline in await build([PEERS["tutorial"], PEERS["rrf"]], nothing, WordsEmbedder(), QUIET):
        assert await pipeline.search("recurso", "pt") == []


def test_words_weigh_by_rarity_and_length() -> None:
    """A stem counts in the question's language; stop words and passages without the words don't."""
    scores = Words(["As crianças e o bolo.", "O bolo e o bolo de bolo com leite.", "O leite."]).scores(
        "A criança e o bolo", "pt"
    )
    assert scores[0] > scores[1] > scores[2] == 0
    short, long = Words(["Um bolo.", "Um bolo depois da reunião semanal."]).scores("bolo", "pt")
    assert short > long > 0


def test_ranks_are_fused_by_their_reciprocals() -> None:
    """What both have beats what one has first; first in both is 1."""
    fused = fuse([[1, 2, 3], [4, 3, 1]])
    assert [one for one, _ in fused] == [1, 3, 4, 2]
    assert fused[0][1] == pytest.approx((1 / 61 + 1 / 63) * 61 / 2)
    assert fuse([[5], [5]]) == [(5, 1.0)]


async def test_asking_keeps_the_order_and_the_time() -> None:
    """One answer a question."""
    (pipeline,) = await build([PEERS["open-webui"]], PAGES, WordsEmbedder(), QUIET)
    questions = [
        question("1", ("a.pdf", 1), text="O prazo de recurso é de trinta dias?"),
        question("2", ("a.pdf", 2), text="As crianças comem bolo?"),
    ]
    answers = await ask(pipeline, questions, QUIET)
    assert [answer.question.id for answer in answers] == ["1", "2"]
    assert [answer.rank for answer in answers] == [1, 1]
    assert all(answer.seconds > 0 for answer in answers)
