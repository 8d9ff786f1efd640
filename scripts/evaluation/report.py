"""The page with charts: a section a dataset, and nothing in it that runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from database.report.charts import Bar, bars, legend
from database.report.glance import section
from database.report.markup import NOTHING, Html, element, join, name, text
from database.report.page import head
from scripts.evaluation.answering import Reply
from scripts.evaluation.charts import Series, curves, distributions
from scripts.evaluation.evaluate import Asked, Outcome
from scripts.evaluation.metrics import CUTS, auroc, figures
from scripts.evaluation.misses import Miss, gold_of, misses, place_of, short
from scripts.evaluation.pipelines import DEPTH
from scripts.evaluation.style import SERIES, STYLE
from scripts.evaluation.tables import (
    DOCUMENT_HEAD,
    PAGE_HEAD,
    REPLY_HEAD,
    document_row,
    groups_of,
    milliseconds,
    number,
    page_row,
    replies_of,
    reply_row,
)

TITLE = "How well questions find their pages"


async def page(outcomes: Sequence[Outcome], made: datetime) -> AsyncIterator[Html]:
    """Piece by piece, as database.report.file writes it."""
    said = f"Made on {made:%Y-%m-%d %H:%M} (UTC) · vectors of {outcomes[0].embedder} for every pipeline"
    yield Html(
        f'<!doctype html><html lang="en">{head(f"Acervo: {TITLE}", STYLE)}<body><main>'
        f"{element('h1', text(TITLE))}{element('p', text(said), class_='soft')}"
    )
    yield _pipelines(outcomes[0])
    if len(outcomes) > 1:
        yield _glance(outcomes)
    for outcome in outcomes:
        yield _dataset(outcome)
    yield Html("</main></body></html>\n")


def _pipelines(outcome: Outcome) -> Html:
    rows = [
        element(
            "tr",
            element("th", _swatch(place), text(asked.name), scope="row"),
            element("td", text(asked.says)),
            element("td", text(str(asked.k)), class_="amount"),
        )
        for place, asked in enumerate(outcome.pipelines)
    ]
    heads = element("tr", *(element("th", text(one)) for one in ("pipeline", "how it works", "own k")))
    table = element("table", element("thead", heads), element("tbody", *rows), class_="brief")
    say = (
        f"Each ranks {DEPTH} passages; its own k is how many it gives to a language model unless told "
        "otherwise."
    )
    return section("Pipelines", element("p", text(say), class_="soft"), element("div", table, class_="wide"))


def _glance(outcomes: Sequence[Outcome]) -> Html:
    heads = ("dataset", *(asked.name for asked in outcomes[0].pipelines))
    rows = [[outcome.dataset.name, *map(_in_five, outcome.pipelines)] for outcome in outcomes]
    say = element("p", text("Questions with a right page among the first 5 passages"), class_="soft")
    return section("At a glance", say, _table(heads, rows, [False] * len(rows)))


def _in_five(asked: Asked) -> str:
    ranked = figures(asked.answers, asked.k).page
    return number(ranked.recall[CUTS.index(5)] if ranked else None)


def _dataset(outcome: Outcome) -> Html:
    about = [outcome.loaded]
    if outcome.unread:
        about.append(
            f"{len(outcome.unread)} documents that not every peer and cut reads count as missed there"
        )
    return element(
        "section",
        element("h2", name(outcome.dataset.name)),
        element("p", text("; ".join(about)), class_="soft"),
        _tiles(outcome.pipelines[0]),
        _recall(outcome.pipelines),
        _tables(outcome.pipelines),
        _replies(outcome.replies),
        _relevances(outcome.pipelines),
        _latencies(outcome.pipelines),
        _misses(misses(outcome)),
    )


def _tiles(acervo: Asked) -> Html:
    of_all = figures(acervo.answers, acervo.k)
    ranked = of_all.page
    shown = [
        (str(of_all.questions), "questions"),
        *((number(ranked.recall[place] if ranked else None), f"page in {CUTS[place]}") for place in (0, 2)),
        (number(ranked.at_k if ranked else None), f"page in {acervo.k}, its own k"),
        (number(ranked.mrr if ranked else None), f"MRR@{DEPTH}"),
        (number(of_all.auroc), "AUROC of relevance"),
        (milliseconds(of_all), "ms, median / p95"),
    ]
    return element(
        "ul",
        *(element("li", element("b", text(value)), element("span", text(key))) for value, key in shown),
        class_="tiles",
    )


def _recall(pipelines: Sequence[Asked]) -> Html:
    ranked = [(asked, figures(asked.answers, asked.k).page) for asked in pipelines]
    lines = [
        Series(name=asked.name, kind=_kind(place), values=one.recall)
        for place, (asked, one) in enumerate(ranked)
        if one
    ]
    if not lines:
        return NOTHING
    label = "; ".join(f"{one.name}: {', '.join(map(number, one.values))}" for one in lines)
    at_k = [
        Bar(label=text(f"{asked.name}, k = {asked.k}"), value=one.at_k, said=number(one.at_k))
        for asked, one in ranked
        if one
    ]
    return join(
        (
            element("h3", text("Questions with a right page among the first k passages")),
            curves(lines, CUTS, label),
            legend([(one.kind, one.name) for one in lines]),
            element("h3", text("… at each pipeline's own k")),
            bars(at_k, longest=1.0),
        )
    )


def _tables(pipelines: Sequence[Asked]) -> Html:
    groups = [(label, asked, one) for asked in pipelines for label, one in groups_of(asked)]
    own = [asked is pipelines[0] for _, asked, _ in groups]
    return join(
        (
            element("h3", text("Pages")),
            _table(PAGE_HEAD, [page_row(label, asked.k, one) for label, asked, one in groups], own),
            element("h3", text("Documents, relevance and time")),
            _table(DOCUMENT_HEAD, [document_row(label, one) for label, _, one in groups], own),
        )
    )


def _replies(replies: Sequence[Reply]) -> Html:
    if not replies:
        return NOTHING
    rows = [reply_row(label, one) for label, one in replies_of(replies)]
    heading = element("h3", text("Answers by quotations"))
    return join((heading, _table(REPLY_HEAD, rows, [False] * len(rows))))


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], own: Sequence[bool]) -> Html:
    """`own` marks the rows of Acervo."""
    first = element("th", text(heads[0]))
    top = element("tr", first, *(element("th", text(one), class_="amount") for one in heads[1:]))
    body = [
        element(
            "tr",
            element("th", name(label), scope="row"),
            *(element("td", text(cell), class_="amount") for cell in cells),
            class_="own" if bold else None,
        )
        for (label, *cells), bold in zip(rows, own, strict=True)
    ]
    table = element("table", element("thead", top), element("tbody", *body), class_="brief")
    return element("div", table, class_="wide")


def _relevances(pipelines: Sequence[Asked]) -> Html:
    drawn = [_relevance(asked) for asked in pipelines]
    kinds = [(_kind(0), "answered by the documents"), (_kind(1), "not answered by them")]
    heading = element("h3", text("The best passage's relevance, by whether the documents answer"))
    return join((heading, legend(kinds), element("div", *drawn, class_="pair")))


def _relevance(asked: Asked) -> Html:
    yes = [answer.relevance for answer in asked.answers if answer.question.answerable]
    no = [answer.relevance for answer in asked.answers if not answer.question.answerable]
    series = [
        Series(name="answered", kind=_kind(0), values=yes),
        Series(name="not answered", kind=_kind(1), values=no),
    ]
    apart = f", AUROC {auroc(yes, no):.3f}" if yes and no else ""
    title = f"{asked.name}{apart}"
    return element(
        "div",
        element("p", text(title)),
        distributions([one for one in series if one.values], f"Relevance of {title}"),
    )


def _latencies(pipelines: Sequence[Asked]) -> Html:
    of_all = [(asked, figures(asked.answers, asked.k)) for asked in pipelines]
    rows = [
        Bar(label=text(asked.name), value=one.p50, said=f"{milliseconds(one)} ms") for asked, one in of_all
    ]
    heading = element("h3", text("Time to search, median / 95th percentile"))
    return join((heading, bars(rows, longest=max(one.p95 for _, one in of_all))))


def _misses(missed: Sequence[Miss]) -> Html:
    title = f"Questions without a right page among {DEPTH}: {len(missed)}"
    return join((element("h3", text(title)), *map(_miss, missed)))


def _miss(miss: Miss) -> Html:
    asked = element("b", _whole(miss.question.question))
    wanted = element("p", text("Right: "), _whole(gold_of(miss.question)), class_="soft")
    found = [
        element(
            "li",
            name(place_of(one)),
            text(f" · relevance {one.relevance:.2f}"),
            element("small", _whole(short(one.text))),
        )
        for one in miss.found
    ]
    peers = [f"{peer}: {rank or '–'}" for peer, rank in miss.peers.items()]
    ranks = element("p", text(f"Rank with {', '.join(peers)}"), class_="soft") if peers else NOTHING
    return element("article", element("p", asked), wanted, element("ol", *found), ranks, class_="miss")


def _whole(value: str) -> Html:
    """A stranger's text, however long, whose direction of writing doesn't reach what stands beside it."""
    return element("bdi", text(value))


def _kind(place: int) -> str:
    return f"s{place % SERIES}"


def _swatch(place: int) -> Html:
    return join((element("i", class_=f"cell {_kind(place)}", aria_hidden="true"), Html(" ")))
