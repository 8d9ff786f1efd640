"""Answers and outcomes that are known by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scripts.evaluation.answering import Reply
from scripts.evaluation.dataset import Dataset, Gold, Question
from scripts.evaluation.evaluate import Asked, Outcome
from scripts.evaluation.pipelines import Answer, Found


def question(
    id_: str,
    *gold: tuple[str, int | None],
    language: str = "pt",
    text: str = "",
    answers: Sequence[str] = (),
) -> Question:
    """Answerable where there is gold."""
    return Question(
        id=id_,
        question=text or f"Questão {id_}?",
        language=language,
        answerable=bool(gold),
        gold=tuple(Gold(name=name, page=page) for name, page in gold),
        answers=tuple(answers),
    )


def found(name: str, page: int | None = None, relevance: float = 0.5, text: str = "Um texto.") -> Found:
    return Found(names=(name,), page=page, text=text, relevance=relevance)


def answer(asked: Question, *passages: Found, seconds: float = 0.010) -> Answer:
    return Answer(question=asked, found=passages, seconds=seconds)


def asked(*answers: Answer, name: str = "acervo", k: int = 8) -> Asked:
    return Asked(name=name, says="in some way", k=k, answers=answers)


def reply(to: Question, text: str, *, refused: bool = False) -> Reply:
    return Reply(question=to, text=text, refused=refused)


def outcome(
    *pipelines: Asked, name: str = "notices", unread: Sequence[str] = (), replies: Sequence[Reply] = ()
) -> Outcome:
    dataset = Dataset(
        name=name,
        documents=Path("docs"),
        questions=tuple(one.question for one in pipelines[0].answers),
    )
    return Outcome(
        dataset=dataset,
        embedder="words",
        loaded="2 documents",
        pipelines=pipelines,
        unread=unread,
        replies=replies,
    )
