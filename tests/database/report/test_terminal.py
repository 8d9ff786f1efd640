"""The lines of the report that the terminal shows."""

from __future__ import annotations

from dataclasses import replace

from database.messages import Messages
from database.records import Condition
from database.report.figures import CollectionFigures, DocumentFigures, figures_of
from database.report.survey import Survey
from database.report.terminal import lines
from database.report.words import Words
from tests.database.report.records import failed, figures

TORN: tuple[Condition, ...] = ("no_text", "good") * 20


def said(*documents: DocumentFigures) -> list[str]:
    survey = Survey(documents=documents, collection=CollectionFigures(pages=1_234))
    return list(lines(survey, Words("en"), Messages("en")))


def test_problems_are_told_by_document_and_pages() -> None:
    """Ranges as people write them; blank pages and good documents aren't mentioned."""
    one = figures("edital", "good", "no_text", "no_text", "no_text", "blank", "no_text", "garbled")
    assert said(one, figures("other", "good")) == [
        "2 documents (2 ready), 1,234 pages, 8 passages · text 100% · vectors 100% · layout 100%",
        "! edital.pdf: p. 2–4, 6: no text; p. 7: garbled",
    ]


def test_a_failure_is_told_with_its_reason() -> None:
    """And that an earlier version is found, where one is."""
    broken = figures_of(failed("a", "broken"), [])
    before = figures("b", "good")
    changed = replace(before, document=replace(before.document, status="failed", error="empty"))
    assert said(broken, changed)[1:] == [
        "✗ a.pdf: is damaged and can't be read",
        "✗ b.pdf: is empty; the version before is still found",
    ]


def test_a_name_gives_the_terminal_no_orders() -> None:
    """What it hides is shown."""
    one = figures("a", "no_text")
    hostile = replace(one, document=replace(one.document, name="\x1b[2Ja\n! b.pdf"))
    assert said(hostile)[1] == "! ⟨001B⟩[2Ja⟨000A⟩! b.pdf: p. 1: no text"


def test_the_lines_are_few() -> None:
    """Of many documents and of many ranges, the rest is a number."""
    torn = figures("torn", *TORN)
    many = said(torn, *(figures(f"d{n}", "no_text") for n in range(30)))
    assert many[1] == "! torn.pdf: p. 1, 3, 5, 7, 9, 11 and 14 more: no text"
    assert len(many) == 22
    assert many[-1] == "… and 11 more documents with problems, on the page"
