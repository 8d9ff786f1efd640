"""One document's pages, converted in worker processes: many ranges at once, each page at its own risk."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ParamSpec, TypeVar

from database.engines.base import Processes
from database.errors import EngineUnavailable, SourceError
from database.load.converters.base import Converter, Outline, Page
from database.load.kept_pages import KeptPages

P = ParamSpec("P")
R = TypeVar("R")

_PAGES_AT_ONCE = 8  # enough to outweigh opening the file, few enough to spread a report over all cores
_SECONDS_TO_OPEN = 30.0
SECONDS_TO_START = 8.0  # of a process that was replaced
_BAD_PAGES = 3  # and more of them than good ones: then the document is what is bad


def prepare() -> None:
    """Import the parsers, in the process that will need them soon."""
    import pymupdf  # noqa: F401


async def outline(converter: Converter, path: Path, workers: Processes) -> Outline:
    """Raises SourceError where the file can't be opened."""
    return await in_worker(workers, _SECONDS_TO_OPEN, converter.outline, path)


@dataclass(kw_only=True, slots=True)
class Conversion:
    """The conversion of one document. `converted` is told of each range's length as it is done.

    A page that its converter fails on, or takes too long for, is given to the fallback; where that fails,
    too, it is left blank. Where pages fail again and again, nobody waits for the rest.
    """

    converter: Converter
    path: Path
    pages: int | None
    workers: Processes
    kept: KeptPages
    converted: Callable[[int], None]
    failures: list[SourceError] = field(default_factory=list)
    """Of the pages that are blank because nothing could read them."""

    _read: int = 0
    _fallen_back: int = 0

    @property
    def _number(self) -> int:
        return self.pages or 1

    async def ranges(self) -> AsyncGenerator[list[Page], None]:
        """All pages in order, range by range, and only a few ahead of the one that is asked for.

        Raises SourceError where more pages fail than can be read.
        """
        wanted_ranges = deque(_ranges(self._number))
        ahead: deque[asyncio.Task[list[Page]]] = deque()
        try:
            while wanted_ranges or ahead:
                while wanted_ranges and len(ahead) <= self.workers.processes:
                    ahead.append(asyncio.create_task(self._range(wanted_ranges.popleft())))
                yield await ahead.popleft()
        finally:
            for task in ahead:
                task.cancel()
            await asyncio.gather(*ahead, return_exceptions=True)

    async def _range(self, wanted: range) -> list[Page]:
        pages = await asyncio.to_thread(self.kept.read, wanted)
        if pages is None:
            pages = await self._convert(wanted)
            if self._number > len(wanted):  # a short document is soon converted again
                await asyncio.to_thread(self.kept.write, wanted, pages)
        self._read += sum(bool(page.blocks) for page in pages)
        self.converted(len(wanted))
        return pages

    async def _convert(self, wanted: range) -> list[Page]:
        converter = self._first_choice()
        try:
            return await self._in_worker(converter, wanted)
        except SourceError as error:
            if len(wanted) > 1:
                return [await self._convert_alone(number, converter) for number in wanted]
            self._fallen_back += 1
            if converter.fallback is None:
                return [self._blank(wanted.start, error)]
            return [await self._convert_alone(wanted.start, converter.fallback)]

    async def _convert_alone(self, number: int, converter: Converter) -> Page:
        if self._fallen_back >= _BAD_PAGES and converter.fallback is not None:
            converter = converter.fallback
        try:
            return (await self._in_worker(converter, range(number, number + 1)))[0]
        except SourceError as error:
            if converter.fallback is None:
                return self._blank(number, error)
        self._fallen_back += 1
        return await self._convert_alone(number, converter.fallback)

    def _first_choice(self) -> Converter:
        """Without its layout, where that failed too often."""
        if self._fallen_back >= _BAD_PAGES and self.converter.fallback is not None:
            return self.converter.fallback
        return self.converter

    def _blank(self, number: int, error: SourceError) -> Page:
        """Raises the error where it is one too many."""
        self.failures.append(error)
        if len(self.failures) >= min(_BAD_PAGES, self._number) and len(self.failures) > self._read:
            raise error
        number_shown = None if self.pages is None else number + 1
        return Page(number=number_shown, blocks=(), condition="unreadable")

    async def _in_worker(self, converter: Converter, wanted: range) -> list[Page]:
        seconds = SECONDS_TO_START + converter.seconds_a_page * len(wanted)
        return await in_worker(self.workers, seconds, converter.convert, self.path, wanted)


def _ranges(pages: int) -> list[range]:
    starts = range(0, pages, _PAGES_AT_ONCE)
    return [range(start, min(start + _PAGES_AT_ONCE, pages)) for start in starts]


async def in_worker(
    workers: Processes, seconds: float, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs
) -> R:
    """Raises SourceError, whatever the function raises; EngineUnavailable where nothing can be run at all."""
    try:
        return await workers.run(seconds, function, *args, **kwargs)
    except (SourceError, EngineUnavailable):
        raise
    except Exception as error:  # noqa: BLE001  (a parser's errors have no common class; this is its process's edge)
        raise SourceError("broken", f"It makes the reader fail: {type(error).__name__}: {error}") from None
