"""What a worker does while it holds the store: several jobs at once, one of a document."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime

from database.collection import Storage
from database.errors import Reason
from database.jobs.bell import Bell
from database.jobs.progress import Tell
from database.jobs.queue import Job, Queue
from database.load.pipeline import Loader
from database.load.sources import Source
from database.records import DEFAULT_LIBRARY, UNDESCRIBED, Document

# Each takes the memory of its document; the pages of one are converted on all cores already. Documents whose
# text is stored don't count: who sends one more would wait for their vectors before it is found.
LOADS_AT_ONCE = 4


class Agenda:
    """The jobs that are to be done."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._removed: set[str] = set()  # they are done, and the server hasn't taken them out yet

    async def jobs(self) -> list[Job]:
        """The oldest first; without loads that a later removal makes needless."""
        jobs = await asyncio.to_thread(self._queue.jobs)
        self._removed &= {job.id for job in jobs}
        last_removal = {job.document: job.id for job in jobs if job.action == "remove"}
        return [
            job
            for job in jobs
            if job.id not in self._removed
            and (job.action == "remove" or job.id > last_removal.get(job.document, ""))
        ]

    async def wants(self, job: Job) -> bool:
        return job.id in {open_.id for open_ in await self.jobs()}

    async def done(self, job: Job) -> None:
        if job.action == "remove":
            self._removed.add(job.id)
        else:
            await asyncio.to_thread(self._queue.remove, job.id)


class Shift:
    """What is done while the store is open and claimed: several jobs at once, one of a document."""

    def __init__(
        self,
        storage: Storage,
        agenda: Agenda,
        bell: Bell,
        tell: Tell,
        loader_for: Callable[[Tell], Coroutine[None, None, Loader]],
    ) -> None:
        self._storage = storage
        self._agenda = agenda
        self._bell = bell
        self._tell = tell
        self._loader_for = loader_for
        self._running: dict[str, tuple[Job, asyncio.Task[None]]] = {}
        self._ending: set[str] = set()
        self._stored: set[str] = set()  # jobs whose document is found by its text
        self._removed_any = False

    async def work_off(self) -> None:
        """Raises what a job raises that isn't a fault of its document."""
        heard = asyncio.create_task(self._bell.heard())
        try:
            while not self._bell.closed:
                jobs = await self._agenda.jobs()
                self._stop_unwanted({job.id for job in jobs})
                self._begin(jobs)
                if not self._running:
                    return
                tasks = {task for _, task in self._running.values()}
                await asyncio.wait({heard, *tasks}, return_when=asyncio.FIRST_COMPLETED)
                if heard.done():
                    heard = asyncio.create_task(self._bell.heard())
                self._running = {
                    d: (job, task) for d, (job, task) in self._running.items() if not task.done()
                }
                ended = [task for task in tasks if task.done() and not task.cancelled()]
                if errors := [error for task in ended if (error := task.exception())]:
                    raise errors[0]
        finally:
            heard.cancel()
            await asyncio.gather(heard, return_exceptions=True)

    async def end(self) -> None:
        """What is under way is given up, and stays in the queue."""
        tasks = [task for _, task in self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def clean_up(self) -> None:
        """Forget the bytes that no document has any more. Nothing may be under way."""
        if self._removed_any:
            kept = frozenset(document.sha256 for document in await self._storage.store.documents())
            await self._storage.files.keep_only(kept)

    def _stop_unwanted(self, wanted: set[str]) -> None:
        """Once: what it does then is not to be interrupted."""
        for job, task in self._running.values():
            if job.id not in wanted and job.id not in self._ending:
                self._ending.add(job.id)
                task.cancel()

    def _begin(self, jobs: list[Job]) -> None:
        """A document that a process died of is loaded alone, so that no other is blamed for it."""
        loading = [job for job, _ in self._running.values() if job.action == "load"]
        for job in sorted(jobs, key=lambda job: (job.attempts > 0, job.id)):
            if job.document in self._running:
                continue
            if job.action != "load":
                act = self._remove if job.action == "remove" else self._describe
                self._running[job.document] = (job, asyncio.create_task(act(job)))
                continue
            alone = job.attempts or any(other.attempts for other in loading)
            reading = [other for other in loading if other.id not in self._stored]
            if not loading if alone else len(reading) < LOADS_AT_ONCE:
                loading.append(job)
                self._running[job.document] = (job, asyncio.create_task(self._load(job)))

    async def _remove(self, job: Job) -> None:
        self._removed_any |= await self._storage.store.delete(job.document)
        await self._agenda.done(job)
        self._tell({"job": job.id, "status": "removed"})

    async def _describe(self, job: Job) -> None:
        """What its title stood before is embedded anew later, and found by full text meanwhile."""
        loader = await self._loader_for(self._teller(job))
        self._ending.add(job.id)
        await loader.describe(job.document, job.described or UNDESCRIBED)
        await self._agenda.done(job)
        self._tell({"job": job.id, "status": "described"})

    def _teller(self, job: Job) -> Tell:
        def tell(record: dict[str, object]) -> None:
            if record["status"] == "embedding" and job.id not in self._stored:
                self._stored.add(job.id)
                self._bell.ring()  # another can begin
            self._tell({"job": job.id, **record})

        return tell

    async def _load(self, job: Job) -> None:
        try:
            outcome = await (self._record_failure(job, job.failed) if job.failed else self._loaded(job))
        except asyncio.CancelledError:
            if self._bell.closed or await self._agenda.wants(job):
                raise
            outcome = {}
        self._ending.add(job.id)
        if await self._agenda.wants(job):
            await self._agenda.done(job)
            self._tell({"job": job.id, **outcome})
            return
        if job.fresh:  # cancelled, and it may have been too late for that
            self._removed_any |= await self._storage.store.delete(job.document)
        self._tell({"job": job.id, "status": "cancelled"})

    async def _loaded(self, job: Job) -> dict[str, object]:
        self._tell({"job": job.id, "status": "converting", "pages": None, "pages_done": 0})
        loader = await self._loader_for(self._teller(job))
        source = Source(address=job.address, name=job.name, described=job.described)
        summary = await loader.load([source])
        if summary.failed:
            _, error = summary.failed[0]
            return {"status": "failed", "code": error.reason}
        document = await self._storage.store.document_at(job.address, source.library)
        return {
            "status": "ready",
            "pages": document.pages if document else None,
            "passages": document.passages if document else 0,
            "passages_done": document.prepared if document else 0,
            "unchanged": not summary.loaded,
            "document": document.id if document else job.document,
        }

    async def _record_failure(self, job: Job, reason: Reason) -> dict[str, object]:
        """A version that was loaded before stays as it is, and findable."""
        now = datetime.now(UTC)
        before = await self._storage.store.document(job.document)
        failed = (
            replace(before, status="failed", error=reason, updated_at=now)
            if before
            else Document(
                id=job.document,
                name=job.name,
                source=job.address,
                sha256="",
                media_type="",
                pages=None,
                title="",
                language="",
                library=DEFAULT_LIBRARY,
                owner="",
                status="failed",
                error=reason,
                pipeline="",
                version=0,
                created_at=now,
                updated_at=now,
            )
        )
        await self._storage.store.record(failed)
        return {"status": "failed", "code": reason}
