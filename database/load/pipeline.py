"""Loads documents: read → text → store, then vectors, then Markdown.

A document is found by full text as soon as its plain text is read; its passages are embedded while the text
of others is read (embedding.py), and laid out when nothing is left to be embedded (layout.py). What the
later stages need is in the store: each goes on where it was, whoever stopped it.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

from database.asked import AskedPages
from database.embedders.base import PassageEmbedder
from database.engines.base import Processes
from database.errors import SourceError
from database.files.base import Files
from database.load import assemble, convert, sources
from database.load.assemble import Fingerprint, Piece
from database.load.convert import Conversion
from database.load.converters import converter_for
from database.load.converters.base import Converter
from database.load.embedding import Embedding, never
from database.load.kept_pages import KeptPages, forget_old
from database.load.layout import Layout
from database.load.places import Places
from database.load.progress import Progress
from database.load.sources import Content, Source
from database.load.split import Splitter
from database.messages import Messages
from database.records import Description, Document, PageState
from database.stores.base import Store
from database.tasks import run_all

_DOCUMENTS_AT_ONCE = 8  # so that the worker processes never wait for a document to be read or stored


@dataclass(slots=True)
class Summary:
    """What became of the sources. A copy's bytes were there already, from another place."""

    loaded: int = 0
    unchanged: int = 0
    copies: int = 0
    removed: int = 0
    failed: list[tuple[Source, SourceError]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class Loader:
    """Loads sources into one collection and says how each went."""

    store: Store
    files: Files
    embedder: PassageEmbedder
    workers: Processes
    progress: Progress
    messages: Messages
    work: Path | None = None
    """Where converted pages are kept until their document is loaded; if None, only for this run."""

    asked: AskedPages | None = None
    embedding: AbstractAsyncContextManager[object] = field(default_factory=nullcontext)
    """Entered for each document that is embedded: several loaders can share a limit."""

    locks: dict[str, asyncio.Lock] = field(default_factory=dict)
    """By SHA-256, shared by the loaders of one process: the same bytes from two places at once are read
    once.
    """

    _waiting: asyncio.Queue[Document | None] = field(default_factory=asyncio.Queue)

    async def load(self, wanted: Sequence[Source]) -> Summary:
        """Load what is new or changed, and embed it. Failures are noted, and the others go on.

        Raises EmbedderUnavailable, StoreError.
        """
        summary = Summary()
        await self.store.claim()
        if self.work is not None:
            await asyncio.to_thread(forget_old, self.work)
        self.progress.expect_documents(len(wanted))
        await run_all([self._read_all(wanted, summary), self._embedding().work_off(self._waiting)])
        await self.store.settle()
        return summary

    async def finish(self, stop: Callable[[], bool] = never) -> None:
        """Embed and lay out all that waits for it, of this run's documents and of others.

        Raises EmbedderUnavailable, StoreError.
        """
        await self.store.claim()
        await self._embed_unfinished(stop)
        if not stop():
            await self._lay_out(stop)

    async def _lay_out(self, stop: Callable[[], bool]) -> None:
        left = await self.store.unfinished()
        self.progress.await_layout(sum((document.pages or 1) - document.laid_out for document in left))
        layout = Layout(
            store=self.store,
            files=self.files,
            workers=self.workers,
            laid_out=self.progress.laid_out,
            asked=self.asked,
            stop=stop,
        )
        await layout.work_off()

    async def describe(self, document_id: str, described: Description) -> Document | None:
        """Note what a person says of a document, and find it by that. None where there is no such document.

        Its passages stay; where their document's title changes, which stands before them, they wait to be
        embedded anew.
        """
        before = await self.store.document(document_id)
        if before is None:
            return None
        if not before.version:
            await self.store.record(replace(before, described=described))
        else:
            chunks = await self.store.chunks(document_id)
            own_title = await self._own_title(before)
            await Places(self.store).renew(before, assemble.redescribed(before, described, own_title, chunks))
        return await self.store.document(document_id)

    async def prune(self, wanted: Iterable[Source], roots: Sequence[str], summary: Summary) -> None:
        """Forget places under these folders and files that are no longer among the wanted; documents that
        have no other are removed.
        """
        keep = {source.address for source in wanted}
        for document in await self.store.documents():
            for place in document.places:
                under = any(place.address == root or place.address.startswith(f"{root}/") for root in roots)
                if under and place.address not in keep:
                    await self.forget(place.address, document.library, summary)

    async def forget(self, address: str, library: str, summary: Summary) -> None:
        """The document has this place no more, and is removed where it has no other."""
        document = await self.store.document_at(address, library)
        if document is None:
            return
        if await Places(self.store).leave(document, address) is None:
            summary.removed += 1
            self.progress.say(self.messages("removed", name=document.name))

    def _embedding(self, stop: Callable[[], bool] = never) -> Embedding:
        return Embedding(
            store=self.store,
            embedder=self.embedder,
            embedded=self.progress.embedded,
            stop=stop,
            turn=self.embedding,
        )

    async def _embed_unfinished(self, stop: Callable[[], bool]) -> None:
        left = [
            document for document in await self.store.unfinished() if document.prepared < document.passages
        ]
        self.progress.await_passages(sum(document.passages - document.prepared for document in left))
        for document in [*left, None]:
            self._waiting.put_nowait(document)
        await self._embedding(stop).work_off(self._waiting)

    async def _own_title(self, document: Document) -> str:
        """What the file itself says, where a person has said otherwise."""
        if document.described.title is None:
            return document.title
        converter, path = converter_for(document.media_type), await self.files.path(document.sha256)
        if converter is None or path is None:
            return ""
        try:
            return assemble.title(await convert.outline(converter, path, self.workers))
        except SourceError:
            return ""

    async def _read_all(self, wanted: Sequence[Source], summary: Summary) -> None:
        turns = asyncio.Semaphore(_DOCUMENTS_AT_ONCE)

        async def in_turn(source: Source) -> None:
            async with turns:
                await self._load_noting_failure(source, summary, several=len(wanted) > 1)

        try:
            await run_all([in_turn(source) for source in wanted])
        finally:
            self._waiting.put_nowait(None)

    def _embed_later(self, document: Document) -> None:
        if document.prepared < document.passages:
            self.progress.expect_passages(document.passages - document.prepared)
            self._waiting.put_nowait(document)

    async def _load_noting_failure(self, source: Source, summary: Summary, *, several: bool) -> None:
        before = await self.store.document_at(source.address, source.library)
        made_of = None
        line = ""
        try:
            content = await sources.read(source)
            converter = converter_for(content.media_type)
            assert converter is not None, "read() gives only what can be converted"
            made_of = assemble.fingerprint(content, converter)
            async with self._alone_with(made_of.sha256):
                if await self._is_there(source, made_of, before):
                    assert before is not None, "it is there"
                    summary.unchanged += 1
                    self._embed_later(before)
                    if source.described not in (None, before.described):
                        await self.describe(before.id, source.described)
                elif twin := await self._twin(made_of, source):
                    await Places(self.store, self._embed_later).join(twin, source, before)
                    summary.copies += 1
                    line = self.messages("copy", name=source.name, other=twin.name)
                else:
                    if several:  # of one alone, somebody waits to find its text first
                        self.embedder.warm()
                    number = await self._load(source, content, converter, made_of, before)
                    summary.loaded += 1
                    line = self.messages("loaded", name=source.name, chunks=number)
        except SourceError as error:
            summary.failed.append((source, error))
            if before is None or not before.copies:  # a document that has other places isn't what failed
                await self.store.record(assemble.failed_document(source, error, before, made_of))
            reason = self.messages.reason(error.reason)
            line = self.messages("failed", name=source.name, reason=reason)
        self.progress.finished(line)

    @asynccontextmanager
    async def _alone_with(self, sha256: str) -> AsyncIterator[None]:
        async with self.locks.setdefault(sha256, asyncio.Lock()):
            yield
        self.locks.pop(sha256, None)

    async def _is_there(self, source: Source, made_of: Fingerprint, before: Document | None) -> bool:
        """Whether it is loaded and unchanged. What failed before fails again, without being tried, until it
        or the pipeline changes.
        """
        known = before or await self.store.document_of(made_of.sha256, source.library)
        if known is None or (known.sha256, known.pipeline) != made_of:
            return False
        if known.error is None:
            return before is not None
        if not known.version and known.error != "encrypted":  # this time the password may be known
            raise SourceError(known.error, "It failed before and hasn't changed since.")
        return False

    async def _twin(self, made_of: Fingerprint, source: Source) -> Document | None:
        """The document of the same bytes, from elsewhere."""
        twin = await self.store.document_of(made_of.sha256, source.library)
        same = twin and twin.version and twin.error is None and twin.pipeline == made_of.pipeline
        return twin if same else None

    async def _load(
        self,
        source: Source,
        content: Content,
        converter: Converter,
        made_of: Fingerprint,
        before: Document | None,
    ) -> int:
        """The number of passages that are found by full text now."""
        kept_as = await self.files.put(content.path)
        made_of = made_of._replace(sha256=kept_as)  # a file that is being written has changed by now
        path = await self.files.path(kept_as)
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
            pieces, states = await self._text(conversion)
            if before is not None and before.copies:  # what changes here doesn't change elsewhere
                await Places(self.store, self._embed_later).leave(before, source.address)
                before = None
            document = assemble.document(source, content, made_of, outline, pieces, before)
            if before is None:
                document = await Places(self.store).with_free_id(document)
            chunks = assemble.chunks(document, pieces)
            await self.store.put(document, chunks, pages=states)
        self._embed_later(replace(document, passages=len(chunks)))
        return len(chunks)

    async def _text(self, conversion: Conversion) -> tuple[list[Piece], list[PageState]]:
        """Raises SourceError, no_text where no page has any."""
        splitter = Splitter()
        pieces: list[Piece] = []
        states: list[PageState] = []
        async with aclosing(conversion.ranges()) as ranges:
            async for pages in ranges:
                more, their_states = assemble.pieces(pages, splitter)
                pieces += more
                states += their_states
        if not pieces:
            raise (conversion.failures or [SourceError("no_text", "None of its pages holds text.")])[0]
        return pieces, states

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
