"""Writes a collection into a file: whole documents only, also while they are being loaded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from database.collection import Storage
from database.errors import StoreUnavailable
from database.load.progress import Progress
from database.moving.layout import Header
from database.moving.threads import in_thread
from database.moving.whole import Whole
from database.moving.writer import writing
from database.records import Document
from database.stores.base import Store

_ATTEMPTS = 10  # to read a document that another process replaces meanwhile


@dataclass(frozen=True, kw_only=True, slots=True)
class Exported:
    """What the file says of itself, and the documents whose original it should have and hasn't."""

    header: Header
    bytes: int
    incomplete: tuple[Document, ...]


async def export(
    storage: Storage, path: Path, *, embedder: str, originals: bool, progress: Progress
) -> Exported:
    """Write the collection to `path`, the documents' own bytes too where `originals`.

    While the collection changes over, the vectors are those that it answers with; `embedder` is named where
    there are none. Raises CollectionFileError or StoreUnavailable; `path` is then as it was before.
    """
    await storage.store.ready()
    answering = await storage.store.answering()
    listed = await storage.store.documents()
    progress.expect_documents(len(listed))
    progress.expect_pages((await storage.store.count()).chunks)
    incomplete: list[Document] = []
    with writing(path, embedder=answering or embedder) as writer:
        for one in listed:
            found = await _read(storage.store, one)
            if found is not None:
                original = await storage.files.path(found.document.sha256) if originals else None
                held = await in_thread(writer.add, found, original)
                if originals and found.chunks and not held:
                    incomplete.append(found.document)
                progress.converted(len(found.chunks))
            progress.finished()
        if await storage.store.answering() not in (answering, answering or embedder):
            raise StoreUnavailable("changed_over_meanwhile")
        await in_thread(writer.finish)
    size = (await in_thread(path.stat)).st_size
    return Exported(header=writer.header, bytes=size, incomplete=tuple(incomplete))


async def _read(store: Store, listed: Document) -> Whole | None:
    """The document as it is now, whole; None where it has been removed.

    A loader may go on embedding it and laying it out. The pages are read before the passages: then none is
    said to be laid out whose Markdown wasn't there yet.
    """
    for _ in range(_ATTEMPTS):
        before = await store.document(listed.id)
        if before is None:
            return None
        pages = await store.pages(listed.id)
        chunks, embeddings = await store.embedded(listed.id)
        after = await store.document(listed.id)
        if after is not None and _version(after) == _version(before):
            whole = Whole(document=after, chunks=chunks, embeddings=embeddings, pages=pages)
            return replace(whole, document=whole.counted)
    raise StoreUnavailable("replaced_too_often", name=listed.name)


def _version(document: Document) -> tuple[object, ...]:
    """Numbers begin anew where a document is removed and loaded again."""
    return document.version, document.created_at, document.sha256
