"""What people said of answers becomes questions, and nothing is made up for what they didn't say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from database.feedback import Feedback as SaidFeedback
from database.feedback import FeedbackFile, Place, Verdict
from scripts.evaluation.dataset import DatasetError
from scripts.evaluation.feedback import (
    QUESTIONS,
    TO_COMPLETE,
    as_dataset,
    open_lines,
    read_feedback,
    write_feedback,
)

RIGHT = Place(document="d1", name="edital.pdf", page=12)
SHOWN = (Place(document="d1", name="edital.pdf", page=3), Place(document="d2", name="aviso.txt", page=None))


def say(
    data_dir: Path,
    question: str,
    *gold: Place,
    verdict: Verdict = "bad",
    note: str = "",
    language: str = "pt",
) -> None:
    said = SaidFeedback(
        question=question,
        language=language,
        gold=gold,
        verdict=verdict,
        shown=SHOWN,
        note=note,
        said_at="2026-01-02T03:04:05+00:00",
    )
    assert FeedbackFile(data_dir).add(said)


def written(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_a_named_page_makes_a_question_and_a_shown_one_does_not(tmp_path: Path) -> None:
    """Not even where the answer was called good: a person says which of its pages was right."""
    say(tmp_path, "Qual é o prazo?", RIGHT)
    say(tmp_path, "Quem assina?")
    say(tmp_path, "Quem paga?", verdict="good")
    write_feedback(read_feedback(tmp_path), tmp_path)
    (complete,) = written(tmp_path / QUESTIONS)
    assert complete.pop("id")
    assert complete == {
        "question": "Qual é o prazo?",
        "language": "pt",
        "gold": [{"name": "edital.pdf", "page": 12}],
    }
    left = written(tmp_path / TO_COMPLETE)
    assert [(one["question"], one["verdict"], one["gold"]) for one in left] == [
        ("Quem assina?", "bad", []),
        ("Quem paga?", "good", []),
    ]
    assert left[0]["shown"] == [{"name": "edital.pdf", "page": 3}, {"name": "aviso.txt", "page": None}]


def test_what_was_said_of_one_question_is_one_line(tmp_path: Path) -> None:
    """With every page that was named, once; the last verdict counts, whoever gave it."""
    other = Place(document="d2", name="aviso.txt", page=None)
    say(tmp_path, "Qual é o prazo?", note="Errada.", verdict="bad")
    say(tmp_path, "Qual é  o\nprazo?", RIGHT, note="Errada.")
    say(tmp_path, "Qual é o prazo?", other, RIGHT, language="es", note="Incompleta.", verdict="good")
    feedback = read_feedback(tmp_path)
    assert feedback.open == ()
    (one,) = feedback.complete
    assert [str(gold) for gold in one.question.gold] == ["edital.pdf, page 12", "aviso.txt"]
    assert (one.question.question, one.question.language) == ("Qual é o prazo?", "pt")
    assert (one.verdict, one.notes) == ("good", ("Errada.", "Incompleta."))


def test_a_line_that_can_not_be_read_is_counted(tmp_path: Path) -> None:
    """The others don't suffer from it."""
    say(tmp_path, "Quem assina?")
    file = FeedbackFile(tmp_path).path
    with file.open("a", encoding="utf-8") as appended:
        appended.write('{"id": "said-\n\n{"id": "x", "question": "?", "language": "pt", "verdict": "odd"}\n')
    say(tmp_path, "Quem paga?")
    feedback = read_feedback(tmp_path)
    assert (len(feedback.open), feedback.unread) == (2, 2)
    assert next(open_lines(feedback, tmp_path)) == "Lines that can't be read, and were left out: 2"


def test_where_nothing_was_marked_it_is_said(tmp_path: Path) -> None:
    """With the place where it was looked for."""
    with pytest.raises(DatasetError, match=r"feedback\.jsonl: no answer was marked yet"):
        read_feedback(tmp_path)


def test_only_pages_that_can_be_found_are_asked_for(tmp_path: Path) -> None:
    """A document that has left the collection would be missed for ever."""
    gone = Place(document="d9", name="gone.pdf", page=1)
    say(tmp_path, "Um?", RIGHT)
    say(tmp_path, "Dois?", gone)
    say(tmp_path, "Três?", gone, RIGHT)
    dataset = as_dataset(read_feedback(tmp_path), tmp_path, ["pasta/edital.pdf", "other.pdf"])
    assert [one.question for one in dataset.questions] == ["Um?", "Três?"]


def test_what_is_left_to_do_is_told(tmp_path: Path) -> None:
    """The first ten, in one line each, with nothing that a terminal would obey."""
    for number in range(12):
        say(tmp_path, f"Pergunta\n{number}?\x1b[31m", note="Nada disso.")
    _, head, first, *others = open_lines(read_feedback(tmp_path), tmp_path)
    assert head.startswith(f"To complete: 12 ({tmp_path / TO_COMPLETE}). ")
    assert first == ("- Pergunta 0?⟨001B⟩[31m (bad; shown: edital.pdf, page 3; aviso.txt). Note: Nada disso.")
    assert len(others) == 10
    assert others[-1] == "… and 2 more, which the file has."


@pytest.mark.parametrize(
    "changes", [{"gold": [{"name": "edital.pdf", "page": 1}]}, {"answerable": False}, "half a li"]
)
def test_a_persons_work_is_not_replaced(tmp_path: Path, changes: dict[str, object] | str) -> None:
    """Lines that were completed in place are told, and stay; untouched ones are written anew."""
    say(tmp_path, "Quem assina?")
    write_feedback(read_feedback(tmp_path), tmp_path)
    write_feedback(read_feedback(tmp_path), tmp_path)
    file = tmp_path / TO_COMPLETE
    (line,) = written(file)
    mine = changes if isinstance(changes, str) else json.dumps({**line, **changes})
    file.write_text(f"{json.dumps(line)}\n{mine}\n")
    with pytest.raises(DatasetError, match=r"feedback-to-complete\.jsonl, line 2: it was completed"):
        write_feedback(read_feedback(tmp_path), tmp_path)
    assert file.read_text().endswith(f"{mine}\n")
