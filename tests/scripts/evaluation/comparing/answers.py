"""Answers and comparisons that are known by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scripts.evaluation.comparing.comparison import Comparison
from scripts.evaluation.comparing.given import Cited, Given, Kept
from scripts.evaluation.dataset import Question

MADE = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def given(to: Question, text: str = "Um texto. [1]", *, model: str = "a", **more: Any) -> Given:
    values: dict[str, Any] = {"reason": "stop", "first": 0.5, "last": 1.5, "seconds": 2.0, **more}
    return Given(model=model, id=to.id, question=to.question, text=text, **values)


def cited(name: str, page: int | None = None, last_page: int | None = None, n: int = 1) -> Cited:
    return Cited(n=n, name=name, page=page, last_page=last_page)


def comparison(
    folder: Path, questions: Sequence[Question], *answers: Given, name: str = "q.jsonl"
) -> Comparison:
    """With the models that answered, in the order of their answers, and one that didn't yet."""
    kept = Kept(folder / "answers.jsonl")
    for one in answers:
        kept.add(one)
    models = list(dict.fromkeys(one.model for one in answers))
    return Comparison(name=name, made=MADE, models=[*models, "later"], questions=questions, kept=kept)
