"""Stamps tell whether work was done for the content that is there now."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.start.stamps import Stamp, files_below, fingerprint


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.ts").write_text("a")
    (tmp_path / "b.json").write_text("b")
    return tmp_path


def test_the_same_content_has_the_same_fingerprint_wherever_it_lies(folder: Path, tmp_path: Path) -> None:
    """A clone that is moved is not prepared again."""
    other = tmp_path / "other"
    (other / "src").mkdir(parents=True)
    (other / "src" / "a.ts").write_text("a")

    assert fingerprint([folder / "src" / "a.ts"], root=folder) == fingerprint(
        [other / "src" / "a.ts"], root=other
    )


def test_a_changed_file_changes_the_fingerprint(folder: Path) -> None:
    """One byte is enough."""
    before = fingerprint(files_below(folder), root=folder)
    (folder / "src" / "a.ts").write_text("A")

    assert fingerprint(files_below(folder), root=folder) != before


def test_a_renamed_file_changes_the_fingerprint(folder: Path) -> None:
    """The names count, not the contents alone."""
    before = fingerprint(files_below(folder), root=folder)
    (folder / "b.json").rename(folder / "c.json")

    assert fingerprint(files_below(folder), root=folder) != before


def test_a_missing_file_is_not_an_empty_one(folder: Path) -> None:
    """A lock that is deleted is a change."""
    path = folder / "b.json"
    path.write_text("")
    empty = fingerprint([path], root=folder)
    path.unlink()

    assert fingerprint([path], root=folder) != empty


def test_settings_count_too_and_do_not_run_together(folder: Path) -> None:
    """`ab`, `c` is another setting than `a`, `bc`."""
    assert fingerprint([], root=folder, also=["ab", "c"]) != fingerprint([], root=folder, also=["a", "bc"])


def test_folders_of_other_peoples_files_are_left_out_at_any_depth(folder: Path) -> None:
    """The build does not depend on what it wrote."""
    for left_out in (folder / "dist", folder / "src" / "dist"):
        left_out.mkdir()
        (left_out / "main.js").write_text("x")

    names = {path.name for path in files_below(folder, without=frozenset({"dist"}))}

    assert names == {"a.ts", "b.json"}


def test_a_folder_that_is_not_there_holds_no_files(tmp_path: Path) -> None:
    """A clone without documents has nothing to seed."""
    assert files_below(tmp_path / "nowhere") == []


def test_a_stamp_fits_only_what_it_was_put_for(tmp_path: Path) -> None:
    """Before, for something else, and after its removal it does not fit."""
    stamp = Stamp(tmp_path / "deep" / "stamp")
    assert not stamp.fits("one")

    stamp.put("one")
    assert stamp.fits("one")
    assert not stamp.fits("two")

    stamp.remove()
    assert not stamp.fits("one")
