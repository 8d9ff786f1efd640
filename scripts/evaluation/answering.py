"""What people are answered where no language model can be reached: quotations, or a refusal.

Through the same flow as a question that is asked over HTTP, with the threshold that is shipped.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from app.answer import answer
from app.events import Done, Event, Piece
from app.messages import FALLBACK, parse_language
from app.models.extractive import ExtractiveModel
from app.models.route import Candidate
from app.reading import Question as Asked
from app.reading import Reader
from app.requests import CHAT_LIMIT
from database.collection import Collection
from database.language import detect_question_language
from database.terms import fold
from scripts.benchmarks.tables import percentile_95
from scripts.evaluation.dataset import Question
from scripts.evaluation.progress import Progress

_MARKER = re.compile(r"\s*\[\d{1,3}\]")


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One question, and the answer as it was shown."""

    question: Question
    text: str
    refused: bool

    @cached_property
    def words(self) -> int:
        """Without the markers of its sources."""
        return len(_said(self.text).split())

    @cached_property
    def holds_gold(self) -> bool | None:
        """Whether any of the gold answers stands in it, whatever the case, the accents and the blanks, and
        not inside of another word; None where the dataset tells none.
        """
        gold = [said for one in self.question.answers if (said := _said(one).strip(".,;: "))]
        if not gold:
            return None
        return not self.refused and any(_stands(one, _said(self.text)) for one in gold)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplyFigures:
    """Of some replies; None where there are no questions to tell.

    `gold` is the share of the answerable questions (that tell their answers) whose reply holds one,
    `answered` that of the answerable ones that aren't refused, and `refused` that of the others that are.
    Words are those of the replies that aren't refusals.
    """

    questions: int
    gold: float | None
    median_words: float | None
    p95_words: float | None
    answered: float | None
    refused: float | None


async def answer_all(
    collection: Collection, questions: Sequence[Question], progress: Progress
) -> list[Reply]:
    """Every question, one after the other. Raises StoreUnavailable, EmbedderUnavailable."""
    model = ExtractiveModel()
    candidates = [Candidate(model, await model.status())]
    reader = Reader(collection.store, collection.retriever)
    replies = []
    with progress.of("quotations: questions", len(questions)) as counted:
        for question in questions:
            replies.append(await _reply(reader, question, candidates))
            counted(1)
    return replies


async def _reply(reader: Reader, question: Question, candidates: Sequence[Candidate]) -> Reply:
    language = parse_language(detect_question_language(question.question)) or FALLBACK
    asked = Asked(
        text=question.question, written_in=language, language=language, documents=None, limit=CHAT_LIMIT
    )
    events: list[Event] = []
    await answer(asked, reader, candidates, events.append)
    text = "".join(event.text for event in events if isinstance(event, Piece))
    refused = any(isinstance(event, Done) and event.reason == "no_answer" for event in events)
    return Reply(question=question, text=text, refused=refused)


def reply_figures(replies: Sequence[Reply]) -> ReplyFigures:
    """Of some replies, or none."""
    yes = [reply for reply in replies if reply.question.answerable]
    no = [reply for reply in replies if not reply.question.answerable]
    words = [reply.words for reply in replies if not reply.refused]
    return ReplyFigures(
        questions=len(replies),
        gold=_share([reply.holds_gold for reply in yes if reply.holds_gold is not None]),
        median_words=statistics.median(words) if words else None,
        p95_words=percentile_95(words) if words else None,
        answered=_share([not reply.refused for reply in yes]),
        refused=_share([reply.refused for reply in no]),
    )


def _share(of: Sequence[bool]) -> float | None:
    return sum(of) / len(of) if of else None


def _said(text: str) -> str:
    return " ".join(fold(_MARKER.sub("", text)).split())


def _stands(gold: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(gold)}(?!\w)", text) is not None
