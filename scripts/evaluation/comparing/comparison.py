"""All that was answered, by model and by question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from scripts.evaluation.comparing.figures import ModelFigures, Pair, model_figures, reply_of
from scripts.evaluation.comparing.given import Given, Kept
from scripts.evaluation.dataset import Question


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """`name` is that of the questions' file. Models and questions stand in the order in which they were
    named; what wasn't asked yet is missing.
    """

    name: str
    made: datetime
    models: Sequence[str]
    questions: Sequence[Question]
    kept: Kept

    @cached_property
    def pairs(self) -> dict[str, list[Pair]]:
        return {model: self.kept.of(model, self.questions) for model in self.models}

    @cached_property
    def groups(self) -> list[tuple[str, str, ModelFigures]]:
        """Model, language and figures, the whole of each model before its languages, if there are several."""
        rows = []
        languages = list(dict.fromkeys(question.language for question in self.questions))
        for model, pairs in self.pairs.items():
            rows.append((model, "", model_figures(pairs)))
            if len(languages) > 1:
                of = {one: [pair for pair in pairs if pair[0].language == one] for one in sorted(languages)}
                rows += [(model, language, model_figures(some)) for language, some in of.items()]
        return rows

    @property
    def whole(self) -> list[tuple[str, ModelFigures]]:
        """The figures of each model's answers together."""
        return [(model, figures) for model, language, figures in self.groups if not language]

    def given(self, question: Question) -> list[tuple[str, Given | None]]:
        """What each model answered to it."""
        return [
            (model, next((one for asked, one in self.pairs[model] if asked is question), None))
            for model in self.models
        ]


def label_of(model: str, language: str) -> str:
    return f"{model} · {language}" if language else model


def verdicts(question: Question, given: Given) -> list[str]:
    """What is to be said of one answer, each with its sign."""
    if given.error:
        return ["✗ error"]
    reply = reply_of(question, given)
    said = []
    if given.refused or not question.answerable:
        said.append(
            _sign(given.refused is not question.answerable, "refused" if given.refused else "answered")
        )
    if reply.holds_gold is not None and not given.refused:
        said.append(_sign(reply.holds_gold, "gold answer"))
    if (right := given.cites_gold(question)) is not None and not given.refused:
        said.append(_sign(right, "gold page cited"))
    return said


def times(given: Given) -> str:
    """How long it took, in a line."""
    first = f"first token after {given.first:.2f} s, " if given.first is not None else ""
    counted = f", {given.tokens} tokens" if given.tokens is not None else ""
    return f"{first}{given.seconds:.2f} s in all{counted}"


def sources(given: Given) -> list[str]:
    """The pages that it cites."""
    return [f"[{one.n}] {one.name}{_pages(one.page, one.last_page)}" for one in given.cited]


def gold_of(question: Question) -> str:
    """Where the answer stands, and how it may read."""
    places = "; ".join(map(str, question.gold)) or "the documents don't say"
    return f"{places}: “{'” or “'.join(question.answers)}”" if question.answers else places


def _pages(first: int | None, last: int | None) -> str:
    if first is None:
        return ""
    return f", pages {first}–{last}" if last and last != first else f", page {first}"


def _sign(right: bool, said: str) -> str:
    return f"{'✓' if right else '✗'} {said}"
