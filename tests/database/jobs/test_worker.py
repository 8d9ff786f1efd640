"""The worker: real files and a real store, an embedder that waits where it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from database.collection import open_storage
from database.errors import EmbedderUnavailable, Reason
from database.jobs.bell import Bell
from database.jobs.queue import Action, Job, Places, Queue, document_id, new_job_id
from database.jobs.shift import LOADS_AT_ONCE
from database.jobs.worker import Worker
from database.messages import Messages
from database.records import Description, Scope
from database.settings import Settings
from database.stores.base import Vectors
from tests.database.fakes import AnotherEmbedder, WordsEmbedder, chunks, document


class WaitingEmbedder(WordsEmbedder):
    """Texts that hold "slow" are never embedded; with "bug", an error that nobody expects is raised."""

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        if any("slow" in text for text in texts):
            await asyncio.Event().wait()
        if any("bug" in text for text in texts):
            raise ZeroDivisionError
        return await super().embed_documents(texts)


@dataclass
class Desk:
    """A folder of files, a queue, and what was told of it."""

    settings: Settings
    bell: Bell = field(default_factory=Bell)
    told: list[dict[str, Any]] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def queue(self) -> Queue:
        return Queue(Places(self.settings.data_dir).jobs)

    def job(self, name: str, action: Action = "load", **changes: Any) -> Job:
        path = self.settings.data_dir / name
        if not path.exists():
            path.write_text(f"# {name}\n\nThe text of {name}.", encoding="utf-8")
        job = Job(
            id=new_job_id(), action=action, document=document_id(str(path)), address=str(path), name=name,
            fresh=True, queued_at="",
        )  # fmt: skip
        job = replace(job, **changes)
        self.queue.write(job)
        self.bell.ring()
        return job

    def tell(self, record: dict[str, Any]) -> None:
        self.told.append(record)
        self.heard.set()

    async def until(self, job: Job | None, **wanted: Any) -> dict[str, Any]:
        """Wait for a record with these values."""
        async with asyncio.timeout(8):
            while True:
                for record in self.told:
                    if (job is None or record.get("job") == job.id) and wanted.items() <= record.items():
                        return record
                self.heard.clear()
                await self.heard.wait()

    @asynccontextmanager
    async def working(self, **changes: Any) -> AsyncIterator[asyncio.Task[None]]:
        options: dict[str, Any] = {
            "load_embedder": lambda _: WaitingEmbedder(),
            "idle_seconds": 20.0,
            "retry_seconds": 0.05,
            **changes,
        }
        worker = Worker(self.settings, Messages("en"), bell=self.bell, tell=self.tell, **options)
        running = asyncio.create_task(worker.run())
        try:
            yield running
        finally:
            self.bell.close()
            await asyncio.wait({running})

    async def names(self) -> list[tuple[str, str]]:
        async with open_storage(self.settings) as storage:
            return [(document.name, document.status) for document in await storage.store.documents()]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(Settings.load(_env_file=None, data_dir=tmp_path, mongodb_uri=None, embedding_model="words"))


async def test_what_is_queued_is_loaded_told_and_taken_out(desk: Desk) -> None:
    """A failure with its reason; what hasn't changed as such."""
    good, empty, gone = desk.job("good.md"), desk.job("empty.md"), desk.job("gone.md")
    Path(empty.address).write_bytes(b"")
    Path(gone.address).unlink()
    async with desk.working():
        assert await desk.until(good, status="ready") == {
            "job": good.id, "status": "ready", "pages": None, "unchanged": False, "document": good.document,
            "passages": 1, "passages_done": 1,
        }  # fmt: skip
        assert (await desk.until(empty, status="failed"))["code"] == "empty"
        assert (await desk.until(gone, status="failed"))["code"] == "missing"
        again = desk.job("good.md")
        assert (await desk.until(again, status="ready"))["unchanged"] is True
    assert desk.queue.jobs() == []
    assert await desk.names() == [("empty.md", "failed"), ("gone.md", "failed"), ("good.md", "ready")]


