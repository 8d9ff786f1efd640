"""The file's columns."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from database.moving import layout
from database.records import Chunk, Document

ROOT = Path(__file__).parents[3]


def test_it_says_by_which_version_it_was_written() -> None:
    """The one that the project declares."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert layout.MADE_BY.lower() == f"{project['name']} {project['version']}"


@pytest.mark.parametrize(("record", "derived"), [(Document, {"id"}), (Chunk, {"id"})])
def test_every_field_of_a_record_has_its_column(record: type, derived: set[str]) -> None:
    """A field that is added later would be lost without one."""
    assert {field.name for field in fields(record)} - derived <= set(layout.SCHEMA.names)
