"""What the indexes of one collection know of it: its documents as they were a moment ago.

Every write that passes the proxy is noticed; what it changed is read back from the server at once and reaches
the indexes when the lag is over.
"""

from __future__ import annotations

import asyncio
import time
import traceback
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import PyMongoError

from tests.atlas_stand_in.rows import id_key
from tests.atlas_stand_in.settings import Settings
from tests.atlas_stand_in.wire import CODEC

ASKED_AT_ONCE = 25  # ids in one find: the server's time grows with their square
INDEXED_AT_ONCE = 20  # documents, before others get their turn
RETRY_SECONDS = 0.1  # after the server failed to tell what has changed

Document = Mapping[str, Any]


class Content(Protocol):
    """What an index holds."""

    def put(self, document: Document) -> None: ...
    def remove(self, document_id: Any) -> None: ...


@dataclass(kw_only=True)
class Write:
    """What is known of a write: these documents, or some were deleted, or any may have changed."""

    ids: list[Any] = field(default_factory=list)
    deleted: bool = False
    changed: bool = False

    def add(self, other: Write) -> None:
        self.ids += other.ids
        self.deleted |= other.deleted
        self.changed |= other.changed


@dataclass(frozen=True, kw_only=True)
class Change:
    read_at: float
    due: float
    documents: Sequence[Document]
    gone: Sequence[Any]


class Mirror:
    """Keeps the contents of a collection's indexes up to date, with the lag."""

    def __init__(self, collection: AsyncCollection[dict[str, Any]], settings: Settings) -> None:
        self._collection = collection
        self._settings = settings
        self._noticed: Write | None = None
        self._noticed_at = 0.0
        self._awake = asyncio.Event()
        self._changes: deque[Change] = deque()
        self._known: dict[bytes, Any] = {}  # ids on the server when it was last read
        self._contents: dict[Content, float] = {}  # and when what they were filled with was read
        self._late: dict[Content, list[Change]] = {}  # what fell due while they were being filled
        self._reading = asyncio.Lock()
        self._task = asyncio.create_task(self._follow())
        self._applying: asyncio.Task[None] | None = None

    async def close(self) -> None:
        for task in (self._task, self._applying):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    def notice(self, write: Write) -> None:
        if self._noticed is None:
            self._noticed = Write()
        self._noticed_at = time.monotonic()
        self._noticed.add(write)
        self._awake.set()

    async def fill(self, content: Content) -> None:
        """Puts all documents into a new content, which follows the collection from then on."""
        async with self._reading:
            documents = await self._read_all()
            read_at = time.monotonic()
            self._known |= _ids(documents)
        late = self._late[content] = []
        try:
            for i, document in enumerate(documents):
                content.put(document)
                if not i % INDEXED_AT_ONCE:
                    await asyncio.sleep(0)
        finally:
            del self._late[content]
        for change in late:
            _apply(change, content, read_at)
        self._contents[content] = read_at

    def forget(self, content: Content) -> None:
        self._contents.pop(content, None)

    @property
    def unapplied(self) -> int:
        """How many deletions the indexes don't know of yet."""
        return sum(len(change.gone) for change in self._changes)

    async def _follow(self) -> None:
        while True:
            await self._awake.wait()
            self._awake.clear()
            async with self._reading:
                noticed, at, self._noticed = self._noticed, self._noticed_at, None
                if noticed is not None:
                    await self._read(noticed, at + self._settings.lag)

    async def _read(self, write: Write, due: float) -> None:
        try:
            await self._read_changes(write, due)
        except PyMongoError:
            traceback.print_exc()
            self.notice(write)
            await asyncio.sleep(RETRY_SECONDS)

    async def _read_changes(self, write: Write, due: float) -> None:
        read_at = time.monotonic()
        documents = await (self._read_all() if write.changed else self._read_some(write.ids))
        found = _ids(documents)
        expected = {id_key(one): one for one in write.ids}
        if write.changed:
            expected |= self._known
        elif write.deleted:
            expected |= self._known
            found |= _ids([row async for row in self._collection.find({}, {"_id": 1})])
        gone = {key: expected[key] for key in expected.keys() - found.keys()}
        self._known = {key: one for key, one in (self._known | _ids(documents)).items() if key not in gone}
        for start in range(0, max(len(documents), 1), INDEXED_AT_ONCE):
            some = documents[start : start + INDEXED_AT_ONCE]
            self._changes.append(Change(read_at=read_at, due=due, documents=some, gone=list(gone.values())))
            gone = {}
        if self._applying is None or self._applying.done():
            self._applying = asyncio.create_task(self._apply())

    async def _read_all(self) -> list[Document]:
        return [document async for document in self._collection.find({})]

    async def _read_some(self, ids: Sequence[Any]) -> list[Document]:
        documents: list[Document] = []
        for start in range(0, len(ids), ASKED_AT_ONCE):
            asked = {"_id": {"$in": list(ids[start : start + ASKED_AT_ONCE])}}
            documents += await self._collection.find(asked).to_list()
        return documents

    async def _apply(self) -> None:
        while self._changes:
            await asyncio.sleep(max(0.0, self._changes[0].due - time.monotonic()))
            change = self._changes.popleft()
            for content, filled_at in self._contents.items():
                _apply(change, content, filled_at)
            for late in self._late.values():
                late.append(change)


def _apply(change: Change, content: Content, filled_at: float) -> None:
    if change.read_at >= filled_at:
        for document in change.documents:
            content.put(document)
        for gone in change.gone:
            content.remove(gone)


def _ids(documents: Iterable[Document]) -> dict[bytes, Any]:
    return {id_key(document["_id"]): document["_id"] for document in documents}


def collection_of(
    client: AsyncMongoClient[dict[str, Any]], namespace: str
) -> AsyncCollection[dict[str, Any]]:
    database, _, name = namespace.partition(".")
    return client[database].get_collection(name, codec_options=CODEC)
