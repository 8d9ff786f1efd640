"""Brings the documents of a file into a collection. Interrupted and repeated, it ends the same."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from database.collection import Storage
from database.errors import EmbedderMismatch
from database.load.progress import Progress
from database.moving.pieces import Original, Whole
from database.moving.reader import Reader
from database.moving.threads import in_thread
from database.records import Document, chunk_id
from database.stores.base import Store

Decision = Literal["bring", "unchanged", "newer"]


@dataclass(slots=True)
class Imported:
    """What became of the file's documents."""

    documents: int = 0
    chunks: int = 0
    unchanged: int = 0
    newer: list[Document] = field(default_factory=list)


async def bring_in(storage: Storage, reader: Reader, *, embedder: str, progress: Progress) -> Imported:
    """Put into the collection what it hasn't got. `embedder` is the one that the settings name.

    Raises EmbedderMismatch, StoreBusy, StoreUnavailable or CollectionFileError; the documents that were
    brought in before stay, each whole.
    """
    if reader.header.embedder != embedder:
        raise EmbedderMismatch("file_of_other_embedder", stored=reader.header.embedder, wanted=embedder)
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
    progress.expect_pages(sum(reader.documents[id_].chunks for id_ in wanted))
    originals = {reader.documents[id_].document.sha256 for id_ in wanted}
    pieces = reader.read(wanted, originals)
    while (piece := await in_thread(next, pieces, None)) is not None:
        match piece:
            case Original():
                await storage.files.put(piece.data)
            case Whole():
                await _put(store, piece, there.get(piece.document.id))
                imported.documents += 1
                imported.chunks += len(piece.chunks)
                progress.converted(len(piece.chunks))
                progress.finished()
    await store.settle()
    return imported


def decide(document: Document, before: Document | None) -> Decision:
    """Whether to bring in a document of which the collection has `before`.

    The newer one wins, except that one without passages (it failed to load) gives way to one that has them.
    """
    if before is None:
        return "bring"
    if bool(document.version) != bool(before.version):
        return "bring" if document.version else "unchanged"
    newer = _milliseconds(before.updated_at) - _milliseconds(document.updated_at)
    if newer >= 0 and (document.sha256, document.pipeline) == (before.sha256, before.pipeline):
        return "unchanged"
    return "newer" if newer > 0 else "bring"


async def _put(store: Store, whole: Whole, before: Document | None) -> None:
    """As the version after the collection's own, if there is one, else as the version that it was."""
    if not whole.chunks:
        await store.record(whole.document)
        return
    version = before.version + 1 if before else whole.document.version
    await store.put(
        replace(whole.document, version=version),
        [
            replace(chunk, id=chunk_id(chunk.document_id, version, chunk.position), version=version)
            for chunk in whole.chunks
        ],
        whole.embeddings,
    )


def _milliseconds(time: datetime) -> int:
    """MongoDB keeps no more of a time."""
    return int(time.replace(microsecond=0).timestamp()) * 1000 + time.microsecond // 1000
