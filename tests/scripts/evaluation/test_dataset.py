"""Datasets are read whole, or refused with the line and what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.evaluation.dataset import DatasetError, Gold, read_dataset, read_manual

GOOD = {"id": "1", "question": "Qual?", "language": "pt", "gold": [{"name": "a.txt", "page": None}]}


def dataset(folder: Path, *lines: object) -> Path:
    """A folder with one document, and these lines: text as it is, anything else as JSON."""
    (folder / "docs" / "deeper").mkdir(parents=True)
    (folder / "docs" / "deeper" / "a.txt").write_text("Um texto.")
    written = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    (folder / "questions.jsonl").write_text("\n".join(written))
    return folder


def test_a_line_is_a_question(tmp_path: Path) -> None:
    """Answerable unless it says otherwise; empty lines and fields of one's own don't matter."""
    read = read_dataset(
        dataset(
            tmp_path,
            {**GOOD, "note": "mine"},
            "",
            {**GOOD, "id": "2", "gold": [], "answerable": False},
        )
    )
    assert [(one.id, one.answerable, len(one.gold)) for one in read.questions] == [
        ("1", True, 1),
        ("2", False, 0),
    ]
    assert read.name == tmp_path.name


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "Invalid JSON"),
        ("\udcff", "Invalid JSON"),
        ({**GOOD, "language": None}, "language: Input should be a valid string"),
        ({key: value for key, value in GOOD.items() if key != "question"}, "question: Field required"),
        ({**GOOD, "gold": [{"name": "a.txt", "page": "6"}]}, "gold.0.page: Input should be a valid integer"),
        ({**GOOD, "gold": [{"name": "a.txt", "page": 0}]}, "greater than or equal to 1"),
        ({**GOOD, "gold": []}, 'write "answerable": false'),
        ({**GOOD, "answerable": False}, "Leave out one of them"),
        ({**GOOD, "gold": [{"name": "b.txt"}]}, "'b.txt', and no document in docs/ is called so"),
        ({**GOOD, "id": "first"}, "the id 'first' is another question's"),
    ],
)
def test_a_bad_line_is_told_with_its_number(tmp_path: Path, line: object, words: str) -> None:
    """Before anything is loaded."""
    folder = dataset(tmp_path, {**GOOD, "id": "first"}, "", "replaced")
    written = line if isinstance(line, str) else json.dumps(line)
    file = folder / "questions.jsonl"
    file.write_bytes(file.read_bytes().replace(b"replaced", written.encode(errors="surrogateescape")))
    with pytest.raises(DatasetError) as refused:
        read_dataset(folder)
    assert "questions.jsonl, line 3: " in str(refused.value)
    assert words in str(refused.value)
    assert "docs/evaluation.md" in str(refused.value)


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    """The folder, its documents, its questions."""
    with pytest.raises(DatasetError, match="there is no such folder"):
        read_dataset(tmp_path / "nowhere")
    with pytest.raises(DatasetError, match="docs: no documents are there"):
        read_dataset(tmp_path)
    folder = dataset(tmp_path / "some")
    with pytest.raises(DatasetError, match="holds no question"):
        read_dataset(folder)
    (folder / "questions.jsonl").unlink()
    with pytest.raises(DatasetError, match=r"questions.jsonl: it can't be read \(No such file"):
        read_dataset(folder)


def test_a_name_is_the_documents_own() -> None:
    """With its folder or without, and never the end of another name."""
    gold = Gold(name="a.pdf")
    assert gold.names("a.pdf")
    assert gold.names("deeper/a.pdf")
    assert not gold.names("data.pdf")
    assert not Gold(name="other/a.pdf").names("deeper/a.pdf")


def test_the_manual_is_a_dataset() -> None:
    """In the three languages, each question with its page."""
    assert {one.language for one in read_manual().questions} == {"pt", "es", "en"}


def test_a_part_is_taken_evenly(tmp_path: Path) -> None:
    """Questions of one kind stand together in many files."""
    lines = [{**GOOD, "id": str(n)} for n in range(10)]
    read = read_dataset(dataset(tmp_path, *lines))
    assert [one.id for one in read.limited(4).questions] == ["0", "2", "5", "7"]
    assert read.limited(99) == read
