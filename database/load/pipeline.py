"""Loads documents: read → convert → split → embed → put.

The stages of one document overlap: while a range of its pages is converted, the passages of the ranges before
are embedded; and several documents are loaded at once, so that no stage waits for another.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from database.collection import Collection
from database.errors import SourceError
from database.load import assemble, convert, sources
from database.load.assemble import Fingerprint
from database.load.convert import Conversion
from database.load.converters import converter_for
from database.load.converters.base import Converter, Outline
from database.load.kept_pages import KeptPages, forget_old
from database.load.progress import Progress
from database.load.sources import Content, Source
from database.load.split import Passage, Splitter
from database.messages import Messages
from database.records import Document
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
    work: Path | None = None
    """Where converted pages are kept until their document is loaded; if None, only for this run."""

    async def load(self, wanted: Sequence[Source]) -> Summary:
        """Load what is new or changed. A source that fails is noted, and the others go on."""
        summary = Summary()
        if self.work is not None:
            await asyncio.to_thread(forget_old, self.work)
        self.progress.expect_documents(len(wanted))
        turns = asyncio.Semaphore(_DOCUMENTS_AT_ONCE)

        async def in_turn(source: Source) -> None:
            async with turns:
                await self._load_noting_failure(source, summary)

        await run_all([in_turn(source) for source in wanted])
        if summary.loaded:
            await self._forget_moved()
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

    async def _forget_moved(self) -> None:
        """Remove documents whose file is gone and whose bytes are loaded from elsewhere: it was moved."""
        documents = await self.collection.store.documents()
        gone = {
            document.id for document in documents if await asyncio.to_thread(sources.is_gone, document.source)
        }
        there = {(d.library, d.sha256) for d in documents if d.status == "ready" and d.id not in gone}
        for document in documents:
            if document.id in gone and (document.library, document.sha256) in there:
                await self.collection.store.delete(document.id)

    async def _load_noting_failure(self, source: Source, summary: Summary) -> None:
        before = await self.collection.store.document(source.document_id)
        made_of = None
        try:
            content = await sources.read(source)
            converter = converter_for(content.media_type)
            assert converter is not None, "read() gives only what can be converted"
            made_of = assemble.fingerprint(content, converter, self.collection.embedder)
            chunks = await self._load(source, content, converter, made_of, before)
        except SourceError as error:
            summary.failed.append((source, error))
            failed = assemble.failed_document(source, error, before, made_of)
            await self.collection.store.record(failed)
            reason = self.messages.reason(error.reason)
            self.progress.finished(self.messages("failed", name=source.name, reason=reason))
        else:
            if chunks is None:
                summary.unchanged += 1
                self.progress.finished()
            else:
                summary.loaded += 1
                self.progress.finished(self.messages("loaded", name=source.name, chunks=chunks))

    async def _load(
        self,
        source: Source,
        content: Content,
        converter: Converter,
        made_of: Fingerprint,
        before: Document | None,
    ) -> int | None:
        """The number of chunks, or None where the document is there already, unchanged.

        What failed before fails again, without being tried, until it or the pipeline changes.
        """
        if before and (before.sha256, before.pipeline) == made_of:
            if before.error is None:
                return None
            if not before.version and before.error != "encrypted":  # this time the password may be known
                raise SourceError(before.error, "It failed before and hasn't changed since.")

        await self.collection.store.claim()  # before the file is kept: who cleans up must hold the claim, too
        await self.collection.files.put(content.data)
        path = await self.collection.files.path(made_of.sha256)
        assert path is not None, "put() keeps it"
        outline = await convert.outline(converter, path, self.workers)
        self.progress.expect_pages(outline.pages or 1)
        with self._kept(made_of) as kept:
            conversion = Conversion(
                converter=converter,
                path=path,
                pages=outline.pages,
                workers=self.workers,
                kept=kept,
                converted=self.progress.converted,
            )
            passages, vectors = await self._embedded_passages(source, outline, conversion)
            document = assemble.document(source, content, made_of, outline, passages, before)
            chunks = assemble.chunks(document, passages)
            await self.collection.store.put(document, chunks, vectors)
        return len(chunks)

    async def _embedded_passages(
        self, source: Source, outline: Outline, conversion: Conversion
    ) -> tuple[list[Passage], Vectors]:
        """Raises SourceError, no_text where no page has any."""
        splitter = Splitter()
        passages: list[Passage] = []
        slices: list[Vectors] = []

        async def embed(until: int) -> None:
            done = len(slices) * _TEXTS_AT_ONCE
            for start in range(done, until, _TEXTS_AT_ONCE):
                part = passages[start : min(start + _TEXTS_AT_ONCE, until)]
                texts = [assemble.text_to_embed(source, outline, passage) for passage in part]
                slices.append(await self.collection.embedder.embed_documents(texts))

        async with aclosing(conversion.ranges()) as ranges:
            async for pages in ranges:
                passages += splitter.split(pages)
                await embed(len(passages) - len(passages) % _TEXTS_AT_ONCE)
        if not passages:
            raise (conversion.failures or [SourceError("no_text", "None of its pages holds text.")])[0]
        await embed(len(passages))
        return passages, np.concatenate(slices)

    @contextmanager
    def _kept(self, made_of: Fingerprint) -> Iterator[KeptPages]:
        """Kept over a stop of the program, and discarded when the document is loaded or can't be."""
        if self.work is None:
            with tempfile.TemporaryDirectory(prefix="acervo-") as folder:
                yield KeptPages(Path(folder))
            return
        kept = KeptPages(self.work / f"{made_of.sha256[:32]}-{made_of.pipeline}")
        try:
            yield kept
        except SourceError:
            kept.discard()
            raise
        kept.discard()
