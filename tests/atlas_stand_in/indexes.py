"""The search indexes of all collections: their definitions, what they hold, how far they are.

An index that is new finds nothing while it is PENDING (mongot hasn't heard of it), and fails while it is
BUILDING. An index that is updated answers by its old definition until the new one is built.
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bson import json_util
from bson.objectid import ObjectId
from pymongo import AsyncMongoClient

from tests.atlas_stand_in import definition_parser
from tests.atlas_stand_in.definitions import Definition, VectorDefinition
from tests.atlas_stand_in.errors import invalid_query
from tests.atlas_stand_in.mirror import Mirror, Write, collection_of
from tests.atlas_stand_in.settings import Settings
from tests.atlas_stand_in.text_index import TextContent
from tests.atlas_stand_in.vector_search import VectorContent

PENDING_SHARE = 0.2  # of the time that an index takes to build
FILE = "search_indexes.json"

NOT_STARTED, INITIAL_SYNC, STEADY = "NOT_STARTED", "INITIAL_SYNC", "STEADY"
STATUS_OF = {NOT_STARTED: "PENDING", INITIAL_SYNC: "BUILDING", STEADY: "READY"}

Content = VectorContent | TextContent


@dataclass(eq=False, kw_only=True)
class Generation:
    """One definition of an index and what has been built of it."""

    version: int
    created_at: datetime.datetime
    written: Mapping[str, Any]  # as the user wrote it
    definition: Definition
    state: str = NOT_STARTED
    content: Content | None = None
    task: asyncio.Task[None] | None = None

    @property
    def queryable(self) -> bool:
        return self.state == STEADY

    def version_document(self) -> dict[str, Any]:
        return {"version": self.version, "createdAt": self.created_at}

    def detail(self) -> dict[str, Any]:
        return {
            "status": STATUS_OF[self.state],
            "queryable": self.queryable,
            "definitionVersion": self.version_document(),
            "definition": self.written,
        }


@dataclass(eq=False, kw_only=True)
class Index:
    """A search index: the generation that answers, and the one that is to take its place."""

    id: ObjectId = field(default_factory=ObjectId)
    namespace: str
    name: str
    main: Generation
    staged: Generation | None = None

    @property
    def latest(self) -> Generation:
        return self.staged or self.main

    @property
    def type(self) -> str:
        return self.main.definition.type

    def listed(self, host: str) -> dict[str, Any]:
        """The document of `$listSearchIndexes`."""
        status = STATUS_OF[INITIAL_SYNC if self.staged and self.main.queryable else self.main.state]
        detail = {
            "hostname": host,
            "status": status,
            "queryable": self.main.queryable,
            "mainIndex": self.main.detail(),
        }
        if self.staged is not None:
            detail["stagedIndex"] = self.staged.detail()
        return {
            "id": str(self.id),
            "name": self.name,
            "type": self.type,
            "status": status,
            "queryable": self.main.queryable,
            "latestDefinitionVersion": self.latest.version_document(),
            "latestDefinition": self.latest.written,
            "statusDetail": [detail],
        }

    def contents(self) -> Content | None:
        """What answers questions; None while mongot hasn't heard of the index.

        Raises CommandFailed while it is being built for the first time.
        """
        if self.main.state == INITIAL_SYNC:
            kind = "vector" if isinstance(self.main.definition, VectorDefinition) else "search"
            database, _, collection = self.namespace.partition(".")
            described = "vector index" if kind == "vector" else "index"
            raise invalid_query(
                f"cannot query {kind} index {self.id} ({described} {self.name} collection {collection}"
                f" in database {database}) while in state {self.main.state}"
            )
        return self.main.content


class Catalogue:
    """All search indexes, kept in a file beside the data."""

    def __init__(self, client: AsyncMongoClient[dict[str, Any]], settings: Settings, folder: Path) -> None:
        self._client = client
        self._settings = settings
        self._file = folder / FILE
        self._indexes: dict[str, dict[str, Index]] = {}
        self._mirrors: dict[str, Mirror] = {}

    async def load(self) -> None:
        """Takes up the indexes of an earlier run, as they were: built."""
        if not self._file.exists():
            return
        for saved in json_util.loads(self._file.read_text()):
            parsed = definition_parser.parse(saved["definition"], saved["type"])
            generation = _generation(saved["version"], saved["definition"], parsed)
            generation.created_at = saved["createdAt"]
            index = Index(id=saved["id"], namespace=saved["namespace"], name=saved["name"], main=generation)
            self._indexes.setdefault(index.namespace, {})[index.name] = index
            await self._fill(index, generation)
            generation.state = STEADY

    async def close(self) -> None:
        for index in [index for indexes in self._indexes.values() for index in indexes.values()]:
            await _cancel(index.main, index.staged)
        for mirror in self._mirrors.values():
            await mirror.close()

    def of(self, namespace: str) -> Mapping[str, Index]:
        return self._indexes.get(namespace, {})

    def find(self, namespace: str, name: str | None, index_id: str | None) -> Index | None:
        for index in self.of(namespace).values():
            if name in (None, index.name) and index_id in (None, str(index.id)):
                return index
        return None

    def mirror(self, namespace: str) -> Mirror | None:
        """None where there is no search index on the collection."""
        return self._mirrors.get(namespace)

    def notice(self, namespace: str, write: Write) -> None:
        mirror = self._mirrors.get(namespace)
        if mirror is not None:
            mirror.notice(write)

    def create(self, namespace: str, name: str, written: Mapping[str, Any], definition: Definition) -> Index:
        generation = _generation(0, written, definition)
        index = Index(namespace=namespace, name=name, main=generation)
        self._indexes.setdefault(namespace, {})[name] = index
        generation.task = asyncio.create_task(self._build(index, generation))
        self._save()
        return index

    async def update(self, index: Index, written: Mapping[str, Any], definition: Definition) -> None:
        if index.staged is not None:
            await _cancel(index.staged)
        generation = _generation(index.latest.version + 1, written, definition)
        index.staged = generation
        generation.task = asyncio.create_task(self._build(index, generation))
        self._save()

    async def drop(self, index: Index) -> None:
        await _cancel(index.main, index.staged)
        mirror = self._mirrors.get(index.namespace)
        for generation in (index.main, index.staged):
            if mirror is not None and generation is not None and generation.content is not None:
                mirror.forget(generation.content)
        del self._indexes[index.namespace][index.name]
        if not self._indexes[index.namespace]:
            del self._indexes[index.namespace]
            if mirror is not None:
                del self._mirrors[index.namespace]
                await mirror.close()
        self._save()

    async def drop_collection(self, namespace: str) -> None:
        for index in list(self.of(namespace).values()):
            await self.drop(index)

    async def drop_database(self, database: str) -> None:
        for namespace in [one for one in self._indexes if one.startswith(database + ".")]:
            await self.drop_collection(namespace)

    async def rename(self, old: str, new: str) -> None:
        """The indexes go with their collection, and are built anew."""
        moved = [(index.name, index.latest) for index in self.of(old).values()]
        await self.drop_collection(old)
        await self.drop_collection(new)
        for name, generation in moved:
            self.create(new, name, generation.written, generation.definition)

    async def _build(self, index: Index, generation: Generation) -> None:
        seconds = self._settings.build
        await asyncio.sleep(seconds * PENDING_SHARE)
        generation.state = INITIAL_SYNC
        waited = asyncio.create_task(asyncio.sleep(seconds * (1 - PENDING_SHARE)))
        try:
            await self._fill(index, generation)
            await waited
        finally:
            waited.cancel()
        generation.state = STEADY
        if index.staged is generation:
            old, index.main, index.staged = index.main, generation, None
            await _cancel(old)
            if old.content is not None:
                self._mirrors[index.namespace].forget(old.content)

    async def _fill(self, index: Index, generation: Generation) -> None:
        if index.namespace not in self._mirrors:
            self._mirrors[index.namespace] = Mirror(
                collection_of(self._client, index.namespace), self._settings
            )
        if isinstance(generation.definition, VectorDefinition):
            generation.content = VectorContent(generation.definition)
        else:
            generation.content = TextContent(generation.definition, index.name)
        await self._mirrors[index.namespace].fill(generation.content)

    def _save(self) -> None:
        saved = [
            {
                "id": index.id,
                "namespace": index.namespace,
                "name": index.name,
                "type": index.type,
                "version": index.latest.version,
                "createdAt": index.latest.created_at,
                "definition": index.latest.written,
            }
            for index in self._all()
        ]
        self._file.write_text(json_util.dumps(saved))

    def _all(self) -> Iterator[Index]:
        for indexes in self._indexes.values():
            yield from indexes.values()


def _generation(version: int, written: Mapping[str, Any], definition: Definition) -> Generation:
    now = datetime.datetime.now(datetime.UTC)
    return Generation(version=version, created_at=now, written=written, definition=definition)


async def _cancel(*generations: Generation | None) -> None:
    for generation in generations:
        task = generation.task if generation else None
        if task is not None and task is not asyncio.current_task():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
