"""One document's pages, converted in worker processes: many ranges of pages at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from database.errors import SourceError
from database.load.converters.base import Converter, Outline, Page
from database.tasks import run_all
from database.workers import Workers

P = ParamSpec("P")
R = TypeVar("R")

_PAGES_AT_ONCE = 8  # enough to outweigh opening the file, few enough to spread a report over all cores
_SECONDS_TO_OPEN = 60.0
_SECONDS_A_PAGE = 20.0  # 60 times what a page takes
_SECONDS_TO_START = 30.0  # of a worker process, which loads the layout model


async def outline(converter: Converter, path: Path, workers: Workers) -> Outline:
    """Raises SourceError where the file can't be opened."""
    return await _in_worker(workers, _SECONDS_TO_OPEN, converter.outline, path)


async def convert(
    converter: Converter, path: Path, pages: int, workers: Workers, converted: Callable[[int], None]
) -> list[Page]:
    """All pages in order. `converted` is told of each range's length as it is done.

    Raises SourceError: no_text where no page has any, or what stopped the converter and its fallback.
    """

    async def convert_range(wanted: range) -> list[Page]:
        result = await _convert_range(converter, path, wanted, workers)
        converted(len(wanted))
        return result

    starts = range(0, pages, _PAGES_AT_ONCE)
    parts = await run_all([convert_range(range(s, min(s + _PAGES_AT_ONCE, pages))) for s in starts])
    result = [page for part in parts for page in part]
    if not any(line.text for page in result for block in page.blocks for line in block.lines):
        raise SourceError("no_text", "None of its pages holds text.")
    return result


async def _convert_range(converter: Converter, path: Path, wanted: range, workers: Workers) -> list[Page]:
    try:
        seconds = _SECONDS_TO_START + _SECONDS_A_PAGE * len(wanted)
        return await _in_worker(workers, seconds, converter.convert, path, wanted)
    except SourceError:
        if converter.fallback is None:
            raise
        return await _convert_range(converter.fallback, path, wanted, workers)


async def _in_worker(
    workers: Workers, seconds: float, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs
) -> R:
    try:
        return await workers.run(seconds, function, *args, **kwargs)
    except SourceError:
        raise
    except Exception as error:  # noqa: BLE001  (a parser's errors have no common class; this is its process's edge)
        raise SourceError("broken", f"It makes the reader fail: {type(error).__name__}: {error}") from None
