"""The upper part of the page: the collection as a whole."""

from __future__ import annotations

from collections import Counter
from heapq import nlargest

from database.messages import Messages
from database.records import CONDITIONS, ROUTES, Route
from database.report.charts import Bar, Column, Part, bars, columns, legend, stacked
from database.report.figures import COLUMNS, TROUBLES, RouteFigures
from database.report.markup import NOTHING, Html, element, join, name, sentence, text
from database.report.survey import Survey
from database.report.words import Words
from database.stages import Stage, stages_of_all

_SLOWEST = 12  # documents, as many as fit beside each other in one look


def glance(survey: Survey, words: Words, messages: Messages) -> Html:
    return join(
        (
            section(words("glance"), _tiles(survey, words), _failures(survey, words, messages)),
            section(words("far"), _far(survey, words)),
            _advice(survey, words),
            _conditions(survey, words),
            _routes(survey, words),
            _columns(survey, words),
            _slowest(survey, words),
        )
    )


def section(heading: str, *children: Html) -> Html:
    return element("section", element("h2", text(heading)), *children)


def _tiles(survey: Survey, words: Words) -> Html:
    sums = survey.collection
    documents = [(words(f"status_{status}"), words.number(n)) for status, n in survey.statuses]
    shown = [
        (words("documents"), words.number(len(survey.documents))),
        *documents,
        (words("pages"), words.number(sums.pages)),
        (words("passages"), words.number(sum(one.document.passages for one in survey.documents))),
        (words("characters"), words.number(sums.characters)),
        (words("tables"), words.number(sums.tables)),
        (words("recognised"), words.number(sums.recognised)),
        (words("time"), words.duration(sums.seconds)),
    ]
    return element(
        "ul",
        *(element("li", element("b", text(value)), element("span", text(key))) for key, value in shown),
        class_="tiles",
    )


def _failures(survey: Survey, words: Words, messages: Messages) -> Html:
    found = Counter(one.document.error for one in survey.documents if one.document.error)
    if not found:
        return NOTHING
    rows = [
        Bar(label=text(messages.reason(why)), value=n, said=words.number(n)) for why, n in found.most_common()
    ]
    return join((element("h3", text(words("failed_for"))), bars(rows)))


def _far(survey: Survey, words: Words) -> Html:
    stages = stages_of_all(one.document for one in survey.documents)
    rows = [
        Bar(label=text(words(key)), value=stage.percent or 0, said=_of(stage, words))
        for key, stage in (
            ("stage_text", stages.text),
            ("stage_vectors", stages.vectors),
            ("stage_layout", stages.layout),
        )
    ]
    return bars(rows, longest=100)


def _of(stage: Stage, words: Words) -> str:
    return f"{words.percent(stage.percent)} · {words.number(stage.done)}/{words.number(stage.of)}"


def _advice(survey: Survey, words: Words) -> Html:
    sums = survey.collection
    failed = sum(one.document.status == "failed" for one in survey.documents)
    unfinished = sum(not one.document.finished for one in survey.documents)
    said = [
        words(f"advice_{condition}", pages=words.number(sums.conditions[condition]))
        for condition in TROUBLES
        if sums.conditions[condition]
    ]
    if failed:
        said.insert(0, words("advice_failed", documents=words.number(failed)))
    if sums.recognised:
        said.append(words("advice_recognised", pages=words.number(sums.recognised)))
    if unfinished:
        said.append(words("advice_unfinished", documents=words.number(unfinished)))
    items = [element("li", sentence(one)) for one in said or [words("advice_nothing")]]
    return section(words("advice"), element("ul", *items))


def _conditions(survey: Survey, words: Words) -> Html:
    sums = survey.collection
    if not sums.pages:
        return NOTHING
    said = {
        condition: f"{words(f'condition_{condition}')}: {words.number(sums.conditions[condition])}"
        f" ({words.share(sums.conditions[condition], sums.pages)})"
        for condition in CONDITIONS
    }
    parts = [Part(kind=one, value=sums.conditions[one], title=said[one]) for one in CONDITIONS]
    label = f"{words('conditions')}: {'; '.join(said.values())}"
    return section(words("conditions"), stacked(parts, label), legend(list(said.items())))


def _routes(survey: Survey, words: Words) -> Html:
    sums = survey.collection
    if not sums.pages:
        return NOTHING
    order: tuple[Route | None, ...] = (*ROUTES, None)
    rows = [_route(route, sums.routes[route], sums.pages, words) for route in order if route in sums.routes]
    return section(words("routes"), bars(rows, longest=sums.pages))


def _route(route: Route | None, figures: RouteFigures, pages: int, words: Words) -> Bar:
    said = words(
        "route_value",
        pages=words.number(figures.pages),
        percent=words.share(figures.pages, pages),
        seconds=words.duration(figures.seconds_a_page),
    )
    return Bar(label=text(words(f"route_{route or 'none'}")), value=figures.pages, said=said)


def _columns(survey: Survey, words: Words) -> Html:
    counted = survey.collection.columns
    if not sum(counted):
        return NOTHING
    drawn = []
    for n, (first, pages) in enumerate(zip(COLUMNS, counted, strict=True)):
        values = {"pages": words.number(pages), "first": words.number(first)}
        last = words.number(COLUMNS[n + 1] - 1) if n + 1 < len(COLUMNS) else None
        title = words("column", **values, last=last) if last else words("column_last", **values)
        begins = words.number(first) if last else f"{words.number(first)}+"
        drawn.append(Column(begins=begins, value=pages, said=words.number(pages), title=title))
    label = f"{words('columns')}: {'; '.join(column.title for column in drawn)}"
    say = element("p", text(words("columns_say")), class_="soft")
    return section(words("columns"), say, columns(drawn, label))


def _slowest(survey: Survey, words: Words) -> Html:
    slowest = [
        one for one in nlargest(_SLOWEST, survey.documents, key=lambda one: one.seconds) if one.seconds
    ]
    if not slowest:
        return NOTHING
    rows = [
        Bar(
            label=name(one.document.name),
            value=one.seconds,
            said=words("slowest_value", seconds=words.duration(one.seconds), pages=words.number(one.pages)),
        )
        for one in slowest
    ]
    say = element("p", text(words("slowest_say")), class_="soft")
    return section(words("slowest"), say, bars(rows))
