"""The lower part of the page: a document in full, with its strip, or in a line."""

from __future__ import annotations

from collections.abc import Sequence

from database.messages import Messages
from database.records import CONDITIONS, DEFAULT_LIBRARY, Document, PageState
from database.report.charts import legend
from database.report.figures import DocumentFigures, figures_of
from database.report.markup import NOTHING, Html, element, join, name, text
from database.report.strip import pages_a_cell, strip
from database.report.terminal import reason, stages_line, troubles
from database.report.words import Words
from database.stages import stages_of

_MOST_PLACES = 3  # of the same bytes
_LONG = 300  # pages, of a strip that may be cut by the end of a sheet of paper


def cells_legend(words: Words) -> Html:
    marks = [
        ("none tables", words("mark_tables")),
        ("none recognised", words("mark_recognised")),
    ]
    return legend([*((one, words(f"condition_{one}")) for one in CONDITIONS), *marks])


def in_full(document: Document, states: Sequence[PageState], words: Words, messages: Messages) -> Html:
    one = figures_of(document, states)
    return element(
        "article",
        element("h3", name(document.name)),
        _title(document),
        _failure(one, words, messages),
        _troubles(one, words),
        _facts(one, words),
        _strip(one, states, words),
        _places(document, words),
        class_="document long" if one.pages > _LONG else "document",
    )


def _title(document: Document) -> Html:
    parts = [document.title, document.library if document.library != DEFAULT_LIBRARY else ""]
    shown = [name(part) for part in parts if part]
    return element("p", join(shown, " · "), class_="soft") if shown else NOTHING


def _failure(one: DocumentFigures, words: Words, messages: Messages) -> Html:
    if one.document.status != "failed":
        return NOTHING
    return element("p", text(reason(one, words, messages)), class_="trouble failed")


def _troubles(one: DocumentFigures, words: Words) -> Html:
    return element("p", text(troubles(one.troubles, words)), class_="trouble") if one.troubles else NOTHING


def _facts(one: DocumentFigures, words: Words) -> Html:
    """Nothing of a document that nothing is known of."""
    if not one.pages and not one.document.passages:
        return NOTHING
    said = words(
        "facts",
        pages=words.number(one.pages),
        passages=words.number(one.document.passages),
        characters=words.number(one.characters),
        seconds=words.duration(one.seconds),
    )
    return element("p", text(f"{said} · {stages_line(stages_of(one.document), words)}"), class_="soft")


def _strip(one: DocumentFigures, states: Sequence[PageState], words: Words) -> Html:
    if not states:
        return NOTHING
    label = troubles(one.troubles, words) or _conditions(one, words)
    drawn = strip(states, words, label)
    several = pages_a_cell(len(states))
    if several == 1:
        return drawn
    return join((drawn, element("p", text(words("several_a_cell", pages=several)), class_="soft")))


def _places(document: Document, words: Words) -> Html:
    shown = [element("code", name(place.address)) for place in document.places[:_MOST_PLACES]]
    more = len(document.places) - len(shown)
    if more:
        shown.append(text(words("more_places", number=words.number(more))))
    return element("p", element("small", join(shown, " · ")))


def brief_begins(words: Words) -> Html:
    heads = ("document", "pages", "conditions", "state", "time")
    amounts = ("pages", "time")
    cells = (
        element("th", text(words(key)), scope="col", class_="amount" if key in amounts else None)
        for key in heads
    )
    return Html(f'<table class="brief">{element("thead", element("tr", *cells))}<tbody>')


BRIEF_ENDS = Html("</tbody></table>")


def in_brief(one: DocumentFigures, words: Words, messages: Messages) -> Html:
    failed = reason(one, words, messages) if one.document.status == "failed" else ""
    return element(
        "tr",
        element("th", name(one.document.name), scope="row"),
        element("td", text(words.number(one.pages)), class_="amount"),
        element("td", text(_conditions(one, words))),
        element("td", text(failed or stages_line(stages_of(one.document), words))),
        element("td", text(words.duration(one.seconds)), class_="amount"),
    )


def _conditions(one: DocumentFigures, words: Words) -> str:
    found = [condition for condition in CONDITIONS if one.conditions.get(condition)]
    return ", ".join(f"{words(f'condition_{c}')} {words.number(one.conditions[c])}" for c in found) or "–"
