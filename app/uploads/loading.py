"""What is being loaded and removed: a queue on the disk, and the process that works it off.

Only that process writes to the collection; the server asks it to. Whatever was asked outlives both.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.errors import CollectionBusy, CollectionUnavailable
from app.uploads.process import WorkerProcess
from app.uploads.receiving import Received, Receiver
from app.uploads.states import Board, State
from database.errors import Reason, StoreError
from database.jobs.queue import Action, Job, Queue, document_id, new_job_id
from database.messages import Messages
from database.records import DEFAULT_LIBRARY, Description, Document
from database.stores.base import Store

MOST_ATTEMPTS = 2
REMOVE_SECONDS = 60.0
BUSY_SECONDS = 3.0  # of another process's writing, before whoever wants to remove something is told
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds, before a process that couldn't start is started again

logger = logging.getLogger(__name__)


class Loading:
    """`start` and `close` it once. Its methods may be called at any time between."""

    def __init__(
        self,
        *,
        store: Store,
        queue: Queue,
        receiver: Receiver,
        process: WorkerProcess,
    ) -> None:
        self._store = store
        self._queue = queue
        self._receiver = receiver
        self._process = process
        self._board = Board()
        self._jobs: dict[str, Job] = {}
        self._loads: dict[str, Job] = {}  # by document: those that weren't cancelled
        self._begun: set[str] = set()
        self._ends: dict[str, asyncio.Future[State]] = {}
        self._waiting: str | None = None
        self._turn = asyncio.Lock()  # what changes the queue or the kept files
        self._running: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    async def start(self) -> None:
        """Go on with what was asked before the server ended."""
        await asyncio.to_thread(self._receiver.sweep)
        for job in await asyncio.to_thread(self._queue.jobs):
            if job.action == "remove" and (needless := self._loads.pop(job.document, None)):
                del self._jobs[needless.id]
                await asyncio.to_thread(self._queue.remove, needless.id)
            self._enter(job)
        self.prepare()

    def prepare(self) -> None:
        """Have the process ready for what is coming: it takes seconds to start. It also finishes what was
        begun.
        """
        if self._closing.is_set():
            return
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._attend())

    @property
    def ending(self) -> bool:
        return self._board.closed

    def end_following(self) -> None:
        """A server that stops waits for its streams: these would last as long as the loading."""
        self._board.close()

    async def close(self) -> None:
        """End the process; what it hasn't done is done next time."""
        self._closing.set()
        if self._running:
            await self._process.stop(self._running)

    def pending(self) -> list[tuple[Job, State]]:
        """What is to be loaded and isn't yet, the oldest first."""
        return [(job, self._state(job.document)) for job in self._loads.values()]

    def state(self, document: str) -> State | None:
        """None where nothing was asked about it lately."""
        return self._board.state(document)

    def follow(self, document: str) -> AsyncGenerator[State, None]:
        return self._board.follow(document)

    async def load_file(
        self, received: Received, name: str, described: Description | None = None
    ) -> tuple[str, State]:
        """Keep the file and have it loaded; the id of its document, and how far that is.

        The same bytes are one document, whatever they are called.
        """
        place = self._receiver.place(received, name)
        async with self._turn:
            for job in self._loads.values():
                if Path(job.address).parent == place.parent:
                    return job.document, self._state(job.document)
            if before := await self._same_bytes(received.sha256):
                if described not in (None, before.described):
                    await self._ask(_describing(before, described))
                self._board.forget(before.id)
                return before.id, state_of(before, unchanged=True)
            document = document_id(str(place))
            await asyncio.to_thread(self._receiver.keep, received, name)
            _, fresh = await self._before(document)
            await self._ask(_job("load", document, str(place), name, fresh=fresh, described=described))
            return document, self._state(document)

    async def load_address(
        self, address: str, name: str, described: Description | None = None
    ) -> tuple[str, State]:
        """The same for what a web address gives."""
        async with self._turn:
            known = await self._known_at(address)
            document = known.id if known else document_id(address)
            if document not in self._loads:
                _, fresh = await self._before(document)
                await self._ask(_job("load", document, address, name, fresh=fresh, described=described))
            return document, self._state(document)

    async def describe(self, document: str, change: Callable[[Description], Description]) -> Document | None:
        """Change what is said of it, and return when it is found by that; None where there is no such
        document.

        Raises CollectionBusy where another process is writing, CollectionUnavailable, StoreError.
        """
        async with self._turn:
            record = await self._store.document(document)
            if record is None:
                return None
            described = change(record.described)
            if described == record.described:
                return record
            job = await self._ask(_describing(record, described))
        await self._done(job)
        return await self._store.document(document)

    async def cancel(self, document: str) -> State | None:
        """Stop loading it, and return how it ended; what was in the collection before stays.

        None where it isn't being loaded. Raises CollectionBusy where another process is writing,
        CollectionUnavailable.
        """
        taken = await asyncio.shield(self._take_back(document))
        if taken is None:
            return None
        end, removal = taken
        if removal:
            await self._done(removal)
        return await end

    async def remove(self, document: str) -> bool:
        """Return when no search finds it any more; False where there is no such document.

        Raises CollectionBusy where another process is writing, CollectionUnavailable, StoreError.
        """
        cancelled = await self.cancel(document)
        record = await self._store.document(document)
        if record is None:
            return cancelled is not None
        await self._done(await self._ask_to_remove(document, record.source, record.name, fresh=False))
        return True

    async def _take_back(self, document: str) -> tuple[asyncio.Future[State], Job | None] | None:
        """How it will have ended, and the removal that this takes, if any."""
        async with self._turn:
            job = self._loads.pop(document, None)
            if job is None:
                return None
            begun = job.id in self._begun
            end = self._end_of(job)
            removal = None
            if begun and job.fresh:  # asked first: whoever dies between leaves nothing half-done
                removal = await self._ask_to_remove(document, job.address, job.name, fresh=True)
            await asyncio.to_thread(self._queue.remove, job.id)
            if removal or not begun:
                await self._leave(job, State(status="cancelled"))
        self._wake()
        return end, removal

    async def _same_bytes(self, sha256: str) -> Document | None:
        """The document that is loaded of them, and whose loading needn't be repeated."""
        try:
            record = await self._store.document_of(sha256, DEFAULT_LIBRARY)
        except StoreError as error:
            logger.warning("the collection: %s", Messages("en").error(error))
            return None
        return record if record and record.version and record.error is None else None

    async def _known_at(self, address: str) -> Document | None:
        try:
            return await self._store.document_at(address, DEFAULT_LIBRARY)
        except StoreError as error:
            logger.warning("the collection: %s", Messages("en").error(error))
            return None

    async def _before(self, document: str) -> tuple[Document | None, bool]:
        """What the collection has of it, and whether that is nothing for sure."""
        try:
            record = await self._store.document(document)
        except StoreError as error:  # it can be queued all the same
            logger.warning("the collection: %s", Messages("en").error(error))
            return None, False
        return record, record is None

    async def _ask_to_remove(self, document: str, address: str, name: str, *, fresh: bool) -> Job:
        return await self._ask(_job("remove", document, address, name, fresh=fresh))

    async def _ask(self, job: Job) -> Job:
        """Known here before it is in the queue: it may be done as soon as it is there."""
        self._enter(job)
        await asyncio.shield(self._write(job))
        return job

    async def _write(self, job: Job) -> None:
        try:
            await asyncio.to_thread(self._queue.write, job)
        except OSError:
            await self._leave(job, State(status="cancelled"))
            raise
        self._wake()

    def _enter(self, job: Job) -> None:
        self._jobs[job.id] = job
        if job.action == "load":
            self._loads[job.document] = job
            waiting = self._waiting
            self._board.post(job.document, State(status="waiting" if waiting else "queued", code=waiting))

    async def _leave(self, job: Job, state: State) -> None:
        """It is out of the queue, and this is how it ended."""
        self._jobs.pop(job.id, None)
        self._begun.discard(job.id)
        if job.action != "describe" and self._loads.get(job.document, job).id == job.id:
            self._loads.pop(job.document, None)
            self._board.post(job.document, state)
            if (job.fresh and state.status == "cancelled") or state.status == "removed":
                await asyncio.to_thread(self._receiver.forget, job.address)
        end = self._ends.pop(job.id, None)
        if end and not end.done():
            end.set_result(state)

    def _end_of(self, job: Job) -> asyncio.Future[State]:
        return self._ends.setdefault(job.id, asyncio.get_running_loop().create_future())

    async def _done(self, job: Job) -> None:
        """Wait until what was asked is done. Raises CollectionBusy, CollectionUnavailable: then it isn't,
        and won't be.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + REMOVE_SECONDS
        end = self._end_of(job)
        while job.id in self._jobs:
            await asyncio.wait({end}, timeout=BUSY_SECONDS)
            if end.done():
                return
            if self._waiting or loop.time() > until:
                async with self._turn:
                    await asyncio.to_thread(self._queue.remove, job.id)
                    self._jobs.pop(job.id, None)
                    self._ends.pop(job.id, None)
                self._wake()
                raise CollectionBusy if self._waiting == "store_busy" else CollectionUnavailable

    def _state(self, document: str) -> State:
        return self._board.state(document) or State(status="queued")

    def _wake(self) -> None:
        if self._jobs:
            self.prepare()
            self._process.ring()

    async def _attend(self) -> None:
        """Start the process, and again while there is something to do; what it died of is tried once more."""
        pause = FIRST_PAUSE
        while not self._closing.is_set():
            status = await self._process.run(self._hear)
            if self._closing.is_set() or not self._jobs:
                return
            died_of_something = bool(self._begun) and status != 0
            await self._notice_end(status)
            if status != 0:
                logger.warning("the process that loads documents ended with status %d", status)
            if not died_of_something:
                if status != 0:
                    self._wait_for("loader_failed")
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._closing.wait()
                pause = FIRST_PAUSE if status == 0 else min(2 * pause, LONGEST_PAUSE)

    async def _notice_end(self, status: int) -> None:
        async with self._turn:
            for job in [self._jobs[id_] for id_ in self._begun if id_ in self._jobs]:
                if self._loads.get(job.document) is not job:
                    await self._leave(job, State(status="cancelled"))
                    continue
                if status != 0:
                    attempts = job.attempts + 1
                    reason: Reason = "too_much_memory" if status == -signal.SIGKILL else "broken"
                    failed = reason if attempts >= MOST_ATTEMPTS else None
                    job = replace(job, attempts=attempts, failed=failed)
                    await asyncio.to_thread(self._queue.write, job)
                self._enter(job)
            self._begun.clear()

    async def _hear(self, record: Mapping[str, Any]) -> None:
        if "waiting" in record:
            await self._notice_end(0)
            self._wait_for(record["waiting"])
            return
        job = self._jobs.get(record.get("job", ""))
        if job is None:
            return
        state = State(
            status=record["status"],
            pages=record.get("pages"),
            pages_done=record.get("pages_done", record.get("pages") or 0),
            passages=record.get("passages", 0),
            passages_done=record.get("passages_done", 0),
            document=moved if (moved := record.get("document")) != job.document else None,
            code=record.get("code"),
            unchanged=record.get("unchanged", False),
        )
        if not state.final:
            self._begun.add(job.id)
            if self._loads.get(job.document) is job:
                self._board.post(job.document, state)
            return
        async with self._turn:
            if job.action == "remove":
                await asyncio.to_thread(self._queue.remove, job.id)
                state = State(status="cancelled") if job.fresh else state
            await self._leave(job, state)

    def _wait_for(self, code: str | None) -> None:
        """Nothing is loaded meanwhile; None where that is over."""
        self._waiting = code
        for job in self._loads.values():
            self._enter(job)


def state_of(record: Document, *, unchanged: bool = False) -> State:
    """How far a document is that nothing was asked about lately."""
    found = record.pages or 0 if record.passages else 0
    return State(
        status=record.status,
        pages=record.pages,
        pages_done=found,
        passages=record.passages,
        passages_done=record.embedded,
        code=record.error,
        unchanged=unchanged,
    )


def _describing(record: Document, described: Description | None) -> Job:
    return _job("describe", record.id, record.source, record.name, fresh=False, described=described)


def _job(
    action: Action,
    document: str,
    address: str,
    name: str,
    *,
    fresh: bool,
    described: Description | None = None,
) -> Job:
    return Job(
        id=new_job_id(),
        action=action,
        document=document,
        address=address,
        name=name,
        fresh=fresh,
        queued_at=datetime.now(UTC).isoformat(),
        described=described,
    )
