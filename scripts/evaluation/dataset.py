"""Documents, and questions that say which of their pages answer them: the format of docs/evaluation.md."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from database.load import sources
from database.visible import visible_name
from scripts.start.places import CLONE

FORMAT = "docs/evaluation.md describes the format."


class DatasetError(Exception):
    """A dataset can't be used; its text says what is wrong, on which line, and what to do."""


class Gold(BaseModel):
    """Where an answer stands. `page` counts from 1; None where the document has none, or any will do."""

    model_config = ConfigDict(frozen=True, strict=True)

    name: str = Field(min_length=1)
    page: int | None = Field(default=None, ge=1)

    def names(self, document: str) -> bool:
        """Whether a document of this name, which may begin with folders, is meant."""
        return document == self.name or document.endswith(f"/{self.name}")

    def __str__(self) -> str:
        return self.name if self.page is None else f"{self.name}, page {self.page}"


class Question(BaseModel):
    """One line. `gold` is empty where the documents don't answer, and only there."""

    model_config = ConfigDict(frozen=True, strict=True)

    id: str = Field(min_length=1)
    question: str = Field(min_length=1)
    language: str = Field(min_length=1)
    answerable: bool = True
    gold: tuple[Gold, ...] = ()
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Dataset:
    """Questions about the documents in one folder."""

    name: str
    documents: Path
    questions: tuple[Question, ...]

    def limited(self, number: int) -> Dataset:
        """At most so many of the questions, evenly from the first to the last: files are often sorted."""
        return replace(self, questions=evenly(self.questions, number))


def evenly(questions: tuple[Question, ...], number: int) -> tuple[Question, ...]:
    """At most so many of them, from the first to the last."""
    every = max(1.0, len(questions) / number)
    return tuple(questions[int(n * every)] for n in range(min(number, len(questions))))


def read_dataset(folder: Path) -> Dataset:
    """`docs/` and `questions.jsonl` of a folder. Raises DatasetError."""
    if not folder.is_dir():
        raise DatasetError(f"{folder}: there is no such folder. A dataset is a folder. {FORMAT}")
    return _dataset(folder.resolve().name, folder / "docs", folder / "questions.jsonl")


MANUAL_QUESTIONS = CLONE.root / "docs" / "manual" / "questions.jsonl"


def read_manual() -> Dataset:
    """The manual that comes with the clone, and its questions. Raises DatasetError."""
    return _dataset("manual", CLONE.seed_documents, MANUAL_QUESTIONS)


def _dataset(name: str, documents: Path, file: Path) -> Dataset:
    found = [source.name for source in sources.find([str(documents)])[0]] if documents.is_dir() else []
    if not found:
        raise DatasetError(f"{documents}: no documents are there. Put those to be asked about into it.")
    return Dataset(name=name, documents=documents, questions=read_questions(file, found))


def read_questions(file: Path, documents: list[str] | None = None) -> tuple[Question, ...]:
    """Those of a file; where `documents` are given, gold is to be in them. Raises DatasetError."""
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise DatasetError(f"{file}: it can't be read ({error.strerror}). {FORMAT}") from None
    questions: dict[str, Question] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            question = _question(line, documents)
            if question.id in questions:
                raise ValueError(f"the id {question.id!r} is another question's, too. Give it its own.")
        except ValueError as error:
            raise DatasetError(f"{file}, line {number}: {error} {FORMAT}") from None
        questions[question.id] = question
    if not questions:
        raise DatasetError(f"{file}: it holds no question. Write one a line. {FORMAT}")
    return tuple(questions.values())


def _question(line: bytes, documents: list[str] | None) -> Question:
    """Raises ValueError with what is wrong."""
    try:
        question = Question.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{place}: {first['msg']}." if place else f"{first['msg']}.") from None
    if question.answerable and not question.gold:
        raise ValueError('gold is empty. Name the pages that answer, or write "answerable": false.')
    if question.gold and not question.answerable:
        raise ValueError('"answerable" is false, and gold names pages that answer. Leave out one of them.')
    for gold in question.gold:
        if documents is not None and not any(gold.names(document) for document in documents):
            raise ValueError(
                f"gold names {visible_name(gold.name)!r}, and no document in docs/ is called so. "
                "Correct the name, or add the document."
            )
    return question
