"""The whole of it, as a person starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.start.places import CLONE
from tests.database.fakes import write_pdf


def evaluation(*arguments: object) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if name not in ("DATA_DIR", "MONGODB_URI")}
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
        {"id": "1", "question": "Qual é o prazo de RECURSO?", "gold": [{"name": "edital.pdf", "page": 2}]},
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
    done = evaluation(dataset, *asked, "--fold", "--output", output, "--json", record)
    assert done.returncode == 0, done.stderr
    assert "| acervo · pt | 3 | 1.000 |" in done.stdout
    assert "| open-webui · pt | 3 | 1.000 |" in done.stdout
    assert "| own-500 · pt | 3 | 1.000 |" in done.stdout
    assert "| layout-chunks · pt | 3 | 0.500 |" in done.stdout, "text has no layout"
    for told in (
        "peers: documents: 2",
        "rrf: passages embedded: 3",
        "acervo: questions: 3",
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
