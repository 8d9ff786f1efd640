"""The third stage: pages that wait for their Markdown get it, those that are asked about first."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from database.asked import AskedPages
from database.errors import SourceError
from database.files.local import LocalFiles
from database.load import layout as load_layout
from database.load.converters.base import Block, Line, Outline, Page, Region
from database.load.layout import Layout, lay_out_page
from database.records import Box, Document, Route
from database.stores.lance import LanceStore
from tests.database.fakes import chunks, document, embeddings, page_state

PAGES = 6


@dataclass(frozen=True)
class Fake:
    """A page's text is that of the chunks in tests/database/fakes; its layout fails on `bad` pages."""

    bad: frozenset[int] = frozenset()
    name: str = "fake"
    fallback: None = None
    seconds_a_page: float = 1.0
    seconds_to_lay_out: float = 1.0

    def accepts(self, media_type: str) -> bool:
        return True

    def outline(self, path: Path) -> Outline:
        return Outline(pages=PAGES, title="")

    def convert(self, path: Path, pages: range) -> list[Page]:
        return [
            Page(
                number=n + 1,
                blocks=(Block(kind="text", level=0, lines=(self._line(n),), markdown=""),),
                route="layout",
            )
            for n in pages
        ]

    def regions(self, path: Path, number: int, route: Route) -> tuple[Region, ...]:
        if number + 1 in self.bad:
            raise SourceError("broken", "no layout")
        line = self._line(number)
        assert line.box
        return (Region(kind="table", level=0, box=line.box, markdown=f"|{line.text}|"),)

    def _line(self, number: int) -> Line:
        box = Box(page=number + 1, x0=1, y0=1, x1=9, y1=9)
        return Line(text=f"texto {number + 1}", box=box)


class Here:
    """Runs what worker processes would, and notes in which order."""

    processes = 1

    def __init__(self) -> None:
        self.pages: list[int] = []

    def warm(self, function: Callable[[], None]) -> None:
        pass

    async def run(self, seconds: float, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self.pages.append(args[2] + 1)
        return function(*args, **kwargs)


@dataclass
class Desk:
    """One document of six pages, of which the third needs no layout."""

    store: LanceStore
    document: Document
    workers: Here
    files: LocalFiles
    asked: AskedPages

    def layout(self, **changes: Any) -> Layout:
        told: list[int] = []
        return Layout(
            store=self.store,
            files=self.files,
            workers=self.workers,
            laid_out=told.append,
            asked=self.asked,
            **changes,
        )

    async def markdown(self) -> list[str]:
        return [chunk.markdown for chunk in await self.store.chunks(self.document.id)]

    async def waiting(self) -> list[int]:
        return [state.number for state in await self.store.pages(self.document.id) if not state.laid_out]


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setattr(load_layout, "converter_for", lambda _: Fake())
    store = await LanceStore.open(tmp_path / "data", embedder="words")
    files = LocalFiles(tmp_path / "files")
    (tmp_path / "a.pdf").write_bytes(b"bytes")
    sha256 = await files.put(tmp_path / "a.pdf")
    of = replace(document("a"), pages=PAGES, sha256=sha256)
    parts = [
        replace(c, markdown=f"({c.text})") for c in chunks(of, *(f"texto {n + 1}" for n in range(PAGES)))
    ]
    states = [page_state(n, laid_out=n == 3) for n in range(1, PAGES + 1)]
    await store.put(of, parts, embeddings(parts), states)
    yield Desk(store, of, Here(), files, AskedPages(tmp_path / "asked"))
    await store.close()


async def test_every_page_that_waits_is_laid_out(desk: Desk) -> None:
    """In order, once; its table is counted; then nothing is left to do."""
    await desk.layout().work_off()
    assert desk.workers.pages == [1, 2, 4, 5, 6]
    assert await desk.markdown() == [
        "|texto 1|",
        "|texto 2|",
        "(texto 3)",
        *(f"|texto {n}|" for n in (4, 5, 6)),
    ]
    assert [state.tables for state in await desk.store.pages("a")] == [1, 1, 0, 1, 1, 1]
    assert await desk.store.unfinished() == []
    await desk.layout().work_off()
    assert len(desk.workers.pages) == 5


async def test_pages_that_are_asked_about_come_first(desk: Desk) -> None:
    """Those of other documents and those that don't wait are let go."""
    desk.asked.add([("a", 5)])
    desk.asked.add([("none", 1), ("a", 3), ("a", 99)])
    await desk.layout().work_off()
    assert desk.workers.pages == [5, 1, 2, 4, 6]


async def test_it_stops_between_two_pages_and_goes_on_later(desk: Desk) -> None:
    """What is done is done."""
    await desk.layout(stop=lambda: len(desk.workers.pages) >= 2).work_off()
    left = await desk.waiting()
    assert 0 < len(left) < 5
    await desk.layout().work_off()
    assert await desk.waiting() == []
    assert sorted(desk.workers.pages) == [1, 2, 4, 5, 6]


async def test_a_page_that_can_not_be_laid_out_is_shown_as_it_was(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It isn't tried again."""
    monkeypatch.setattr(load_layout, "converter_for", lambda _: Fake(bad=frozenset([2])))
    await desk.layout().work_off()
    assert (await desk.markdown())[1] == "(texto 2)"
    assert await desk.waiting() == []
    (bad,) = [state for state in await desk.store.pages("a") if state.number == 2]
    assert (bad.route, bad.laid_out) == ("plain", True)


async def test_where_pages_fail_again_and_again_nobody_waits_for_the_rest(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After three, if more fail than don't."""
    monkeypatch.setattr(load_layout, "converter_for", lambda _: Fake(bad=frozenset(range(1, PAGES + 1))))
    await desk.layout().work_off()
    assert 3 <= len(desk.workers.pages) <= 4
    assert await desk.waiting() == []
    assert await desk.markdown() == [f"(texto {n})" for n in range(1, PAGES + 1)]


async def test_without_its_file_a_document_keeps_what_it_has(desk: Desk) -> None:
    """And is not waited for."""
    await desk.files.keep_only(frozenset())
    await desk.layout().work_off()
    assert desk.workers.pages == []
    assert await desk.store.unfinished() == []


def test_passages_that_are_cut_otherwise_now_keep_their_markdown() -> None:
    """A page that was read by other means at first: nothing is put where it doesn't belong."""
    seen = lay_out_page(Fake(), Path("x"), 0, "layout")
    assert seen.markdown_of([(7, "texto 1")]) == {7: "|texto 1|"}
    assert seen.markdown_of([(7, "outro")]) == {}
    assert seen.markdown_of([(7, "texto 1"), (8, "mais")]) == {}
