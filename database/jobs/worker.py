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
from collections.abc import Callable

from database.asked import AskedPages
from database.collection import Storage, open_storage
from database.embedders.apart import embedder_for_loading
from database.embedders.base import PassageEmbedder
from database.errors import EmbedderUnavailable, StoreBusy, StoreError, StoreUnavailable
from database.jobs.bell import Bell
from database.jobs.progress import JobProgress, Tell
from database.jobs.queue import Places, Queue
from database.jobs.shift import Agenda, Shift
from database.load.convert import prepare
from database.load.pipeline import Loader
from database.load.turns import BETWEEN_TURNS, TURN_SECONDS, what_is_left
from database.load.web.addresses import Policy
from database.load.web.pages import open_pages
from database.messages import Messages
from database.settings import Settings
from database.workers import Workers

_EMBEDDED_AT_ONCE = 4  # documents, whose passages are in memory

REST_SECONDS = 60.0  # then the embedding model's memory is worth more than the seconds to load it again
IDLE_SECONDS = 600.0  # then so is the process's; until then, what is sent is found within two seconds
RETRY_SECONDS = 2.0
_RETRIES_OF_MODEL = 15  # times as long: a model that can't be loaded takes seconds to say so


LoadEmbedder = Callable[[Settings], PassageEmbedder]

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
        load_embedder: LoadEmbedder = embedder_for_loading,
        idle_seconds: float = IDLE_SECONDS,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self._settings = settings
        self._messages = messages
        self._bell = bell
        self._tell = tell
        self._embedder = load_embedder(settings)
        self._idle_seconds = idle_seconds
        self._retry_seconds = retry_seconds
        self._locks: dict[str, asyncio.Lock] = {}
        self._embedding = asyncio.Semaphore(_EMBEDDED_AT_ONCE)
        self._agenda = Agenda(Queue(Places(settings.data_dir).jobs))
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
                    await self._bell.heard_within(BETWEEN_TURNS)

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

            shift = Shift(storage, self._agenda, self._bell, self._tell, loader_for)
            try:
                await shift.work_off()
            finally:
                await shift.end()
            await shift.clean_up()
            before = await what_is_left(storage.store)
            cut_short = await self._finish(await loader_for(lambda _: None))
            left = await what_is_left(storage.store)
            self._unfinished = bool(left) and (left != before or cut_short)

    async def _finish(self, loader: Loader) -> bool:
        """What nobody waits for, until somebody does, or its turn is over; whether it was cut short."""
        until = asyncio.get_running_loop().time() + TURN_SECONDS

        def stop() -> bool:
            return self._bell.rung or self._bell.closed or asyncio.get_running_loop().time() > until

        if not stop():
            await loader.finish(stop)
        return stop()

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
            locks=self._locks,
            embedding=self._embedding,
        )


async def _mend(storage: Storage) -> None:
    """Indexes that are missing are made. Raises StoreError."""
    try:
        await storage.store.ready()
    except StoreUnavailable:
        await storage.store.settle()
        await storage.store.ready()


def _why(error: StoreError | EmbedderUnavailable) -> str:
    if isinstance(error, EmbedderUnavailable):
        return "embedder_unavailable"
    return "store_busy" if isinstance(error, StoreBusy) else "store_unavailable"
