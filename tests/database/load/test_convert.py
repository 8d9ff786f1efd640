"""One document's pages, converted in worker processes."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from database.errors import SourceError
from database.load import convert as load_convert
from database.load.convert import Conversion, outline
from database.load.converters.base import Block, Converter, Line, Outline, Page
from database.load.kept_pages import KeptPages, forget_old
from database.records import Box
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
    seconds_a_page: float = 10.0

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
class AlwaysRaising(Plain):
    """Fails on every page."""

    def convert(self, path: Path, pages: range) -> list[Page]:
        raise IndexError("list index out of range")


@dataclass(frozen=True, slots=True)
class AlwaysCrashing(Plain):
    """Takes its process with it on every page."""

    def convert(self, path: Path, pages: range) -> list[Page]:
        os._exit(11)


@dataclass(frozen=True, slots=True)
class Hanging(Plain):
    """Never ends on the page with index 10."""

    def convert(self, path: Path, pages: range) -> list[Page]:
        if 10 in pages:
            time.sleep(600)
        return Plain.convert(self, path, pages)


@dataclass(frozen=True, slots=True)
class Counting(Plain):
    """Leaves a mark in a folder for every range that it converts."""

    def convert(self, path: Path, pages: range) -> list[Page]:
        (path / f"{pages.start}-{pages.stop}-{os.urandom(4).hex()}").touch()
        return Plain.convert(self, path, pages)


def makers(pages: list[Page]) -> list[str]:
    return [page.blocks[0].lines[0].text if page.blocks else "" for page in pages]


@pytest.fixture
def kept(tmp_path: Path) -> KeptPages:
    return KeptPages(tmp_path / "kept")


async def convert(
    converter: Converter,
    workers: Workers,
    kept: KeptPages,
    *,
    path: Path = PATH,
    pages: int | None = 20,
    converted: Callable[[int], None] = lambda _: None,
) -> tuple[list[Page], Conversion]:
    conversion = Conversion(
        converter=converter, path=path, pages=pages, workers=workers, kept=kept, converted=converted
    )
    async with aclosing(conversion.ranges()) as ranges:
        return [page async for part in ranges for page in part], conversion


async def test_all_pages_come_in_order_and_are_counted(workers: Workers, kept: KeptPages) -> None:
    """Ranges are converted side by side and told of as they are done."""
    counted: list[int] = []
    pages, _ = await convert(Plain(), workers, kept, converted=counted.append)
    assert [page.number for page in pages] == list(range(1, 21))
    assert sum(counted) == 20


async def test_only_a_few_ranges_are_ahead(workers: Workers, kept: KeptPages, tmp_path: Path) -> None:
    """Of a long document, so that its pages don't pile up before they are embedded."""
    marks = tmp_path / "marks"
    marks.mkdir()
    conversion = Conversion(
        converter=Counting(),
        path=marks,
        pages=800,
        workers=workers,
        kept=kept,
        converted=lambda _: None,
    )
    async with aclosing(conversion.ranges()) as ranges:
        await anext(ranges)
        await asyncio.sleep(0.5)
        assert 1 <= len(list(marks.iterdir())) <= workers.processes + 1


@pytest.mark.parametrize("converter", [Raising, Crashing])
async def test_where_the_layout_fails_the_plain_text_is_taken(
    workers: Workers, kept: KeptPages, converter: type[Plain]
) -> None:
    """For the page that failed, not for the document."""
    pages, conversion = await convert(converter("layout", fallback=Plain()), workers, kept)
    assert makers(pages) == ["layout"] * 10 + ["plain"] + ["layout"] * 9
    assert conversion.failures == []


