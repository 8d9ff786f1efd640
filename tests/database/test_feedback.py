"""The file of what people said of answers."""

from __future__ import annotations

import errno
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from database.feedback import Feedback, FeedbackFile, Place


def said(question: str = "Qual?", **changes: Any) -> Feedback:
    given: dict[str, Any] = {
        "question": question,
        "language": "pt",
        "gold": (Place(document="d1", name="edital.pdf", page=2),),
        "verdict": "bad",
        "shown": (Place(document="d2", name="aviso.txt", page=None),),
        "note": "",
        "said_at": "2026-01-02T03:04:05+00:00",
    }
    return Feedback(**{**given, **changes})


def lines(data_dir: Path) -> list[dict[str, Any]]:
    text = (data_dir / "feedback" / "feedback.jsonl").read_bytes()
    return [json.loads(line) for line in text.splitlines()]


def test_a_line_is_a_question_with_what_was_said(tmp_path: Path) -> None:
    """In the dataset's own fields; each has a name of its own."""
    file = FeedbackFile(tmp_path)
    assert file.add(said("Qual é o prazo?\nE a multa?", note="Falta\na página."))
    assert file.add(said("Qual é o prazo?\nE a multa?"))
    first, second = lines(tmp_path)
    assert first.pop("id") != second["id"]
    assert first == {
        "question": "Qual é o prazo?\nE a multa?",
        "language": "pt",
        "gold": [{"document": "d1", "name": "edital.pdf", "page": 2}],
        "verdict": "bad",
        "shown": [{"document": "d2", "name": "aviso.txt", "page": None}],
        "note": "Falta\na página.",
        "said_at": "2026-01-02T03:04:05+00:00",
    }


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    """Questions are nobody else's business."""
    file = FeedbackFile(tmp_path)
    file.add(said())
    assert file.path.stat().st_mode & 0o077 == 0


def test_what_is_kept_is_not_thrown_away_for_what_is_newer(tmp_path: Path) -> None:
    """A full file takes nothing more, whole or in part, until it is moved away."""
    FeedbackFile(tmp_path).add(said("Um?"))
    size = (tmp_path / "feedback" / "feedback.jsonl").stat().st_size
    file = FeedbackFile(tmp_path, most_bytes=2 * size)
    assert file.add(said("Er?"))
    assert not file.add(said("Três?"))
    assert [line["question"] for line in lines(tmp_path)] == ["Um?", "Er?"]
    file.path.rename(tmp_path / "kept.jsonl")
    assert file.add(said("Três?"))
    assert [line["question"] for line in lines(tmp_path)] == ["Três?"]


def test_a_line_that_was_cut_off_spoils_no_other(tmp_path: Path) -> None:
    """The power may fail in the middle of one."""
    file = FeedbackFile(tmp_path)
    file.add(said())
    with file.path.open("ab") as appended:
        appended.write(b'{"id": "said-')
    file.add(said("Depois?"))
    whole, cut, after = file.path.read_bytes().splitlines()
    assert json.loads(whole)["question"] == "Qual?"
    assert cut == b'{"id": "said-'
    assert json.loads(after)["question"] == "Depois?"


def test_many_at_once_are_each_whole(tmp_path: Path) -> None:
    """From several threads, each with its own idea of the file, as several servers have."""
    threads = [
        threading.Thread(target=lambda n=n: FeedbackFile(tmp_path).add(said(f"{n}?" * 4_000)))
        for n in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(line["question"][:2] for line in lines(tmp_path)) == sorted(f"{n}?"[:2] for n in range(12))


def test_what_does_not_fit_the_disk_leaves_no_half_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file stays as it was, and the next one finds it whole."""
    file = FeedbackFile(tmp_path)
    file.add(said())
    size = file.path.stat().st_size
    write = os.write

    def full(descriptor: int, written: bytes) -> int:
        if os.fstat(descriptor).st_size > size:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, written[:20])

    monkeypatch.setattr("os.write", full)
    with pytest.raises(OSError, match="No space"):
        file.add(said("Mais?"))
    assert file.path.stat().st_size == size


def test_what_is_not_text_is_kept_as_far_as_it_is(tmp_path: Path) -> None:
    """A lone surrogate, as JSON can carry it."""
    assert FeedbackFile(tmp_path).add(said("Qual\ud800?"))
    assert lines(tmp_path)[0]["question"] == "Qual??"


def test_a_folder_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    """Nothing is said to be kept that isn't."""
    (tmp_path / "feedback").touch()
    with pytest.raises(OSError, match="exists"):
        FeedbackFile(tmp_path).add(said())
