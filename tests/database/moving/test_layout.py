"""The file's columns."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path

import pyarrow as pa
import pytest

from database.moving import layout
from database.records import Box, Chunk, Description, Document, PageState, Place

ROOT = Path(__file__).parents[3]


def test_it_says_by_which_version_it_was_written() -> None:
    """The one that the project declares."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert layout.MADE_BY.lower() == f"{project['name']} {project['version']}"


@pytest.mark.parametrize(("record", "derived"), [(Document, {"id", "renewed"}), (Chunk, {"id"})])
def test_every_field_of_a_record_has_its_column(record: type, derived: set[str]) -> None:
    """A field that is added later would be lost without one; a file has one set of vectors, none half-way."""
    assert {field.name for field in fields(record)} - derived <= set(layout.SCHEMA.names)


@pytest.mark.parametrize(
    ("record", "column"),
    [
        (PageState, layout.SCHEMA.field("state").type),
        (Description, layout.SCHEMA.field("described").type),
        (Place, layout.SCHEMA.field("copies").type.value_type),
        (Box, layout.SCHEMA.field("boxes").type.value_type),
    ],
)
def test_every_field_of_what_a_column_holds_is_in_it(record: type, column: pa.StructType) -> None:
    """In whatever order."""
    held = {column.field(index).name for index in range(column.num_fields)}
    assert {field.name for field in fields(record)} == held
