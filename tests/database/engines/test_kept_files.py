"""A machine's folder of files that were sent to it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from database.engines.kept_files import KeptFiles

_DATA = np.frombuffer(b"a document", dtype=np.uint8)


def test_actors_of_one_machine_share_a_folder_until_the_last_one_closes_it(tmp_path: Path) -> None:
    """What one wrote, the other finds."""
    one, other = KeptFiles("run", under=tmp_path), KeptFiles("run", under=tmp_path)
    path = one.keep("a.pdf", _DATA)
    assert path.read_bytes() == b"a document"
    assert other.keep("a.pdf", _DATA[:1]) == path
    assert path.read_bytes() == b"a document"
    one.close()
    assert path.exists()
    other.drop("a.pdf")
    other.drop("a.pdf")
    assert not path.exists()
    other.close()
    assert list(tmp_path.iterdir()) == []


def test_what_a_dead_run_left_behind_is_removed_and_a_live_one_left_alone(tmp_path: Path) -> None:
    """Documents don't stay on other machines when a loader is killed."""
    left = tmp_path / "acervo-ray-dead"
    left.mkdir()
    (left / "a.pdf").write_bytes(b"x")
    (tmp_path / "another program's").mkdir()
    live = KeptFiles("live", under=tmp_path)
    path = live.keep("a.pdf", _DATA)
    own = KeptFiles("own", under=tmp_path)
    assert not left.exists()
    assert path.exists()
    assert (tmp_path / "another program's").exists()
    own.close()
    live.close()
