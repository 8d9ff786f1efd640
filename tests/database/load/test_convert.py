"""One document's pages, converted in worker processes."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from database.errors import SourceError
from database.load.convert import convert, outline
from database.load.converters.base import Block, Converter, Line, Outline, Page
from database.workers import Workers

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATH = Path("document")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workers() -> AsyncIterator[Workers]:
    async with Workers(2) as pool:
        yield pool


@dataclass(frozen=True, slots=True)
class Plain:
    """Gives a line a page, which says who made it."""

    made_by: str = "plain"
    name: str = "plain"
    fallback: Converter | None = None

    def accepts(self, media_type: str) -> bool:
        return True

    def outline(self, path: Path) -> Outline:
        return Outline(pages=20, title="")

    def convert(self, path: Path, pages: range) -> list[Page]:
        line = Line(text=self.made_by, box=None)
        return [
            Page(number=n + 1, blocks=(Block(kind="text", level=0, lines=(line,), markdown=""),))
            for n in pages
        ]


@dataclass(frozen=True, slots=True)
class Raising(Plain):
    """Fails as parsers do, with errors of no common class, in the outline and on the page with index 10."""

    def outline(self, path: Path) -> Outline:
        raise IndexError("list index out of range")

    def convert(self, path: Path, pages: range) -> list[Page]:
        if 10 in pages:
            raise IndexError("list index out of range")
        return Plain.convert(self, path, pages)


@dataclass(frozen=True, slots=True)
class Crashing(Plain):
    """Takes its process with it on the page with index 10."""

    def convert(self, path: Path, pages: range) -> list[Page]:
        if 10 in pages:
            os._exit(11)
        return Plain.convert(self, path, pages)


@dataclass(frozen=True, slots=True)
class Empty(Plain):
    """Finds no text."""

    def convert(self, path: Path, pages: range) -> list[Page]:
        return [Page(number=n + 1, blocks=()) for n in pages]


def makers(pages: list[Page]) -> list[str]:
    return [page.blocks[0].lines[0].text for page in pages]


async def test_all_pages_come_in_order_and_are_counted(workers: Workers) -> None:
    """Ranges are converted side by side and told of as they are done."""
    counted: list[int] = []
    pages = await convert(Plain(), PATH, 20, workers, counted.append)
    assert [page.number for page in pages] == list(range(1, 21))
    assert sum(counted) == 20


@pytest.mark.parametrize("converter", [Raising, Crashing])
async def test_where_the_layout_fails_the_plain_text_is_taken(
    workers: Workers, converter: type[Plain]
) -> None:
    """For the range of pages that failed, not for the document."""
    pages = await convert(converter("layout", fallback=Plain()), PATH, 20, workers, lambda _: None)
    assert makers(pages) == ["layout"] * 8 + ["plain"] * 8 + ["layout"] * 4


@pytest.mark.parametrize("converter", [Raising, Crashing])
async def test_where_nothing_can_read_it_the_document_is_broken(
    workers: Workers, converter: type[Plain]
) -> None:
    """Whatever the parser's own error was."""
    with pytest.raises(SourceError) as caught:
        await convert(converter(), PATH, 20, workers, lambda _: None)
    assert caught.value.reason == "broken"


async def test_a_file_that_cannot_be_opened_is_broken(workers: Workers) -> None:
    """Also where the parser has no word for it."""
    assert (await outline(Plain(), PATH, workers)).pages == 20
    with pytest.raises(SourceError) as caught:
        await outline(Raising(), PATH, workers)
    assert caught.value.reason == "broken"


async def test_a_document_without_text_is_named_as_such(workers: Workers) -> None:
    """As scanned ones are."""
    with pytest.raises(SourceError) as caught:
        await convert(Empty(), PATH, 20, workers, lambda _: None)
    assert caught.value.reason == "no_text"
