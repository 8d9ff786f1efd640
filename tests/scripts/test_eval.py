"""`scripts/eval` takes paths as the person sees them."""

from __future__ import annotations

from pathlib import Path

from scripts.commands.eval import located


def test_what_will_be_written_is_written_where_the_person_is(tmp_path: Path) -> None:
    """Though it isn't there yet."""
    assert located(["--output", "new.html", "--json=new.json"], tmp_path) == [
        "--output",
        str(tmp_path / "new.html"),
        f"--json={tmp_path / 'new.json'}",
    ]


def test_a_dataset_is_looked_for_where_the_person_is(tmp_path: Path) -> None:
    """Names of peers and what isn't there stay as they are."""
    (tmp_path / "mine").mkdir()
    assert located(["mine", "--against", "rrf", "nowhere"], tmp_path) == [
        str(tmp_path / "mine"),
        "--against",
        "rrf",
        "nowhere",
    ]


def test_models_are_no_paths(tmp_path: Path) -> None:
    """Whatever folders are called like them; files are named by their options."""
    for name in ("answers", "extractive"):
        (tmp_path / name).mkdir()
    assert located(
        ["answers", "--models", "extractive", "--questions", "q.jsonl", "--out=here"], tmp_path
    ) == [
        "answers",
        "--models",
        "extractive",
        "--questions",
        str(tmp_path / "q.jsonl"),
        f"--out={tmp_path / 'here'}",
    ]
