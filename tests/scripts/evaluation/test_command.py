"""The whole of it, as a person starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from database.feedback import Feedback, FeedbackFile, Place
from scripts.evaluation.dataset import read_dataset
from scripts.start.places import CLONE
from tests.database.fakes import write_pdf


def evaluation(*arguments: object, data_dir: Path | None = None) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if name not in ("DATA_DIR", "MONGODB_URI")}
    if data_dir:
        environ["DATA_DIR"] = str(data_dir)
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "scripts.evaluation", *map(str, arguments)],
        cwd=CLONE.root,
        env={**environ, "LANG": "en_US.UTF-8", "LC_ALL": "en_US.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    folder = tmp_path / "notices"
    (folder / "docs").mkdir(parents=True)
    decided = "O recurso vai ao conselho, que decide em sessão pública. Quem perde o prazo não recorre mais."
    write_pdf(
        folder / "docs" / "edital.pdf",
        "O objeto deste edital.",
        f"O prazo de recurso é de trinta dias. {decided}",
    )
    (folder / "docs" / "bolo.txt").write_text("As crianças comem bolo de cenoura na escola.")
    lines: list[dict[str, object]] = [
        {
            "id": "1",
            "question": "Qual é o prazo de RECURSO?",
            "gold": [{"name": "edital.pdf", "page": 2}],
            "answers": ["trinta dias"],
        },
        {"id": "2", "question": "O que as crianças comem?", "gold": [{"name": "bolo.txt"}]},
        {"id": "3", "question": "Quem pintou a Mona Lisa?", "answerable": False},
    ]
    written = [json.dumps({"language": "pt", **line}) for line in lines]
    (folder / "questions.jsonl").write_text("\n".join(written))
    return folder


def test_a_dataset_is_loaded_asked_and_compared(dataset: Path, tmp_path: Path) -> None:
    """Tables on the terminal, a page, and a record; and what is waited for is told."""
    output, record = tmp_path / "new" / "report.html", tmp_path / "record.json"
    asked = ("--against", "rrf,open-webui", "--without", "letters", "--cuts", "own-500,layout-chunks")
    done = evaluation(dataset, *asked, "--fold", "--answers", "--output", output, "--json", record)
    assert done.returncode == 0, done.stderr
    assert "| acervo · pt | 3 | 1.000 |" in done.stdout
    assert "| open-webui · pt | 3 | 1.000 |" in done.stdout
    assert "| own-500 · pt | 3 | 1.000 |" in done.stdout
    assert "| layout-chunks · pt | 3 | 0.500 |" in done.stdout, "text has no layout"
    for told in (
        "peers: documents: 2",
        "rrf: passages embedded: 3",
        "acervo: questions: 3",
        "quotations: questions: 3",
        "cuts: pages read: 3",
        "cuts: pages laid out: 3",
        "own-500: passages embedded: 3",
        "layout-chunks: passages embedded: 1",
    ):
        assert told in done.stderr
    assert "<h2><bdi>notices</bdi></h2>" in output.read_text()
    (told_of,) = json.loads(record.read_text())["datasets"]
    assert [one["name"] for one in told_of["pipelines"]] == [
        "acervo", "without letters", "rrf", "open-webui", "own-500", "layout-chunks",
    ]  # fmt: skip
    assert told_of["pipelines"][-2]["says"].endswith(": 3 passages")
    assert told_of["unread"] == ["bolo.txt"]
    assert told_of["misses"] == []
    assert "| pt | 3 | 1.000 | " in done.stdout.partition("| quotations |")[2]
    assert told_of["answers"]["given"]["1"]["text"].startswith("O prazo de recurso é de trinta dias. [1]")


def test_what_can_not_be_done_is_said_before_anything_is_loaded(dataset: Path, tmp_path: Path) -> None:
    """In a sentence, and nothing is replaced that isn't a report."""
    unknown = evaluation(dataset, "--against", "nobody")
    assert unknown.returncode == 2
    assert "'nobody' is not one of tutorial, open-webui" in unknown.stderr
    assert "is not one of own-500, own-1500" in evaluation(dataset, "--cuts", "small").stderr

    mine = tmp_path / "mine.html"
    mine.write_text("my page")
    kept = evaluation(dataset, "--output", mine)
    assert (kept.returncode, mine.read_text()) == (1, "my page")
    assert "Traceback" not in kept.stderr

    (dataset / "questions.jsonl").write_text("{}")
    bad = evaluation(dataset, "--output", tmp_path / "report.html")
    assert bad.returncode == 1
    assert "questions.jsonl, line 1: id: Field required." in bad.stderr
    assert "documents" not in bad.stdout


def test_what_people_marked_is_asked_of_their_own_collection(dataset: Path, tmp_path: Path) -> None:
    """Those with a right page are asked, and are a dataset's questions; the others are left to a person."""
    data_dir, output = tmp_path / "data", tmp_path / "out" / "report.html"
    marked = FeedbackFile(data_dir)
    none = evaluation("--feedback", "--output", output, data_dir=data_dir)
    assert (none.returncode, none.stdout) == (1, "")
    assert "no answer was marked yet" in none.stderr

    subprocess.run(  # noqa: S603
        [sys.executable, "-m", "database", "seed", dataset / "docs"],
        cwd=CLONE.root,
        env={**os.environ, "DATA_DIR": str(data_dir)},
        check=True,
        capture_output=True,
    )
    marked.add(said("Qual é o prazo de recurso?", ("edital.pdf", 2)))
    marked.add(said("Qual era o prazo?", ("gone.pdf", 2)))
    marked.add(said("O que as crianças comem?"))
    done = evaluation("--feedback", "--output", output, data_dir=data_dir)
    assert done.returncode == 0, done.stderr
    assert "2 documents, as they are in the collection" in done.stdout
    assert "| acervo · pt | 1 | 1.000 |" in done.stdout
    assert "Not asked, since their documents have left the collection: 1" in done.stdout
    assert "To complete: 1" in done.stdout
    assert "- O que as crianças comem? (bad; shown: bolo.txt)" in done.stdout
    assert "<h2><bdi>feedback</bdi></h2>" in output.read_text()

    written = (output.parent / "feedback-questions.jsonl").read_text().splitlines()
    (dataset / "questions.jsonl").write_text(written[0])
    (question,) = read_dataset(dataset).questions
    assert (question.question, [str(gold) for gold in question.gold]) == (
        "Qual é o prazo de recurso?", ["edital.pdf, page 2"],
    )  # fmt: skip

    for mixed in ((dataset,), ("--against", "rrf")):
        refused = evaluation("--feedback", *mixed, data_dir=data_dir)
        assert refused.returncode == 2
        assert "--feedback asks your own collection" in refused.stderr


def said(question: str, gold: tuple[str, int] | None = None) -> Feedback:
    """That the answer was bad, where the second document was shown."""
    return Feedback(
        question=question,
        language="pt",
        gold=(Place(document="d1", name=gold[0], page=gold[1]),) if gold else (),
        verdict="bad",
        shown=(Place(document="d2", name="bolo.txt", page=None),),
        note="",
        said_at="2026-01-02T03:04:05+00:00",
    )
