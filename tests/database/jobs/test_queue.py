"""Jobs on the disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from database.jobs.queue import Job, Queue, document_id, new_job_id, write_whole
from database.load.sources import Source


def a_job(name: str = "a.pdf") -> Job:
    return Job(
        id=new_job_id(),
        action="load",
        document="d",
        address=f"/{name}",
        name=name,
        fresh=True,
        queued_at="now",
    )


def test_jobs_come_back_in_their_order(tmp_path: Path) -> None:
    """From another process's queue, too."""
    written = [a_job(f"{n} ç \udcff.pdf") for n in range(20)]
    for job in written:
        Queue(tmp_path / "jobs").write(job)
    assert Queue(tmp_path / "jobs").jobs() == written


def test_a_job_is_replaced_and_removed(tmp_path: Path) -> None:
    """By its id; removing it twice is removing it once."""
    queue, job = Queue(tmp_path), a_job()
    queue.write(job)
    assert queue.jobs() == [job]
    tried = replace(job, attempts=1, failed="broken")
    queue.write(tried)
    assert Queue(tmp_path).jobs() == [tried]
    queue.remove(job.id)
    queue.remove(job.id)
    assert queue.jobs() == []


def test_a_queue_that_nobody_wrote_to_is_empty(tmp_path: Path) -> None:
    """And looking at it makes nothing."""
    assert Queue(tmp_path / "none").jobs() == []
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"id": "a"}', '{"id": "\ud800"}', "null"], ids=range(6))
def test_what_is_no_job_is_left_out(tmp_path: Path, text: str) -> None:
    """The others are done all the same."""
    queue, job = Queue(tmp_path), a_job()
    queue.write(job)
    (tmp_path / "0.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    (tmp_path / "1.json").write_text('{"action": "explode", "failed": null}')
    (tmp_path / "notes.txt").write_text("x")
    assert queue.jobs() == [job]


def test_ids_are_those_of_the_loader() -> None:
    """A client is told the id before its document is loaded."""
    for address in ("/data/uploads/files/ab/ç.pdf", "https://example.org/a?b#c"):
        assert document_id(address) == Source(address=address, name="x").document_id


def test_a_file_that_could_not_be_written_leaves_nothing(tmp_path: Path) -> None:
    """Neither a part of it nor what was there before in pieces."""
    place = tmp_path / "a"
    place.write_text("before")
    with pytest.raises(OSError, match="full"):
        write_whole(place, lambda _: (_ for _ in ()).throw(OSError("full")))
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert place.read_text() == "before"
