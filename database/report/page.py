"""The whole page, piece by piece: whoever writes it needs no more memory than for one document."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from database.messages import Messages
from database.report import style
from database.report.charts import patterns
from database.report.documents import BRIEF_ENDS, brief_begins, cells_legend, in_brief, in_full
from database.report.figures import DocumentFigures
from database.report.glance import glance
from database.report.markup import Html, element, sentence, text
from database.report.strip import cells
from database.report.survey import Survey
from database.report.words import Words
from database.stores.base import Store

GENERATOR = Html('<meta name="generator" content="Acervo report">')


@dataclass(frozen=True, kw_only=True, slots=True)
class Heading:
    """Of which collection the report is, and when it was made."""

    place: str
    model: str
    time: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Of the documents told in full, of their cells together, and of the documents told in brief."""

    full: int = 300
    cells: int = 40_000
    brief: int = 10_000


LIMITS = Limits()


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """Which documents are told in full, in brief, and not one by one."""

    full: Sequence[DocumentFigures]
    brief: Sequence[DocumentFigures]
    left_out: int


def listing(documents: Sequence[DocumentFigures], limits: Limits = LIMITS) -> Listing:
    """In their order, as long as there is room; the first one is told in full, however long it is."""
    drawn = full = 0
    for one in documents[: limits.full]:
        drawn += cells(one.pages)
        if drawn > limits.cells and full:
            break
        full += 1
    brief = documents[full : full + limits.brief]
    return Listing(full=documents[:full], brief=brief, left_out=len(documents) - full - len(brief))


async def page(
    heading: Heading,
    survey: Survey,
    store: Store,
    words: Words,
    messages: Messages,
    limits: Limits = LIMITS,
) -> AsyncIterator[Html]:
    """Raises StoreUnavailable."""
    yield _begins(heading, words)
    if survey.documents:
        yield glance(survey, words, messages)
        async for piece in _documents(listing(survey.documents, limits), store, words, messages):
            yield piece
    else:
        yield element("p", sentence(words("empty")))
    yield Html("</main></body></html>\n")


def head(title: str, css: str = style.STYLE) -> Html:
    """Of a page that needs nothing but itself."""
    return element(
        "head",
        Html('<meta charset="utf-8">'),
        GENERATOR,
        element("meta", http_equiv="Content-Security-Policy", content=style.policy(css)),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", text(title)),
        Html(f"<style>{css}</style>"),
    )


def _begins(heading: Heading, words: Words) -> Html:
    made = words("made", time=f"{heading.time:%Y-%m-%d %H:%M}", place=heading.place, model=heading.model)
    begun = head(f"Acervo: {words('title')}")
    return Html(
        f'<!doctype html><html lang="{words.language}">{begun}<body>{patterns()}<main>'
        f"{element('h1', text(words('title')))}{element('p', text(made), class_='soft')}"
    )


async def _documents(listed: Listing, store: Store, words: Words, messages: Messages) -> AsyncIterator[Html]:
    yield Html("<section>")
    yield element("h2", text(words("each")))
    yield element("p", text(words("each_say")), class_="soft")
    yield cells_legend(words)
    for one in listed.full:
        yield in_full(one.document, await store.pages(one.document.id), words, messages)
    yield Html("</section>")
    if not listed.brief:
        return
    yield Html("<section>")
    yield element("h2", text(words("rest")))
    yield element("p", sentence(words("rest_say", number=words.number(len(listed.brief)))), class_="soft")
    yield brief_begins(words)
    for one in listed.brief:
        yield in_brief(one, words, messages)
    yield BRIEF_ENDS
    if listed.left_out:
        yield element("p", text(words("left_out", number=words.number(listed.left_out))))
    yield Html("</section>")
