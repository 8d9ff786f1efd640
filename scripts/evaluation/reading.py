"""The collection's documents once more, as the loader reads them, to be cut in other ways."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path

from database.collection import Collection
from database.errors import SourceError
from database.load.convert import Conversion, in_worker
from database.load.converters import converter_for
from database.load.converters.base import LayoutConverter, Page
from database.load.kept_pages import KeptPages
from database.records import Document
from database.tasks import run_all
from database.workers import Workers
from scripts.evaluation.document_layout import DocumentLayout, lay_out
from scripts.evaluation.progress import Progress

# Enough on a machine that is busy with other things: a document that is left out makes a cut look worse.
_SECONDS_TO_START = 60.0
_SECONDS_A_PAGE = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A document and its pages. `layout` is None where it wasn't asked for, or can't be had."""

    document: Document
    pages: tuple[Page, ...]
    layout: DocumentLayout | None = None


async def read(
    collection: Collection, *, laid_out: bool, processes: int, progress: Progress
) -> list[Reading]:
    """All documents that could be loaded. Raises SourceError where one can't be read again."""
    documents = [document for document in await collection.store.documents() if document.version]
    number = sum(document.pages or 1 for document in documents)
    async with Workers(processes) as workers:
        with progress.of("cuts: pages read", number) as counted:
            readings = [await _read(collection, document, workers, counted) for document in documents]
        if not laid_out:
            return readings
        with progress.of("cuts: pages laid out", number) as counted:
            return await run_all([_laid_out(collection, one, workers, counted) for one in readings])


async def _read(
    collection: Collection, document: Document, workers: Workers, counted: Callable[[int], None]
) -> Reading:
    converter = converter_for(document.media_type)
    assert converter is not None, "it is loaded"
    with tempfile.TemporaryDirectory(prefix="acervo-scratch-") as folder:
        conversion = Conversion(
            converter=converter,
            path=await _path(collection, document),
            pages=document.pages,
            workers=workers,
            kept=KeptPages(Path(folder)),
            converted=counted,
        )
        async with aclosing(conversion.ranges()) as ranges:
            return Reading(document=document, pages=tuple([page async for some in ranges for page in some]))


async def _laid_out(
    collection: Collection, reading: Reading, workers: Workers, counted: Callable[[int], None]
) -> Reading:
    pages = reading.document.pages or 1
    layout = None
    if isinstance(converter_for(reading.document.media_type), LayoutConverter):
        seconds = _SECONDS_TO_START + _SECONDS_A_PAGE * pages
        try:
            layout = await in_worker(workers, seconds, lay_out, await _path(collection, reading.document))
        except SourceError:
            layout = None
    counted(pages)
    return replace(reading, layout=layout)


async def _path(collection: Collection, document: Document) -> Path:
    path = await collection.files.path(document.sha256)
    assert path is not None, "it is loaded"
    return path