async def test_another_model_takes_over_while_nothing_else_is_to_be_done(desk: Desk) -> None:
    """Also where nothing was queued; what is loaded meanwhile comes along."""
    async with desk.working():
        await desk.until(desk.job("a.md"), status="ready")
    another = Desk(desk.settings.model_copy(update={"embedding_model": "another"}))
    async with another.working(load_embedder=lambda _: AnotherEmbedder()):
        await another.until(another.job("b.md"), status="ready")
        async with asyncio.timeout(10), open_storage(desk.settings) as storage:
            while await storage.store.answering() != "another":
                await asyncio.sleep(0.05)
    assert await another.names() == [("a.md", "ready"), ("b.md", "ready")]


async def test_the_store_is_free_when_nothing_is_to_be_done(desk: Desk) -> None:
    """Whoever loads from a terminal needn't wait for a worker that has nothing to do."""
    job = desk.job("a.md")
    async with desk.working():
        await desk.until(job, status="ready")
        async with asyncio.timeout(10), open_storage(desk.settings) as storage:
            while True:
                try:
                    await storage.store.claim()
                    break
                except Exception:  # noqa: BLE001 - it is being let go of
                    await asyncio.sleep(0.02)


async def test_a_writer_is_waited_for_and_costs_no_document(desk: Desk) -> None:
    """It is told once more when that is over."""
    job = desk.job("a.md")
    async with desk.working():
        async with open_storage(desk.settings) as storage:
            await storage.store.claim()
            desk.told.clear()
            later = desk.job("b.md")
            await desk.until(None, waiting="store_busy")
        await desk.until(None, waiting=None)
        await desk.until(job, status="ready")
        await desk.until(later, status="ready")
    assert await desk.names() == [("a.md", "ready"), ("b.md", "ready")]


async def test_a_model_that_cannot_be_loaded_is_waited_for(desk: Desk) -> None:
    """Removing needs none."""

    class Unavailable(WordsEmbedder):
        async def embed_documents(self, texts: Sequence[str]) -> Vectors:
            raise EmbedderUnavailable("embedder_unloadable")

    job = desk.job("a.md")
    async with desk.working(load_embedder=lambda _: Unavailable()):
        await desk.until(None, waiting="embedder_unavailable")
        removal = desk.job("z.md", "remove")
        await desk.until(removal, status="removed")
    assert [left.id for left in desk.queue.jobs()] == [job.id, removal.id]


async def test_what_is_taken_back_is_cancelled(desk: Desk) -> None:
    """Nothing of it stays, and the others go on."""
    slow = desk.job("slow.md")
    async with desk.working():
        await desk.until(slow, status="embedding")
        other = desk.job("other.md")
        desk.queue.remove(slow.id)
        desk.bell.ring()
        await desk.until(slow, status="cancelled")
        await desk.until(other, status="ready")
    assert await desk.names() == [("other.md", "ready")]


