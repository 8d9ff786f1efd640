"""What is counted of a model's answers."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from scripts.benchmarks.tables import percentile_95
from scripts.evaluation.answering import Reply, ReplyFigures, reply_figures
from scripts.evaluation.comparing.given import Given
from scripts.evaluation.dataset import Question

# What comes in less was written before it was sent: its speed would be the network's.
_LEAST_SECONDS = 0.05

Pair = tuple[Question, Given]

HEAD = (
    "model",
    "questions",
    "errors",
    "gold answer found",
    "gold page cited",
    "answerable: answered",
    "others: refused",
    "words, median / p95",
    "first token, s",
    "in all, s",
    "tokens/s",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelFigures:
    """Of some questions; None where there is nothing to tell. Shares leave errors out. Times in seconds:
    median and 95th percentile; `speed` is the median of the answers' tokens a second.
    """

    questions: int
    errors: int
    replies: ReplyFigures
    cited: float | None
    first: tuple[float, float] | None
    seconds: tuple[float, float] | None
    speed: float | None


def model_figures(pairs: Sequence[Pair]) -> ModelFigures:
    given = [(question, one) for question, one in pairs if not one.error]
    replies = [reply_of(question, one) for question, one in given]
    cited = [right for question, one in given if (right := one.cites_gold(question)) is not None]
    speeds = [speed for _, one in given if (speed := tokens_a_second(one)) is not None]
    return ModelFigures(
        questions=len(pairs),
        errors=len(pairs) - len(given),
        replies=reply_figures(replies),
        cited=sum(cited) / len(cited) if cited else None,
        first=_times([one.first for _, one in given if one.first is not None]),
        seconds=_times([one.seconds for _, one in given]),
        speed=statistics.median(speeds) if speeds else None,
    )


def reply_of(question: Question, given: Given) -> Reply:
    return Reply(question=question, text=given.text, refused=given.refused)


def tokens_a_second(given: Given) -> float | None:
    """From the first piece to the last; None where the model counts none, or where it refused."""
    if not given.tokens or given.refused or given.first is None or given.last is None:
        return None
    seconds = given.last - given.first
    return (given.tokens - 1) / seconds if seconds >= _LEAST_SECONDS else None


def row(label: str, one: ModelFigures) -> list[str]:
    """Cells for HEAD."""
    of = one.replies
    words = "–" if of.median_words is None else f"{of.median_words:.0f} / {of.p95_words:.0f}"
    return [
        label,
        str(one.questions),
        str(one.errors),
        share(of.gold),
        share(one.cited),
        share(of.answered),
        share(of.refused),
        words,
        seconds(one.first),
        seconds(one.seconds),
        "–" if one.speed is None else f"{one.speed:.0f}",
    ]


def share(value: float | None) -> str:
    """In percent, or a dash where there is nothing to tell."""
    return "–" if value is None else f"{value:.0%}"


def seconds(times: tuple[float, float] | None) -> str:
    return "–" if times is None else f"{times[0]:.2f} / {times[1]:.2f}"


def _times(values: Sequence[float]) -> tuple[float, float] | None:
    return (statistics.median(values), percentile_95(values)) if values else None
