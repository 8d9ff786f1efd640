"""What came of it, as JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from scripts.evaluation.answering import Reply, reply_figures
from scripts.evaluation.evaluate import Asked, Outcome
from scripts.evaluation.metrics import CUTS, by_language, figures
from scripts.evaluation.misses import Miss, misses


def record(outcomes: Sequence[Outcome], made: datetime) -> dict[str, Any]:
    """All figures, the rank of every question's first right page (null: none), the misses, and what was
    answered (null: nothing was to be).
    """
    return {"made": made.isoformat(), "cuts": CUTS, "datasets": [_dataset(one) for one in outcomes]}


def _dataset(outcome: Outcome) -> dict[str, Any]:
    return {
        "name": outcome.dataset.name,
        "embedder": outcome.embedder,
        "loaded": outcome.loaded,
        "unread": outcome.unread,
        "pipelines": [_pipeline(asked) for asked in outcome.pipelines],
        "misses": [_miss(miss) for miss in misses(outcome)],
        "answers": _answers(outcome.replies) if outcome.replies else None,
    }


def _pipeline(asked: Asked) -> dict[str, Any]:
    groups = by_language(asked.answers)
    return {
        "name": asked.name,
        "says": asked.says,
        "k": asked.k,
        "figures": {language: asdict(figures(some, asked.k)) for language, some in groups.items()},
        "ranks": {answer.question.id: answer.rank for answer in asked.answers if answer.question.gold},
    }


def _answers(replies: Sequence[Reply]) -> dict[str, Any]:
    groups = by_language(replies)
    return {
        "figures": {language: asdict(reply_figures(some)) for language, some in groups.items()},
        "given": {
            reply.question.id: {
                "refused": reply.refused,
                "gold": reply.holds_gold,
                "words": reply.words,
                "text": reply.text,
            }
            for reply in replies
        },
    }


def _miss(miss: Miss) -> dict[str, Any]:
    return {
        "question": miss.question.model_dump(),
        "found": [asdict(one) for one in miss.found],
        "peers": miss.peers,
    }