async def test_a_removal_ends_what_loads_it_and_leaves_no_bytes(desk: Desk) -> None:
    """And what comes after it is loaded anew."""
    kept, slow = desk.job("kept.md"), desk.job("slow.md")
    async with desk.working():
        await desk.until(kept, status="ready")
        await desk.until(slow, status="embedding")
        removal = desk.job("slow.md", "remove")
        await desk.until(removal, status="removed")
        assert removal.id in [job.id for job in desk.queue.jobs()], "the server has something to do yet"
        desk.queue.remove(slow.id)
        gone = desk.job("kept.md", "remove")
        await desk.until(gone, status="removed")
        desk.queue.remove(removal.id)
        desk.queue.remove(gone.id)
        again = desk.job("kept.md")
        await desk.until(again, status="ready", unchanged=False)
    assert await desk.names() == [("kept.md", "ready")]
    assert len([path for path in (desk.settings.data_dir / "files").rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize("reason", ["broken", "too_much_memory"])
async def test_what_was_given_up_is_noted_as_failed(desk: Desk, reason: Reason) -> None:
    """Without being tried."""
    job = desk.job("slow.md", attempts=2, failed=reason)
    async with desk.working():
        assert (await desk.until(job, status="failed"))["code"] == reason
    async with open_storage(desk.settings) as storage:
        document = await storage.store.document(job.document)
    assert document is not None
    assert (document.name, document.error, document.version) == ("slow.md", reason, 0)


async def test_what_a_process_died_of_is_loaded_alone(desk: Desk) -> None:
    """No other document is blamed when it dies again."""
    suspect, other = desk.job("slow.md", attempts=1), desk.job("other.md")
    async with desk.working():
        await desk.until(suspect, status="embedding")
        late = desk.job("late.md")
        await asyncio.sleep(0.3)
    ready = desk.told.index(await desk.until(other, status="ready"))
    begun = desk.told.index(await desk.until(suspect, status="converting"))
    assert ready < begun
    assert late.id not in {record.get("job") for record in desk.told}


async def test_what_waits_for_vectors_keeps_no_other_from_being_found(desk: Desk) -> None:
    """However many documents are being embedded, the text of one more is read at once."""
    before = [desk.job(f"slow-{number}.md") for number in range(LOADS_AT_ONCE)]
    async with desk.working():
        for job in before:
            await desk.until(job, status="embedding")
        await desk.until(desk.job("one more.md"), status="embedding")


async def test_an_error_that_nobody_expects_ends_it(desk: Desk) -> None:
    """The server counts what it was at, and starts another."""
    job = desk.job("bug.md")
    async with desk.working() as running:
        await asyncio.wait({running}, timeout=30)
        assert isinstance(running.exception(), ZeroDivisionError)
    assert [left.id for left in desk.queue.jobs()] == [job.id]


async def test_it_ends_when_nothing_comes(desk: Desk) -> None:
    """The models take a gigabyte."""
    async with desk.working(idle_seconds=0.05) as running:
        async with asyncio.timeout(5):
            await running


async def test_it_stops_in_the_middle_and_goes_on_later(desk: Desk) -> None:
    """What it was at stays in the queue, and its text is found meanwhile."""
    slow = desk.job("slow.md")
    async with desk.working() as running:
        await desk.until(slow, status="embedding")
        desk.bell.close()
        async with asyncio.timeout(10):
            await running
    assert [left.id for left in desk.queue.jobs()] == [slow.id]
    assert await desk.names() == [("slow.md", "embedding")]


async def test_what_is_said_of_a_document_is_noted_and_found(desk: Desk) -> None:
    """As the next version of it; what isn't there isn't described."""
    job = desk.job("a.md")
    async with desk.working():
        await desk.until(job, status="ready")
        described = Description(title="Regimento dos bolsistas", tags=("pesquisa",))
        change = desk.job("a.md", "describe", described=described)
        await desk.until(change, status="described")
        nothing = desk.job("none.md", "describe", described=described)
        await desk.until(nothing, status="described")
    assert desk.queue.jobs() == []
    async with open_storage(desk.settings) as storage:
        document = await storage.store.document(job.document)
        hits = await storage.store.search_text("bolsistas", "pt", Scope(), 5)
    assert document is not None
    assert (document.described, document.title) == (described, "Regimento dos bolsistas")
    assert [hit.chunk.document_id for hit in hits] == [job.document]


async def test_a_document_is_described_as_it_is_loaded(desk: Desk) -> None:
    """And described anew when the same bytes are sent again with other words."""
    first = desk.job("a.md", described=Description(tags=("um",)))
    async with desk.working():
        await desk.until(first, status="ready")
        second = desk.job("a.md", described=Description(tags=("dois",)))
        assert (await desk.until(second, status="ready"))["unchanged"] is True
    async with open_storage(desk.settings) as storage:
        document = await storage.store.document(first.document)
    assert document is not None
    assert document.described.tags == ("dois",)


async def test_what_another_process_left_unfinished_is_finished(desk: Desk) -> None:
    """Without being asked: the text that it found is embedded."""
    async with open_storage(desk.settings) as storage:
        of = document("a")
        await storage.store.put(of, chunks(of, "prazo"))
    async with desk.working(), asyncio.timeout(8):
        while ("a.pdf", "ready") not in await desk.names():
            await asyncio.sleep(0.05)


async def test_the_same_bytes_from_another_place_say_where_they_are(desk: Desk) -> None:
    """They aren't loaded twice."""
    first, second = desk.job("a.md"), desk.job("b.md")
    Path(second.address).write_bytes(Path(first.address).read_bytes())
    async with desk.working():
        told = [await desk.until(job, status="ready") for job in (first, second)]
    assert len({record["document"] for record in told}) == 1
    assert sorted(record["unchanged"] for record in told) == [False, True]
