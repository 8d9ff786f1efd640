"""What is counted of a model's answers."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.evaluation.comparing.figures import model_figures, row, tokens_a_second
from tests.scripts.evaluation.answers import question
from tests.scripts.evaluation.comparing.answers import cited, given

GOLD = question("1", ("a.pdf", 2), answers=("trinta dias",))
OTHER = question("2", ("a.pdf", 3))
ABSENT = question("3")


def test_answers_become_figures() -> None:
    """A refusal of what can be answered finds and cites nothing; an error counts as itself alone."""
    figures = model_figures(
        [
            (GOLD, given(GOLD, "São trinta dias. [1]", cited=(cited("a.pdf", 2),), tokens=11)),
            (OTHER, given(OTHER, "Não digo.", reason="no_answer", first=1.5, last=1.5, tokens=4)),
            (ABSENT, given(ABSENT, "Não digo.", reason="no_answer", seconds=4.0)),
            (GOLD, given(GOLD, "", error="away", first=None, last=None, seconds=99.0)),
        ]
    )
    assert (figures.questions, figures.errors, figures.cited, figures.replies.gold) == (4, 1, 0.5, 1.0)
    assert (figures.replies.answered, figures.replies.refused) == (0.5, 1.0)
    assert (figures.first, figures.seconds, figures.speed) == ((0.5, 1.5), (2.0, 4.0), 10.0)
    assert row("a", figures) == [
        "a", "4", "1", "100%", "50%", "50%", "100%", "3 / 3", "0.50 / 1.50", "2.00 / 4.00", "10",
    ]  # fmt: skip


def test_nothing_is_told_of_nothing() -> None:
    """Rather than 0."""
    assert row("a", model_figures([])) == ["a", "0", "0", *["–"] * 8]
    failed = model_figures([(GOLD, given(GOLD, "", error="away"))])
    assert row("a", failed) == ["a", "1", "1", *["–"] * 8]


@pytest.mark.parametrize(
    "more", [{"tokens": None}, {"reason": "no_answer"}, {"last": 0.51}, {"first": None, "last": None}]
)
def test_what_has_no_speed_has_none(more: dict[str, Any]) -> None:
    """No tokens, held back until it was whole, or sent at once."""
    assert tokens_a_second(given(GOLD, **{"tokens": 10, **more})) is None
