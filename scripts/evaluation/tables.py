"""What came of it, as Markdown for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from database.visible import visible, visible_name
from scripts.benchmarks.tables import table
from scripts.evaluation.answering import Reply, ReplyFigures, reply_figures
from scripts.evaluation.evaluate import Asked, Outcome
from scripts.evaluation.metrics import CUTS, Figures, Ranking, by_language, figures
from scripts.evaluation.misses import Miss, gold_of, misses, place_of
from scripts.evaluation.pipelines import DEPTH

_MISSES = 10  # on a terminal; the HTML and the JSON have all

PAGE_HEAD = (
    "pipeline",
    "questions",
    *(f"page in {cut}" for cut in CUTS),
    f"MRR@{DEPTH}",
    f"nDCG@{DEPTH}",
    f"of all pages in {DEPTH}",
    "own k",
    "page in own k",
)
DOCUMENT_HEAD = (
    "pipeline",
    *(f"document in {cut}" for cut in CUTS),
    "AUROC",
    "characters in 5",
    "ms, median / p95",
)
REPLY_HEAD = (
    "quotations",
    "questions",
    "gold answer quoted",
    "words, median / p95",
    "answerable: answered",
    "others: refused",
)


def lines(outcome: Outcome) -> Iterator[str]:
    """Two tables a dataset, a third of what is answered, then the first misses."""
    yield f"## {visible_name(outcome.dataset.name)}"
    yield f"{outcome.loaded}; embedder: {outcome.embedder}"
    if outcome.unread:
        number_unread = len(outcome.unread)
        yield f"Not read by all peers and cuts, whose gold there counts as missed: {number_unread} documents."
    groups = [(label, asked, one) for asked in outcome.pipelines for label, one in groups_of(asked)]
    yield table(PAGE_HEAD, [page_row(_cell(label), asked.k, one) for label, asked, one in groups])
    yield table(DOCUMENT_HEAD, [document_row(_cell(label), one) for label, _, one in groups])
    if outcome.replies:
        yield table(REPLY_HEAD, [reply_row(_cell(label), one) for label, one in replies_of(outcome.replies)])
    missed = misses(outcome)
    yield f"Without a right page in {DEPTH}: {len(missed)}"
    for miss in missed[:_MISSES]:
        yield _miss(miss)
    if len(missed) > _MISSES:
        yield f"… and {len(missed) - _MISSES} more, which the report has."


def groups_of(asked: Asked) -> list[tuple[str, Figures]]:
    """A label and the figures of each language, and of all."""
    groups = by_language(asked.answers)
    return [(f"{asked.name} · {language}", figures(some, asked.k)) for language, some in groups.items()]


def page_row(label: str, k: int, one: Figures) -> list[str]:
    """Cells for PAGE_HEAD."""
    return [
        label,
        str(one.questions),
        *_ranked(one.page),
        str(k),
        number(one.page.at_k if one.page else None),
    ]


def document_row(label: str, one: Figures) -> list[str]:
    """Cells for DOCUMENT_HEAD."""
    return [label, *_recalls(one.document), number(one.auroc), f"{one.length:,.0f}", milliseconds(one)]


def replies_of(replies: Sequence[Reply]) -> list[tuple[str, ReplyFigures]]:
    """The figures of each language, and of all."""
    return [(language, reply_figures(some)) for language, some in by_language(replies).items()]


def reply_row(label: str, one: ReplyFigures) -> list[str]:
    """Cells for REPLY_HEAD."""
    words = "–" if one.median_words is None else f"{one.median_words:.0f} / {one.p95_words:.0f}"
    return [label, str(one.questions), number(one.gold), words, number(one.answered), number(one.refused)]


def number(value: float | None) -> str:
    """Three digits, or a dash where there is nothing to tell."""
    return "–" if value is None else f"{value:.3f}"


def milliseconds(one: Figures) -> str:
    """The median and the 95th percentile."""
    return f"{one.p50 * 1000:.0f} / {one.p95 * 1000:.0f}"


def _ranked(ranking: Ranking | None) -> list[str]:
    rest = [ranking.mrr, ranking.ndcg, ranking.all_gold] if ranking else [None] * 3
    return [*_recalls(ranking), *map(number, rest)]


def _recalls(ranking: Ranking | None) -> list[str]:
    recalls: Sequence[float | None] = ranking.recall if ranking else [None] * len(CUTS)
    return [number(recall) for recall in recalls]


def _miss(miss: Miss) -> str:
    found = "; ".join(f"{place_of(one)} ({one.relevance:.2f})" for one in miss.found) or "nothing"
    return visible(f"- {miss.question.question} → {gold_of(miss.question)}. Found: {found}")


def _cell(label: str) -> str:
    return visible_name(label).replace("|", "\\|")
