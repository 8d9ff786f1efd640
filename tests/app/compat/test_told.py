"""Answers for clients that can only append text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.citations import Citation
from app.compat.told import Told, pages
from app.context import Context, Passage
from app.events import Done, Piece, Queued, Reset, Sources
from app.messages import Language
from tests.app.fakes import a_document, a_passage


def said_of(
    passages: list[Passage], cited: list[int], language: Language = "en", *, listed: bool = True
) -> Told:
    """An answer that cites these passages, in this order."""
    told = Told(sources_in_text=listed)
    context = Context(passages=tuple(passages), dropped=(), tokens=1, room=1)
    told.take(Sources(model="m", language=language, context=context))
    told.take(Piece("m", "It is 42."))
    citations = [Citation(n=n, start=0, end=9) for n in cited]
    told.take(Done(model="m", reason="stop", citations=citations, uncited=[(3, 5)]))
    return told


@pytest.mark.parametrize(("language", "word"), [("pt", "Fontes"), ("es", "Fuentes"), ("en", "Sources")])
def test_lists_what_is_cited_in_the_answers_language(language: Language, word: str) -> None:
    """Each source once, by its number; what is not cited is no source of the answer."""
    told = said_of([a_passage(1), a_passage(2), a_passage(3)], [3, 1, 3], language)
    assert told.text == f"It is 42.\n\n{word}: [1] doc1.pdf, p. 1; [3] doc3.pdf, p. 1"


def test_lists_nothing_where_nothing_is_cited_or_wanted() -> None:
    """The answer ends where the model ended."""
    assert said_of([a_passage()], []).text == "It is 42."
    assert said_of([a_passage()], [1], listed=False).text == "It is 42."


def test_a_documents_name_is_nothing_but_its_name() -> None:
    """A client that shows Markdown loads no picture for it, follows no link and runs no HTML."""
    name = "![x](http://evil.example/?q)<img src=a>`b`\u202e|c_d.pdf"
    passage = replace(a_passage(), document=a_document(name=name), best=replace(a_passage().best, page=None))
    told = said_of([passage], [1])
    listed = told.text.rpartition("[1] ")[2]
    assert listed == "!(x)(http://evil.example/?q)‹img src=a›'b'/c_d.pdf"


def test_what_a_dead_model_said_stands_before_the_new_beginning() -> None:
    """Places are counted in all of the text; a model that said nothing leaves no trace."""
    told = Told(sources_in_text=False)
    assert told.take(Reset("other")) == ""
    first = told.take(Piece("m", "It is 41"))
    between = told.take(Reset("other"))
    assert between.startswith("\n\n---\n\n")
    assert "other" in between
    told.take(Piece("other", "It is 42."))
    told.take(Done(model="other", reason="stop", citations=[Citation(n=1, start=0, end=9)], uncited=[(3, 5)]))
    [citation] = told.citations
    assert told.text[citation.start : citation.end] == "It is 42."
    assert citation.start == len(first + between)
    assert [told.text[start:end] for start, end in told.uncited] == ["is"]


def test_waiting_is_no_text() -> None:
    """It is told in other ways, or not at all."""
    told = Told(sources_in_text=True)
    assert told.take(Queued(place=3)) == ""
    assert told.text == ""


def test_the_pages_of_a_passage() -> None:
    """From the first to the last; none where a document has none."""
    passage = a_passage()
    assert list(pages(passage)) == [1]
    longer = replace(passage, chunks=(replace(passage.best, last_page=3),))
    assert list(pages(longer)) == [1, 2, 3]
    assert list(pages(replace(passage, best=replace(passage.best, page=None)))) == []
