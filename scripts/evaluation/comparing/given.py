"""What one model answered to one question, as it is kept: a line of JSON each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from scripts.evaluation.dataset import Gold, Question

Key = tuple[str, str, str]


class Cited(BaseModel):
    """A source that the answer cites. `last_page` is the last one of the passage."""

    model_config = ConfigDict(frozen=True, strict=True)

    n: int
    name: str
    page: int | None = None
    last_page: int | None = None

    def is_right(self, gold: Gold) -> bool:
        """Whether it is on the page that answers."""
        if not gold.names(self.name) or gold.page is None or self.page is None:
            return gold.names(self.name) and gold.page is None
        return self.page <= gold.page <= (self.last_page or self.page)


class Given(BaseModel):
    """One answer, or why there is none. `first` and `last` are the seconds from the question to the first
    and the last piece of text, `seconds` those to the end, when it had been checked, too.
    """

    model_config = ConfigDict(frozen=True, strict=True)

    model: str
    id: str
    question: str
    text: str = ""
    reason: str = ""
    error: str = ""
    first: float | None = None
    last: float | None = None
    seconds: float = 0.0
    tokens: int | None = None
    cited: tuple[Cited, ...] = ()

    @property
    def key(self) -> Key:
        return key_of(self.model, self.id, self.question)

    @property
    def refused(self) -> bool:
        return self.reason == "no_answer"

    def cites_gold(self, question: Question) -> bool | None:
        """Whether one of the pages that answer is among those that it cites; None where there is none."""
        if not question.gold:
            return None
        return any(cited.is_right(gold) for cited in self.cited for gold in question.gold)


def key_of(model: str, id_: str, question: str) -> Key:
    """Whoever changes one of these asks anew."""
    return model, id_, question


class Kept:
    """The answers in a file: what was answered once needn't be asked again."""

    def __init__(self, file: Path) -> None:
        """Raises OSError."""
        self._file = file
        self._given: dict[Key, Given] = {}
        text = file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""
        for line in text.splitlines():
            try:
                given = Given.model_validate_json(line)
            except ValidationError:
                continue  # the run ended while it was written, or it is of another version
            self._given[given.key] = given
        self._whole = not text or text.endswith("\n")

    def answered(self, model: str, question: Question) -> Given | None:
        """The last one to this very question; None also where that was an error."""
        given = self._given.get(key_of(model, question.id, question.question))
        return None if given is None or given.error else given

    def of(self, model: str, questions: Sequence[Question]) -> list[tuple[Question, Given]]:
        """What there is, errors included."""
        found = ((one, self._given.get(key_of(model, one.id, one.question))) for one in questions)
        return [(question, given) for question, given in found if given]

    def forget(self, models: Sequence[str], questions: Sequence[Question]) -> None:
        """As if these had never been asked; the file keeps what it has until there is better."""
        for model in models:
            for question in questions:
                self._given.pop(key_of(model, question.id, question.question), None)

    def add(self, given: Given) -> None:
        """It is in the file when this returns. Raises OSError."""
        before = "" if self._whole else "\n"
        with self._file.open("a", encoding="utf-8") as file:
            file.write(f"{before}{given.model_dump_json()}\n")
        self._whole = True
        self._given[given.key] = given
