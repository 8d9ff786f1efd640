"""Pages in whatever condition, and figures of documents made of them."""

from __future__ import annotations

from dataclasses import replace

from database.errors import Reason
from database.records import Condition, Document, PageState
from database.report.figures import DocumentFigures, figures_of
from tests.database.fakes import document, page_state


def pages(*conditions: Condition) -> list[PageState]:
    return [
        replace(page_state(number), condition=condition, laid_out=True)
        for number, condition in enumerate(conditions, start=1)
    ]


def good(number: int) -> tuple[Condition, ...]:
    one: Condition = "good"
    return (one,) * number


def failed(id_: str, reason: Reason) -> Document:
    """One of which nothing was ever found."""
    return replace(document(id_, version=0), status="failed", error=reason, pages=None)


def figures(id_: str, *conditions: Condition) -> DocumentFigures:
    of = replace(document(id_), pages=len(conditions), passages=4, embedded=4, laid_out=len(conditions))
    return figures_of(of, pages(*conditions))
