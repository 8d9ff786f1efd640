"""The documents of the clone are loaded once, and again when they or their treatment change."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.start.seeding import seed
from tests.scripts.fakes import FakeClone


def test_documents_are_loaded_once(clone: FakeClone) -> None:
    """The second start does not even load the embedding model."""
    seed(clone.places, clone.tools, {})
    seed(clone.places, clone.tools, {})

    assert len(clone.calls("-m database seed")) == 1


@pytest.mark.parametrize("path", ["database/pdf/new.pdf", "database/load/split.py", "requirements.txt"])
def test_a_new_document_or_another_treatment_loads_again(clone: FakeClone, path: str) -> None:
    """What shapes the collection is part of the stamp."""
    seed(clone.places, clone.tools, {})
    (clone.root / path).parent.mkdir(exist_ok=True)
    (clone.root / path).write_text("new")

    seed(clone.places, clone.tools, {})

    assert len(clone.calls("-m database seed")) == 2


def test_another_database_or_folder_loads_again(clone: FakeClone) -> None:
    """Each collection has a stamp of its own."""
    for settings in ({}, {"MONGODB_DATABASE": "other"}, {"DATA_DIR": "elsewhere"}):
        seed(clone.places, clone.tools, settings)

    assert len(clone.calls("-m database seed")) == 3
    assert (clone.root / "elsewhere").is_dir()


def test_another_model_keeps_nobody_waiting(clone: FakeClone) -> None:
    """The server answers with the one that there was, and embeds anew in the background."""
    for settings in ({}, {"EMBEDDING_MODEL": "other"}):
        seed(clone.places, clone.tools, settings)

    assert len(clone.calls("-m database seed")) == 1


def test_compiled_python_is_no_change(clone: FakeClone) -> None:
    """The first start writes it."""
    seed(clone.places, clone.tools, {})
    (clone.root / "database" / "__pycache__").mkdir()
    (clone.root / "database" / "__pycache__" / "a.pyc").write_text("x")

    seed(clone.places, clone.tools, {})

    assert len(clone.calls("-m database seed")) == 1


def test_a_broken_document_is_told_and_stops_nothing(clone: FakeClone) -> None:
    """The others can be asked, and the next start tries again."""
    clone.refuse("database seed", "broken.pdf: not a PDF")
    for _ in range(2):
        seed(clone.places, clone.tools, {})

    assert len(clone.calls("-m database seed")) == 2
    assert "broken.pdf: not a PDF" in clone.err.getvalue()
    assert "the others can be asked" in clone.out.getvalue()


def test_a_clone_without_documents_loads_none(clone: FakeClone) -> None:
    """Nothing is started for nothing."""
    Path(clone.places.seed_documents / "manual.pdf").unlink()

    seed(clone.places, clone.tools, {})

    assert clone.calls() == []
