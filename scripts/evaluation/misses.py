"""Questions whose pages Acervo did not find, with what it found instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scripts.evaluation.dataset import Question
from scripts.evaluation.evaluate import Outcome
from scripts.evaluation.pipelines import Found

SHOWN = 3  # passages of a miss
_TEXT = 240  # characters of each


@dataclass(frozen=True, kw_only=True, slots=True)
class Miss:
    """`found` are the first passages; `peers` has the rank at which each peer has a right page, or None."""

    question: Question
    found: Sequence[Found]
    peers: dict[str, int | None]


def misses(outcome: Outcome) -> list[Miss]:
    """Those without a right page among all that was ranked, in the dataset's order."""
    acervo, *peers = outcome.pipelines
    return [
        Miss(
            question=answer.question,
            found=answer.found[:SHOWN],
            peers={peer.name: peer.answers[place].rank for peer in peers},
        )
        for place, answer in enumerate(acervo.answers)
        if answer.question.gold and answer.rank is None
    ]


def gold_of(question: Question) -> str:
    """The pages that would have been right."""
    return "; ".join(str(gold) for gold in question.gold)


def place_of(found: Found) -> str:
    """Where a passage stands."""
    return found.names[0] if found.page is None else f"{found.names[0]}, page {found.page}"


def short(text: str) -> str:
    """The beginning of a passage, in one line."""
    line = " ".join(text.split())
    return line if len(line) <= _TEXT else f"{line[:_TEXT]}…"
