"""Works off the queue: the one process that writes to the collection for a server.

What it does is told in records, each about one job or about all of them:

    {"job": ID, "status": "converting" | "embedding",
     "pages": N, "pages_done": N, "passages": N, "passages_done": N}
    {"job": ID, "status": "ready", "pages": N | null, "unchanged": true | false, "document": ID}
    {"job": ID, "status": "failed", "code": REASON}
    {"job": ID, "status": "cancelled" | "removed" | "described"}
    {"waiting": "store_busy" | "store_unavailable" | "embedder_unavailable" | null}

While it is `embedding`, a document is found by full text; `document` is where its bytes are, which can have
been in the collection from elsewhere. What is ready is laid out when nothing else is to be done, in turns
between which others may write.

A job that is loaded, described, failed or cancelled is taken out of the queue before its last record; one
that removes a document stays until the server takes it out, with the bytes that belonged to the document.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

from database.asked import AskedPages
from database.collection import Storage, open_storage
from database.embedders.apart import EmbedderApart
from database.embedders.base import PassageEmbedder
from database.errors import EmbedderUnavailable, Reason, StoreBusy, StoreError, StoreUnavailable
from database.jobs.bell import Bell
from database.jobs.progress import JobProgress, Tell
from database.jobs.queue import Job, Places, Queue
from database.load.convert import prepare
from database.load.pipeline import Loader
from database.load.sources import Source
from database.load.web.addresses import Policy
from database.load.web.pages import open_pages
from database.messages import Messages
from database.records import DEFAULT_LIBRARY, UNDESCRIBED, Document
from database.settings import Settings
from database.workers import Workers

# Each takes the memory of its document; the pages of one are converted on all cores already. Documents whose
# text is stored don't count: who sends one more would wait for their vectors before it is found.
LOADS_AT_ONCE = 4
_EMBEDDED_AT_ONCE = 4  # documents whose passages are in memory

REST_SECONDS = 60.0  # then the embedding model's memory is worth more than the seconds to load it again
IDLE_SECONDS = 600.0  # then so is the process's; until then, what is sent is found within two seconds
RETRY_SECONDS = 2.0
_RETRIES_OF_MODEL = 15  # times as long: a model that can't be loaded takes seconds to say so
TURN_SECONDS = 10.0  # of work that nobody waits for
_BETWEEN_TURNS = 1.0


class RestingEmbedder(PassageEmbedder, Protocol):
    """One that can give its memory back."""

    async def rest(self) -> None:
        """Until it is asked again."""


LoadEmbedder = Callable[[str], RestingEmbedder]

logger = logging.getLogger(__name__)


class Worker:
    """Holds the store while there is work, and lets go of it as soon as there is none."""

    def __init__(
        self,
        settings: Settings,
        messages: Messages,
        *,
        bell: Bell,
        tell: Tell,
        load_embedder: LoadEmbedder = EmbedderApart,
        idle_seconds: float = IDLE_SECONDS,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self._settings = settings
        self._messages = messages
        self._bell = bell
        self._tell = tell
        self._embedder = load_embedder(settings.embedding_model)
        self._idle_seconds = idle_seconds
        self._retry_seconds = retry_seconds
        self._embedding = asyncio.Semaphore(_EMBEDDED_AT_ONCE)
        self._agenda = _Agenda(Queue(Places(settings.data_dir).jobs))
        self._waiting = False
        self._unfinished = True  # for all that is known

    async def run(self) -> None:
        """Until the bell is closed, or nothing has been there to do for `idle_seconds`."""
        async with Workers(os.cpu_count() or 1) as workers:
            workers.warm(prepare)
            try:
                await self._run(workers)
            finally:
                await self._embedder.rest()

    async def _run(self, workers: Workers) -> None:
        while not self._bell.closed:
            asked = bool(await self._agenda.jobs())
            if not asked and not self._unfinished:
                if not await self._idle():
                    return
                continue
            try:
                await self._work_off(workers)
            except (StoreError, EmbedderUnavailable) as error:
                if asked:
                    self._say_why(error)
                of_model = isinstance(error, EmbedderUnavailable)
                await self._bell.heard_within(self._retry_seconds * (_RETRIES_OF_MODEL if of_model else 1))
            else:
                if self._unfinished:
                    await self._bell.heard_within(_BETWEEN_TURNS)

    async def _idle(self) -> bool:
        """Whether something came."""
        rest = min(REST_SECONDS, self._idle_seconds)
        if await self._bell.heard_within(rest):
            return True
        await self._embedder.rest()
        return await self._bell.heard_within(self._idle_seconds - rest)

    def _say_why(self, error: StoreError | EmbedderUnavailable) -> None:
        if not self._waiting:
            logger.warning("%s", self._messages.error(error))
        self._waiting = True
        self._tell({"waiting": _why(error)})

    async def _work_off(self, workers: Workers) -> None:
        """Raises StoreError, EmbedderUnavailable; what isn't done then stays in the queue."""
        async with (
            open_storage(self._settings) as storage,
            open_pages(
                Policy(self._settings.intranet_addresses),
                data_dir=self._settings.data_dir,
                kept=storage.files,
            ),
        ):
            await storage.store.claim()
            if self._waiting:
                self._waiting = False
                self._tell({"waiting": None})
            mended = False

            async def loader_for(tell: Tell) -> Loader:
                nonlocal mended
                if not mended:
                    await _mend(storage)
                    mended = True
                return self._loader(storage, workers, tell)

            shift = _Shift(storage, self._agenda, self._bell, self._tell, loader_for)
            try:
                await shift.work_off()
            finally:
                await shift.end()
            await shift.clean_up()
            await self._finish(await loader_for(lambda _: None))
            self._unfinished = bool(await storage.store.unfinished())

    async def _finish(self, loader: Loader) -> None:
        """What nobody waits for, until somebody does, or its turn is over."""
        until = asyncio.get_running_loop().time() + TURN_SECONDS

        def stop() -> bool:
            return self._bell.rung or self._bell.closed or asyncio.get_running_loop().time() > until

        if not stop():
            await loader.finish(stop)

    def _loader(self, storage: Storage, workers: Workers, tell: Tell) -> Loader:
        return Loader(
            store=storage.store,
            files=storage.files,
            embedder=self._embedder,
            workers=workers,
            progress=JobProgress(self._messages, tell),
            messages=self._messages,
            work=self._settings.data_dir / "work",
            asked=AskedPages(self._settings.data_dir / "asked"),
            embedding=self._embedding,
        )


async def _mend(storage: Storage) -> None:
    """Indexes that are missing are made. Raises StoreError."""
    try:
        await storage.store.ready()
    except StoreUnavailable:
        await storage.store.settle()
        await storage.store.ready()


class _Agenda:
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


class _Shift:
    """What is done while the store is open and claimed: several jobs at once, one of a document."""

    def __init__(
        self,
        storage: Storage,
        agenda: _Agenda,
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


def _why(error: StoreError | EmbedderUnavailable) -> str:
    if isinstance(error, EmbedderUnavailable):
        return "embedder_unavailable"
    return "store_busy" if isinstance(error, StoreBusy) else "store_unavailable"
