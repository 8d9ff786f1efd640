"""The same as Markdown: the figures for a terminal, the answers for a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from database.visible import visible, visible_name
from scripts.benchmarks.tables import table
from scripts.evaluation.comparing.comparison import Comparison, gold_of, label_of, sources, times, verdicts
from scripts.evaluation.comparing.figures import HEAD, row
from scripts.evaluation.comparing.given import Given
from scripts.evaluation.dataset import Question


def figures(of: Comparison) -> str:
    """A row a model, and a language where there are several."""
    rows = [row(_cell(label_of(model, language)), figures) for model, language, figures in of.groups]
    return table(HEAD, rows)


def document(of: Comparison) -> Iterator[str]:
    """Its parts, which blank lines are to stand between. HTML and pictures in answers are shown as text."""
    yield "# What models answer"
    made = f"{len(of.questions)} questions, made on {of.made:%Y-%m-%d %H:%M} (UTC)"
    yield f"{_inline(of.name)}: {made}. Times: median / 95th percentile."
    yield figures(of)
    for question in of.questions:
        yield from _asked(question, of.given(question))


def _asked(question: Question, answers: Sequence[tuple[str, Given | None]]) -> Iterator[str]:
    yield f"## {_inline(question.question)}"
    yield _inline(f"{question.id} · {gold_of(question)}")
    for model, given in answers:
        yield from _answer(question, model, given)


def _answer(question: Question, model: str, given: Given | None) -> Iterator[str]:
    if given is None:
        yield f"**{_inline(model)}** · not asked yet"
        return
    yield " · ".join([f"**{_inline(model)}**", *verdicts(question, given), times(given)])
    lines = (given.error or given.text).strip().split("\n")
    yield "\n".join(f"> {_harmless(line)}".rstrip() for line in lines)
    if cited := sources(given):
        yield _inline(" · ".join(cited))


def _harmless(line: str) -> str:
    return escape(visible(line.expandtabs()), quote=False).replace("![", "!\\[")


def _inline(said: str) -> str:
    return _harmless(" ".join(said.split()))


def _cell(label: str) -> str:
    return _harmless(visible_name(label)).replace("|", "\\|")
