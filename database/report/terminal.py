"""The few lines of the report that matter, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from database.messages import Messages
from database.report.figures import DocumentFigures, Run
from database.report.survey import Survey
from database.report.words import Words
from database.stages import Stages, stages_of_all
from database.visible import visible_name

_MOST_DOCUMENTS = 20
_MOST_RUNS = 6  # of pages in one condition


def lines(survey: Survey, words: Words, messages: Messages) -> Iterator[str]:
    documents = [one.document for one in survey.documents]
    yield words(
        "summary",
        documents=words.number(len(documents)),
        statuses=_statuses(survey, words),
        pages=words.number(survey.collection.pages),
        passages=words.number(sum(document.passages for document in documents)),
        stages=stages_line(stages_of_all(documents), words),
    )
    troubled = survey.troubled
    for one in troubled[:_MOST_DOCUMENTS]:
        yield from _lines_of(one, words, messages)
    if len(troubled) > _MOST_DOCUMENTS:
        yield words("more_troubles", number=words.number(len(troubled) - _MOST_DOCUMENTS))


def _lines_of(one: DocumentFigures, words: Words, messages: Messages) -> Iterator[str]:
    name = visible_name(one.document.name)
    if one.document.status == "failed":
        yield f"✗ {name}: {reason(one, words, messages)}"
    if one.troubles:
        yield f"! {name}: {troubles(one.troubles, words)}"


def _statuses(survey: Survey, words: Words) -> str:
    said = [f"{words.number(number)} {words(f'status_{status}')}" for status, number in survey.statuses]
    return ", ".join(said) or "–"


def stages_line(stages: Stages, words: Words, width: int = 0) -> str:
    """`width` is that of each number, where lines stand one below the other."""
    shown = {"text": stages.text, "vectors": stages.vectors, "layout": stages.layout}
    return words("stages", **{key: words.percent(stage.percent).rjust(width) for key, stage in shown.items()})


def reason(one: DocumentFigures, words: Words, messages: Messages) -> str:
    """Why it failed, to be read after its name; "" where that isn't known."""
    said = messages.reason(one.document.error) if one.document.error else words("status_failed")
    return words("failed_but", reason=said) if one.document.passages else said


def troubles(runs: Sequence[Run], words: Words) -> str:
    """Pages by condition, as people write them: 3–7, 12."""
    by_condition: dict[str, list[Run]] = {}
    for run in runs:
        by_condition.setdefault(run.condition, []).append(run)
    return "; ".join(
        words("trouble", pages=_ranges(some, words), condition=words(f"condition_{condition}"))
        for condition, some in by_condition.items()
    )


def _ranges(runs: Sequence[Run], words: Words) -> str:
    shown = [f"{run.first}" if run.first == run.last else f"{run.first}–{run.last}" for run in runs]
    more = sum(run.pages for run in runs[_MOST_RUNS:])
    listed = ", ".join(shown[:_MOST_RUNS])
    return f"{listed} {words('more_places', number=words.number(more))}" if more else listed
