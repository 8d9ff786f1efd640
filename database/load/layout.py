"""Makes the Markdown of pages that wait for it: the third stage of loading, and the slow one.

Page by page, those first that somebody asked about. A page that can't be laid out is shown as its plain
text; where that happens again and again, nobody waits for the rest of the document.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from database.asked import AskedPages
from database.engines.base import Processes
from database.errors import SourceError
from database.files.base import Files
from database.load.convert import SECONDS_TO_START, in_worker
from database.load.converters import converter_for
from database.load.converters.base import LayoutConverter
from database.load.dress import markdown_of
from database.load.embedding import never
from database.load.split import Splitter
from database.records import Document, PageState, Route
from database.stores.base import Store

_BAD_PAGES = 3  # and more of them than good ones: then the document is what is bad


@dataclass(kw_only=True, slots=True)
class Layout:
    """Works off a collection's pages. `laid_out` is told of each page; `stop` is asked before each."""

    store: Store
    files: Files
    workers: Processes
    laid_out: Callable[[int], None]
    asked: AskedPages | None = None
    stop: Callable[[], bool] = never
    _desks: dict[str, _Desk] = field(default_factory=dict)

    async def work_off(self) -> None:
        """Until no page waits, or it is stopped. Raises StoreError."""
        for document in await self.store.unfinished():
            if document.laid_out >= (document.pages or 1):
                continue
            desk = await self._desk(document.id)
            if desk is not None:
                await self._lay_out_all(desk)
            self._desks.pop(document.id, None)
            if self.stop():
                return

    async def _lay_out_all(self, desk: _Desk) -> None:
        running: set[asyncio.Task[None]] = set()
        try:
            while not self.stop():
                await self._lay_out_asked()
                state = desk.next()
                if state is None:
                    break
                running.add(asyncio.create_task(self._lay_out(desk, state)))
                if len(running) > self.workers.processes:
                    done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                    for task in done:
                        task.result()
            await asyncio.gather(*running)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _lay_out_asked(self) -> None:
        """Somebody reads an answer that cites them."""
        if self.asked is None:
            return
        for document_id, number in await asyncio.to_thread(self.asked.take):
            desk = await self._desk(document_id)
            state = desk.take(number) if desk else None
            if desk is not None and state is not None:
                await self._lay_out(desk, state)

    async def _desk(self, document_id: str) -> _Desk | None:
        if (desk := self._desks.get(document_id)) is not None:
            return desk
        document = await self.store.document(document_id)
        if document is None or not document.passages:
            return None
        converter = converter_for(document.media_type)
        path = await self.files.path(document.sha256)
        waiting = [state for state in await self.store.pages(document_id) if not state.laid_out]
        if not isinstance(converter, LayoutConverter) or path is None:
            await self.store.lay_out(document, [_as_plain(state) for state in waiting], {})
            return None
        passages: dict[int, list[tuple[int, str]]] = {}
        for chunk in await self.store.chunks(document_id):
            passages.setdefault(chunk.page or 1, []).append((chunk.position, chunk.text))
        desk = self._desks[document_id] = _Desk(
            document=document,
            converter=converter,
            path=path,
            waiting={state.number: state for state in waiting},
            passages=passages,
        )
        return desk

    async def _lay_out(self, desk: _Desk, state: PageState) -> None:
        assert state.route is not None, "only pages with a route wait"
        try:
            seen = await in_worker(
                self.workers,
                SECONDS_TO_START + desk.converter.seconds_to_lay_out,
                lay_out_page,
                desk.converter,
                desk.path,
                state.number - 1,
                state.route,
            )
        except SourceError:
            desk.failed += 1
            hopeless = desk.failed >= _BAD_PAGES and desk.failed > desk.good
            given_up = [state, *(desk.waiting.values() if hopeless else ())]
            if hopeless:
                desk.waiting = {}
            await self.store.lay_out(desk.document, [_as_plain(one) for one in given_up], {})
            self.laid_out(len(given_up))
            return
        desk.good += 1
        after = replace(state, laid_out=True, tables=seen.tables, seconds=state.seconds + seen.seconds)
        await self.store.lay_out(
            desk.document, [after], seen.markdown_of(desk.passages.get(state.number, ()))
        )
        self.laid_out(1)


@dataclass(kw_only=True, slots=True)
class _Desk:
    """A document on which is worked: its pages that wait, and the passages of each page."""

    document: Document
    converter: LayoutConverter
    path: Path
    waiting: dict[int, PageState]
    passages: Mapping[int, Sequence[tuple[int, str]]]
    good: int = 0
    failed: int = 0

    def next(self) -> PageState | None:
        return self.waiting.pop(next(iter(self.waiting))) if self.waiting else None

    def take(self, number: int) -> PageState | None:
        return self.waiting.pop(number, None)


def _as_plain(state: PageState) -> PageState:
    return replace(state, route="plain", laid_out=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class LaidOut:
    """A page's passages, each with its text and its Markdown."""

    passages: tuple[tuple[str, str], ...]
    tables: int
    seconds: float

    def markdown_of(self, passages: Sequence[tuple[int, str]]) -> dict[int, str]:
        """By position; nothing where the page's passages are other ones."""
        if [text for _, text in passages] != [text for text, _ in self.passages]:
            return {}
        return {
            position: markdown for (position, _), (_, markdown) in zip(passages, self.passages, strict=True)
        }


# In a worker process:


def lay_out_page(converter: LayoutConverter, path: Path, number: int, route: Route) -> LaidOut:
    """Lay out one page, counted from 0. Its text is read once more: the passages are cut as they were."""
    begun = time.perf_counter()
    (page,) = converter.convert(path, range(number, number + 1))
    regions = converter.regions(path, number, route)
    passages = Splitter().split([page])
    markdown = markdown_of(replace(page, regions=regions), passages)
    return LaidOut(
        passages=tuple((passage.text, dressed) for passage, dressed in zip(passages, markdown, strict=True)),
        tables=sum(region.kind == "table" for region in regions),
        seconds=time.perf_counter() - begun,
    )