async def test_a_page_that_never_ends_costs_that_page(
    workers: Workers, kept: KeptPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is killed, tried alone, killed again, and left blank; the others are there."""
    monkeypatch.setattr(load_convert, "SECONDS_TO_START", 2.0)
    plain = Hanging("plain", seconds_a_page=0.1)
    layout = Hanging("layout", fallback=plain, seconds_a_page=0.1)
    pages, conversion = await convert(layout, workers, kept)
    assert makers(pages) == ["layout"] * 10 + [""] + ["layout"] * 9
    assert pages[10] == Page(number=11, blocks=(), condition="unreadable")
    assert [error.reason for error in conversion.failures] == ["too_slow"]


async def test_where_pages_fail_again_and_again_nobody_tries_the_rest(
    workers: Workers, kept: KeptPages, tmp_path: Path
) -> None:
    """After three, the layout is left out; after three that nothing can read, the document is given up."""

    pages, _ = await convert(
        AlwaysRaising("layout", fallback=Counting("plain")), workers, kept, path=tmp_path
    )
    assert makers(pages) == ["plain"] * 20
    with pytest.raises(SourceError) as caught:
        await convert(AlwaysRaising("layout", fallback=AlwaysRaising()), workers, KeptPages(tmp_path / "b"))
    assert caught.value.reason == "broken"


@pytest.mark.parametrize("converter", [Raising, Crashing])
async def test_a_page_that_nothing_can_read_is_left_blank(
    workers: Workers, kept: KeptPages, converter: type[Plain]
) -> None:
    """A bad page costs itself."""
    pages, conversion = await convert(converter(), workers, kept)
    assert makers(pages) == ["plain"] * 10 + [""] + ["plain"] * 9
    assert [error.reason for error in conversion.failures] == ["broken"]


@pytest.mark.parametrize("converter", ["raising", "crashing"])
async def test_where_nothing_can_read_it_the_document_is_broken(
    workers: Workers, kept: KeptPages, converter: str
) -> None:
    """Whatever the parser's own error was; of a document without pages at once."""
    bad = AlwaysRaising() if converter == "raising" else AlwaysCrashing()
    for pages in (None, 1, 20):
        with pytest.raises(SourceError) as caught:
            await convert(bad, workers, kept, pages=pages)
        assert caught.value.reason == "broken"


async def test_what_was_converted_is_not_converted_again(
    workers: Workers, kept: KeptPages, tmp_path: Path
) -> None:
    """A loader that was stopped goes on where it was; a damaged file is no harm."""
    marks = tmp_path / "marks"
    marks.mkdir()
    first, _ = await convert(Counting(), workers, kept, path=marks)
    assert len(list(marks.iterdir())) == 3
    again, _ = await convert(Counting(), workers, kept, path=marks)
    assert again == first
    assert len(list(marks.iterdir())) == 3
    (tmp_path / "kept" / "8-16.json").write_text('[{"number": 9, "blocks": [{"kind"')
    (tmp_path / "kept" / "16-20.json").write_text('[{"number": 17, "blocks": [{"kind": "evil"}]}]')
    assert (await convert(Counting(), workers, kept, path=marks))[0] == first
    assert len(list(marks.iterdir())) == 5
    kept.discard()
    assert not (tmp_path / "kept").exists()


async def test_what_nobody_comes_back_for_is_forgotten(tmp_path: Path) -> None:
    """After a week; what is younger stays."""
    for name in ("old", "young"):
        KeptPages(tmp_path / name).write(range(1), [Page(number=1, blocks=())])
    long_ago = time.time() - 8 * 24 * 3_600
    os.utime(tmp_path / "old", (long_ago, long_ago))
    forget_old(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["young"]
    forget_old(tmp_path / "none")


async def test_a_page_survives_being_kept(kept: KeptPages) -> None:
    """Boxes, levels and kinds, and lines without a box."""
    box = Box(page=3, x0=1.25, y0=2.0, x1=3.5, y1=4.0)
    lines = (Line(text="Prazo é 10", box=box), Line(text="", box=None))
    page = Page(number=3, blocks=(Block(kind="table", level=0, lines=lines, markdown="|a|"),))
    kept.write(range(2, 3), [page])
    assert kept.read(range(2, 3)) == [page]
    assert kept.read(range(2, 4)) is None


async def test_a_file_that_cannot_be_opened_is_broken(workers: Workers) -> None:
    """Also where the parser has no word for it."""
    assert (await outline(Plain(), PATH, workers)).pages == 20
    with pytest.raises(SourceError) as caught:
        await outline(Raising(), PATH, workers)
    assert caught.value.reason == "broken"
