"""Loads documents: read → convert → split → embed → put."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import aiohttp
import numpy as np

from database.collection import Collection
from database.embedders.base import Embedder
from database.errors import SourceError
from database.load import assemble, convert, sources
from database.load.converters import converter_for
from database.load.progress import Progress
from database.load.sources import Source
from database.load.split import split
from database.messages import Messages
from database.stores.base import Vectors
from database.tasks import run_all
from database.workers import Workers

_DOCUMENTS_AT_ONCE = 8  # so that the worker processes never wait for a document to be read or stored
_TEXTS_AT_ONCE = 64  # then another document's turn to embed comes


@dataclass(slots=True)
class Summary:
    """What became of the sources."""

    loaded: int = 0
    unchanged: int = 0
    removed: int = 0
    failed: list[tuple[Source, SourceError]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class Loader:
    """Loads sources into one collection and says how each went."""

    collection: Collection
    workers: Workers
    progress: Progress
    messages: Messages

    async def load(self, wanted: Sequence[Source]) -> Summary:
        """Load what is new or changed. A source that fails is noted, and the others go on."""
        summary = Summary()
        self.progress.expect_documents(len(wanted))
        turns = asyncio.Semaphore(_DOCUMENTS_AT_ONCE)

        async def in_turn(source: Source) -> None:
            async with turns:
                await self._load_noting_failure(source, session, summary)

        async with aiohttp.ClientSession() as session:
            await run_all([in_turn(source) for source in wanted])
        if summary.loaded:
            await self.collection.store.settle()
        return summary

    async def prune(self, wanted: Iterable[Source], roots: Sequence[str], summary: Summary) -> None:
        """Remove documents of these folders and files that are no longer among the wanted."""
        keep = {source.document_id for source in wanted}
        for document in await self.collection.store.documents():
            under = any(document.source == root or document.source.startswith(f"{root}/") for root in roots)
            if under and document.id not in keep:
                await self.collection.store.delete(document.id)
                summary.removed += 1
                self.progress.say(self.messages("removed", name=document.name))

    async def _load_noting_failure(
        self, source: Source, session: aiohttp.ClientSession, summary: Summary
    ) -> None:
        try:
            chunks = await self._load(source, session)
        except SourceError as error:
            summary.failed.append((source, error))
            before = await self.collection.store.document(source.document_id)
            await self.collection.store.record(assemble.failed_document(source, error, before))
            reason = self.messages.reason(error.reason)
            self.progress.finished(self.messages("failed", name=source.name, reason=reason))
        else:
            if chunks is None:
                summary.unchanged += 1
                self.progress.finished()
            else:
                summary.loaded += 1
                self.progress.finished(self.messages("loaded", name=source.name, chunks=chunks))

    async def _load(self, source: Source, session: aiohttp.ClientSession) -> int | None:
        """The number of chunks, or None where the document is there already, unchanged."""
        content = await sources.read(source, session)
        converter = converter_for(content.media_type)
        assert converter is not None, "read() gives only what can be converted"
        before = await self.collection.store.document(source.document_id)
        pipeline = assemble.pipeline_name(converter, self.collection.embedder)
        sha256 = hashlib.sha256(content.data).hexdigest()
        if before and (before.status, before.sha256, before.pipeline) == ("ready", sha256, pipeline):
            return None

        await self.collection.files.put(content.data)
        path = await self.collection.files.path(sha256)
        assert path is not None, "put() keeps it"
        outline = await convert.outline(converter, path, self.workers)
        self.progress.expect_pages(outline.pages or 1)
        pages = await convert.convert(
            converter, path, outline.pages or 1, self.workers, self.progress.converted
        )
        passages = split(pages)
        document = assemble.document(source, content, sha256, pipeline, outline, passages, before)
        chunks = assemble.chunks(document, passages)
        texts = [assemble.text_to_embed(document, chunk) for chunk in chunks]
        await self.collection.store.put(document, chunks, await _embed(self.collection.embedder, texts))
        return len(chunks)


async def _embed(embedder: Embedder, texts: Sequence[str]) -> Vectors:
    """In slices, so that documents that are converted meanwhile take turns."""
    slices = [texts[start : start + _TEXTS_AT_ONCE] for start in range(0, len(texts), _TEXTS_AT_ONCE)]
    return np.concatenate([await embedder.embed_documents(part) for part in slices])
