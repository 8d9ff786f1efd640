"""The page: charts, figures, and the answers side by side. Nothing in it runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

from database.report.charts import Bar, bars
from database.report.glance import section
from database.report.markup import NOTHING, Html, element, join, name, text
from database.report.page import head
from scripts.evaluation import style
from scripts.evaluation.comparing.comparison import Comparison, gold_of, label_of, sources, times, verdicts
from scripts.evaluation.comparing.figures import HEAD, ModelFigures, row, seconds, share
from scripts.evaluation.comparing.given import Given
from scripts.evaluation.comparing.rendered import rendered
from scripts.evaluation.dataset import Question

TITLE = "What models answer"

STYLE = f"""{style.STYLE}
.asked {{ border-top: 1px solid var(--edge); padding: .9rem 0; }}
.answers {{ display: grid; gap: .8rem; margin-top: .5rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); }}
.answers > div {{ background: var(--card); border: 1px solid var(--edge); border-radius: 8px;
  padding: .6rem .8rem; overflow-wrap: anywhere; min-width: 0; }}
.answers pre {{ overflow-x: auto; white-space: pre-wrap; }}
.answers h4 {{ margin: .4rem 0; }}
.answers ul, .answers ol {{ padding-left: 1.3rem; }}
.answers table {{ border-collapse: collapse; }}
.answers td, .answers th {{ border: 1px solid var(--edge); padding: .15rem .4rem; text-align: left; }}
.answers blockquote {{ margin: .4rem 0; padding-left: .7rem; border-left: 3px solid var(--edge); }}
.right {{ color: var(--s2); }}
.wrong {{ color: var(--s1); }}
"""


async def page(of: Comparison) -> AsyncIterator[Html]:
    """Piece by piece, as database.report.file writes it."""
    said = f"{of.name}: {len(of.questions)} questions · made on {of.made:%Y-%m-%d %H:%M} (UTC)"
    yield Html(
        f'<!doctype html><html lang="en">{head(f"Acervo: {TITLE}", STYLE)}<body><main>'
        f"{element('h1', text(TITLE))}{element('p', text(said), class_='soft')}"
    )
    yield section("At a glance", element("div", *_charts(of), class_="pair"))
    yield section("Figures", _table(of))
    yield Html(f"<section>{element('h2', text('Side by side'))}")
    for question in of.questions:
        yield _asked(question, of.given(question))
    yield Html("</section></main></body></html>\n")


def _charts(of: Comparison) -> list[Html]:
    return [
        _chart(of, "Gold answer found", lambda one: one.replies.gold, whole=1.0),
        _chart(of, "Gold page cited", lambda one: one.cited, whole=1.0),
        _chart(of, "Answerable: answered", lambda one: one.replies.answered, whole=1.0),
        _chart(of, "Others: refused", lambda one: one.replies.refused, whole=1.0),
        _chart(of, "First token, seconds, median / p95", lambda one: one.first and one.first[0]),
        _chart(of, "In all, seconds, median / p95", lambda one: one.seconds and one.seconds[0]),
        _chart(of, "Tokens a second", lambda one: one.speed),
    ]


def _chart(
    of: Comparison, title: str, value: Callable[[ModelFigures], float | None], whole: float | None = None
) -> Html:
    """A bar a model, in the order of the models; nothing where there is nothing to tell of any."""
    told = [(model, figures, value(figures)) for model, figures in of.whole]
    if all(number is None for _, _, number in told):
        return NOTHING
    rows = [
        Bar(label=name(model), value=number or 0.0, said=_said(title, figures, number, whole))
        for model, figures, number in told
    ]
    return element("div", element("h3", text(title)), bars(rows, longest=whole))


def _said(title: str, figures: ModelFigures, number: float | None, whole: float | None) -> str:
    if whole:
        return share(number)
    if title.startswith("First"):
        return seconds(figures.first)
    return seconds(figures.seconds) if title.startswith("In all") else f"{number:.0f}" if number else "–"


def _table(of: Comparison) -> Html:
    first = element("th", text(HEAD[0]))
    top = element("tr", first, *(element("th", text(one), class_="amount") for one in HEAD[1:]))
    body = [
        element(
            "tr",
            element("th", name(label), scope="row"),
            *(element("td", text(cell), class_="amount") for cell in cells),
            class_=None if language else "own",
        )
        for model, language, figures in of.groups
        for label, *cells in [row(label_of(model, language), figures)]
    ]
    table = element("table", element("thead", top), element("tbody", *body), class_="brief")
    return element("div", table, class_="wide")


def _asked(question: Question, answers: Sequence[tuple[str, Given | None]]) -> Html:
    return element(
        "article",
        element("h3", element("bdi", text(question.question))),
        element("p", element("bdi", text(f"{question.id} · {gold_of(question)}")), class_="soft"),
        element("div", *(_answer(question, model, given) for model, given in answers), class_="answers"),
        class_="asked",
    )


def _answer(question: Question, model: str, given: Given | None) -> Html:
    heading = element("p", element("b", name(model)))
    if given is None:
        return element("div", heading, element("p", text("not asked yet"), class_="soft"))
    marks = [
        element("span", text(said), class_="right" if said[0] == "✓" else "wrong")
        for said in verdicts(question, given)
    ]
    shown = element("p", element("bdi", text(given.error))) if given.error else rendered(given.text)
    cited = [element("small", name(one)) for one in sources(given)]
    return element(
        "div",
        heading,
        element("p", join(marks, " · "), class_="soft"),
        shown,
        element("p", join(cited, " · "), class_="soft") if cited else NOTHING,
        element("p", text(times(given)), class_="soft"),
    )
