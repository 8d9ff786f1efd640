"""Brings the documents of a file into a collection. Interrupted and repeated, it ends the same."""

from __future__ import annotations

import asyncio
import operator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from database.collection import Storage
from database.errors import EmbedderMismatch
from database.load.progress import Progress
from database.moving.originals import Original, landing, making_room
from database.moving.reader import Reader
from database.moving.threads import in_thread
from database.moving.whole import Whole
from database.records import Document, chunk_id
from database.stores.base import Store

_DOCUMENTS_AT_ONCE = 8
_PASSAGES_AT_ONCE = 2_000  # so that large documents don't fill the memory side by side

Decision = Literal["bring", "unchanged", "newer"]


@dataclass(slots=True)
class Imported:
    """What became of the file's documents."""

    documents: int = 0
    chunks: int = 0
    unchanged: int = 0
    newer: list[Document] = field(default_factory=list)


async def bring_in(
    storage: Storage, reader: Reader, *, embedder: str, folder: Path, progress: Progress
) -> Imported:
    """Put into the collection what it hasn't got. `embedder` is the one that the settings name; originals
    pass through `folder`.

    Raises EmbedderMismatch, StoreBusy, StoreUnavailable or CollectionFileError; the documents that were
    brought in before stay, each with all its text; one that is half embedded may lack its vectors, until this
    is repeated or a loader makes them.
    """
    check_embedder(reader, embedder)
    store = storage.store
    await store.claim()
    there = {document.id: document for document in await store.documents()}
    imported, wanted = Imported(), set[str]()
    for listed in reader.documents.values():
        match decide(listed.document, there.get(listed.document.id)):
            case "bring":
                wanted.add(listed.document.id)
            case "unchanged":
                imported.unchanged += 1
            case "newer":
                imported.newer.append(there[listed.document.id])
    progress.expect_documents(len(wanted))
    progress.expect_pages(sum(reader.documents[id_].document.passages for id_ in wanted))
    originals = {reader.documents[id_].document.sha256 for id_ in wanted}
    async with landing(folder) as place, _Puts(store, imported, progress) as puts:
        pieces = reader.read(wanted, originals, place)
        while (piece := await in_thread(next, pieces, None)) is not None:
            match piece:
                case Original():
                    with making_room():
                        await storage.files.put(piece.path)
                case Whole():
                    await puts.begin(piece, there.get(piece.document.id))
        await puts.finish()
    await store.settle()
    return imported


def check_embedder(reader: Reader, embedder: str) -> None:
    """Raises EmbedderMismatch where the file's vectors are another one's."""
    if reader.header.embedder != embedder:
        raise EmbedderMismatch("file_of_other_embedder", stored=reader.header.embedder, wanted=embedder)


class _Puts:
    """Puts documents side by side: MongoDB's indexes take a moment to follow each of them."""

    def __init__(self, store: Store, imported: Imported, progress: Progress) -> None:
        self._store = store
        self._imported = imported
        self._progress = progress
        self._running: dict[asyncio.Task[None], int] = {}  # with its passages

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What has been begun is finished, also where something has failed; stopped, where all of it is."""
        if isinstance(error, asyncio.CancelledError):
            for task in self._running:
                task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def begin(self, whole: Whole, before: Document | None) -> None:
        """Wait for a place, then begin. Raises what an earlier one failed with."""
        while self._running and (
            len(self._running) >= _DOCUMENTS_AT_ONCE
            or sum(self._running.values()) + len(whole.chunks) > _PASSAGES_AT_ONCE
        ):
            await self._finish_one()
        task = asyncio.create_task(_put(self._store, whole, before))
        self._running[task] = len(whole.chunks)

    async def finish(self) -> None:
        """Raises what one of them failed with."""
        while self._running:
            await self._finish_one()

    async def _finish_one(self) -> None:
        done, _ = await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            passages = self._running.pop(task)
            await task
            self._imported.documents += 1
            self._imported.chunks += passages
            self._progress.converted(passages)
            self._progress.finished()


def decide(document: Document, before: Document | None) -> Decision:
    """Whether to bring in a document of which the collection has `before`.

    The newer one wins, except that one without passages (it failed to load) gives way to one that has them.
    Where they are the same but for how far they are embedded and laid out, the further one is taken: it was
    exported later, or the other is what an interrupted import left.
    """
    if before is None:
        return "bring"
    if bool(document.version) != bool(before.version):
        return "bring" if document.version else "unchanged"
    newer = _milliseconds(before.updated_at) - _milliseconds(document.updated_at)
    if newer >= 0 and (document.sha256, document.pipeline) == (before.sha256, before.pipeline):
        return "bring" if newer == 0 and _is_further(document, before) else "unchanged"
    return "newer" if newer > 0 else "bring"


def _is_further(document: Document, before: Document) -> bool:
    """In one way, and in no way behind."""
    done, done_before = ((one.embedded, one.laid_out) for one in (document, before))
    return done != done_before and all(map(operator.ge, done, done_before))


async def _put(store: Store, whole: Whole, before: Document | None) -> None:
    """As the version after the collection's own, if there is one, else as the version that it was.

    Where it isn't embedded to its end, it is put without embeddings, and the loader goes on after the last.
    """
    if not whole.document.version:
        await store.record(whole.document)
        return
    version = before.version + 1 if before else whole.document.version
    document = replace(whole.document, version=version)
    chunks = [
        replace(chunk, id=chunk_id(chunk.document_id, version, chunk.position), version=version)
        for chunk in whole.chunks
    ]
    embedded = len(whole.embeddings)
    if embedded and embedded == len(chunks):
        await store.put(document, chunks, whole.embeddings, whole.pages)
        return
    await store.put(document, chunks, pages=whole.pages)
    if embedded:
        await store.embed(document, 0, whole.embeddings)


def _milliseconds(time: datetime) -> int:
    """MongoDB keeps no more of a time."""
    return int(time.replace(microsecond=0).timestamp()) * 1000 + time.microsecond // 1000
