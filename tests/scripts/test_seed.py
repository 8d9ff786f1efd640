"""`scripts/seed` takes paths as the person sees them."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.commands.seed import absolute


@pytest.mark.parametrize("argument", ["--prune", "https://example.org/a.pdf", "missing.pdf"])
def test_what_is_no_path_stays_as_it_is(argument: str, tmp_path: Path) -> None:
    """Options, addresses, and paths that the loader itself is to refuse."""
    assert absolute(argument, tmp_path) == argument


def test_a_path_is_seen_from_where_the_person_is(tmp_path: Path) -> None:
    """Not from the clone."""
    (tmp_path / "mine.pdf").touch()

    assert absolute("mine.pdf", tmp_path) == str(tmp_path / "mine.pdf")
