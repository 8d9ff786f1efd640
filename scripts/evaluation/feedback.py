"""What people said of answers, as questions of a dataset. What they left open is told; nothing is guessed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from database.feedback import FeedbackFile, Verdict
from database.visible import visible, visible_name
from scripts.evaluation.dataset import FORMAT, Dataset, DatasetError, Gold, Question

QUESTIONS = "feedback-questions.jsonl"
TO_COMPLETE = "feedback-to-complete.jsonl"

_OPEN = 10  # told on a terminal; the file has all


class Said(Question):
    """A line of the file that the server keeps."""

    verdict: Verdict
    shown: tuple[Gold, ...] = ()
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Marked:
    """A question that was marked, once or more often: every page that was named, and the last verdict."""

    question: Question
    verdict: Verdict
    shown: tuple[Gold, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Feedback:
    """`complete` have their right pages, `open` have none. `unread` are lines that can't be read."""

    complete: tuple[Marked, ...]
    open: tuple[Marked, ...]
    unread: int


def read_feedback(data_dir: Path) -> Feedback:
    """What the server of this DATA_DIR keeps. Raises DatasetError."""
    file = FeedbackFile(data_dir).path
    try:
        lines = [line for line in file.read_bytes().splitlines() if line.strip()]
    except FileNotFoundError:
        raise DatasetError(f"{file}: no answer was marked yet. That is done in the chat.") from None
    except OSError as error:
        raise DatasetError(f"{file}: it can't be read ({error.strerror}).") from None
    said: dict[str, list[Said]] = {}
    unread = 0
    for line in lines:
        try:
            one = Said.model_validate_json(line)
        except ValidationError:
            unread += 1
        else:
            said.setdefault(" ".join(one.question.split()), []).append(one)
    marked = [_together(some) for some in said.values()]
    return Feedback(
        complete=tuple(one for one in marked if one.question.gold),
        open=tuple(one for one in marked if not one.question.gold),
        unread=unread,
    )


def write_feedback(feedback: Feedback, folder: Path) -> None:
    """QUESTIONS as a dataset has them, and TO_COMPLETE with what helps to find the pages.

    Raises DatasetError where somebody has completed lines in the latter, and OSError.
    """
    _refuse_to_replace_work(folder / TO_COMPLETE)
    _write(folder / QUESTIONS, (_line(one.question) for one in feedback.complete))
    _write(folder / TO_COMPLETE, map(_open_line, feedback.open))


def as_dataset(feedback: Feedback, data_dir: Path, documents: Iterable[str]) -> Dataset:
    """Those of the complete questions whose pages can still be found among `documents`."""
    names = list(documents)
    return Dataset(
        name="feedback",
        documents=data_dir,
        questions=tuple(
            one.question
            for one in feedback.complete
            if any(gold.names(name) for gold in one.question.gold for name in names)
        ),
    )


def open_lines(feedback: Feedback, folder: Path) -> Iterator[str]:
    """What there is for a person to do."""
    if feedback.unread:
        yield f"Lines that can't be read, and were left out: {feedback.unread}"
    yield f"Questions with their right pages: {len(feedback.complete)} ({folder / QUESTIONS})"
    if not feedback.open:
        return
    yield (
        f"To complete: {len(feedback.open)} ({folder / TO_COMPLETE}). Nobody named the right page: look for "
        'it, and copy the line into a dataset with it in gold, or with "answerable": false if there is none.'
    )
    for one in feedback.open[:_OPEN]:
        shown = "; ".join(map(_place, one.shown)) or "nothing"
        note = f". Note: {' / '.join(one.notes)}" if one.notes else ""
        yield visible(f"- {' '.join(one.question.question.split())} ({one.verdict}; shown: {shown}){note}")
    if len(feedback.open) > _OPEN:
        yield f"… and {len(feedback.open) - _OPEN} more, which the file has."


def _together(said: Sequence[Said]) -> Marked:
    """Of what was said of one question, the first gives its id, and the last counts as the verdict."""
    first, last = said[0], said[-1]
    gold = dict.fromkeys(gold for one in said for gold in one.gold)
    return Marked(
        question=Question(id=first.id, question=first.question, language=first.language, gold=tuple(gold)),
        verdict=last.verdict,
        shown=last.shown,
        notes=tuple(dict.fromkeys(one.note for one in said if one.note)),
    )


def _line(question: Question) -> dict[str, object]:
    return question.model_dump(include={"id", "question", "language", "gold"})


def _open_line(one: Marked) -> dict[str, object]:
    return {
        **_line(one.question),
        "verdict": one.verdict,
        "shown": [gold.model_dump() for gold in one.shown],
        "notes": one.notes,
    }


def _place(gold: Gold) -> str:
    return visible_name(str(gold))


def _write(file: Path, lines: Iterable[dict[str, object]]) -> None:
    text = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
    file.write_text(text, encoding="utf-8")


def _refuse_to_replace_work(file: Path) -> None:
    """Raises DatasetError."""
    if not file.exists():
        return
    for number, line in enumerate(file.read_bytes().splitlines(), start=1):
        try:
            fields = json.loads(line)
            untouched = fields["gold"] == [] and "answerable" not in fields
        except (ValueError, KeyError, TypeError):
            untouched = not line.strip()
        if not untouched:
            raise DatasetError(
                f"{file}, line {number}: it was completed, and would be lost. Copy it into a dataset's "
                f"questions.jsonl and remove the file, or name another --output. {FORMAT}"
            )
