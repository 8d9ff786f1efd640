"""The figures of a pipeline's answers, by ir-measures.

A passage that says no more than one before it (the same page again) is counted as a wrong one: it takes a
place, and answers nothing new.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import ir_measures
from ir_measures import RR, Qrel, R, ScoredDoc, Success, nDCG

from scripts.benchmarks.tables import percentile_95
from scripts.evaluation.dataset import Question
from scripts.evaluation.pipelines import DEPTH, Answer, Level

CUTS = (1, 3, 5, 10)
_READ = 5


class OfQuestion(Protocol):
    """What came of one question."""

    @property
    def question(self) -> Question:
        """That which was asked."""


One = TypeVar("One", bound=OfQuestion)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ranking:
    """How well passages are ranked, over the questions that have gold.

    `recall` holds, for each of CUTS, the share of questions with at least one right page (or document) in so
    many passages, and `at_k` the same at the pipeline's own k. `all_gold` is the share of all right pages
    that are in DEPTH passages.
    """

    recall: tuple[float, ...]
    at_k: float
    all_gold: float
    mrr: float
    ndcg: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """Of one pipeline and some questions; None where there are no questions to tell. Times in seconds;
    `length` is the median number of characters in the first five that are found.
    """

    questions: int
    with_gold: int
    page: Ranking | None
    document: Ranking | None
    auroc: float | None
    p50: float
    p95: float
    length: float


def figures(answers: Sequence[Answer], k: int) -> Figures:
    """Of at least one answer of a pipeline whose own k this is."""
    labelled = [answer for answer in answers if answer.question.gold]
    yes = [answer.relevance for answer in answers if answer.question.answerable]
    no = [answer.relevance for answer in answers if not answer.question.answerable]
    seconds = [answer.seconds for answer in answers]
    return Figures(
        questions=len(answers),
        with_gold=len(labelled),
        page=ranking(labelled, "page", k) if labelled else None,
        document=ranking(labelled, "document", k) if labelled else None,
        auroc=auroc(yes, no) if yes and no else None,
        p50=statistics.median(seconds),
        p95=percentile_95(seconds),
        length=statistics.median(sum(len(one.text) for one in answer.found[:_READ]) for answer in answers),
    )


def by_language(answers: Sequence[One]) -> dict[str, list[One]]:
    """The answers of each language, in the languages' order, and `all` last where there are several."""
    groups: dict[str, list[One]] = {}
    for answer in sorted(answers, key=lambda one: one.question.language):
        groups.setdefault(answer.question.language, []).append(answer)
    return groups if len(groups) == 1 else {**groups, "all": list(answers)}


def ranking(labelled: Sequence[Answer], level: Level, k: int) -> Ranking:
    """Of answers to questions that all have gold."""
    judged, found = [], []
    for answer in labelled:
        right, ranked = _judged(answer, level)
        judged += [Qrel(answer.question.id, one, 1) for one in right]
        found += [ScoredDoc(answer.question.id, one, -float(place)) for place, one in enumerate(ranked)]
    cuts = [Success @ cut for cut in (*CUTS, k)]
    others = (R @ DEPTH, RR @ DEPTH, nDCG @ DEPTH)
    means = ir_measures.calc_aggregate([*cuts, *others], judged, found)
    return Ranking(
        recall=tuple(means[cut] for cut in cuts[:-1]),
        at_k=means[cuts[-1]],
        all_gold=means[others[0]],
        mrr=means[others[1]],
        ndcg=means[others[2]],
    )


def _judged(answer: Answer, level: Level) -> tuple[list[str], list[str]]:
    """What is right, and what was found in its order, by names that only mean something to this question."""
    wanted = list(answer.question.gold)
    if level == "document":
        wanted = list({gold.name: gold for gold in wanted}.values())
    left = {f"right {n}": gold for n, gold in enumerate(wanted)}
    right = list(left)
    ranked = []
    for place, one in enumerate(answer.found):
        hit = next((name for name, gold in left.items() if one.answers(gold, level)), None)
        if hit:
            del left[hit]
        ranked.append(hit or f"other {place}")
    return right, ranked


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """How often the best relevance of an answerable question is above that of an unanswerable one.

    Of at least one of each; ties count half.
    """
    wins = sum((p > n) + 0.5 * (p == n) for p in positive for n in negative)
    return wins / (len(positive) * len(negative))
