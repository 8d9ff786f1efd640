"""Sites on their way into the collection, and what a second visit costs."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web

from database.collection import Collection
from database.commands import crawling
from database.commands.crawling import Crawled
from database.files.local import LocalFiles
from database.load import sources
from database.load.pipeline import Loader, Summary
from database.load.progress import Progress
from database.load.web.addresses import Policy
from database.load.web.crawl import Plan
from database.load.web.pages import open_pages
from database.messages import Messages
from database.retrieve import Retriever
from database.stores.lance import LanceStore
from database.workers import Workers
from tests.database.fakes import WordsEmbedder
from tests.database.load.web.fakes import POLICY, PUBLIC, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

PLAN = Plan(depth=3, delay=0.0)
MESSAGES = Messages("en")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workers() -> AsyncIterator[Workers]:
    async with Workers(1) as pool:
        yield pool


@dataclass
class Desk:
    """A site, a collection, and `seed` between them, without a terminal."""

    folder: Path
    collection: Collection
    workers: Workers
    pages: dict[str, str]
    asked: list[str] = field(default_factory=list)
    said: io.StringIO = field(default_factory=io.StringIO)

    async def answer(self, request: web.Request) -> web.Response:
        text = self.pages.get(request.path)
        if text is None:
            return web.Response(status=404)
        etag = f'"{hash(text)}"'
        same = request.headers.get("If-None-Match") == etag
        self.asked.append(f"{request.path} {304 if same else 200}")
        if same:
            return web.Response(status=304)
        return web.Response(text=text, content_type="text/html", headers={"ETag": etag})

    async def seed(
        self, start: str, *, prune: bool = False, policy: Policy = POLICY
    ) -> tuple[Crawled, Summary]:
        self.asked.clear()
        progress = Progress(MESSAGES, self.said)
        loader = Loader(
            store=self.collection.store,
            files=self.collection.files,
            embedder=WordsEmbedder(),
            workers=self.workers,
            progress=progress,
            messages=MESSAGES,
        )
        async with open_pages(policy, data_dir=self.folder, kept=self.collection.files) as pages:
            known = await self.collection.store.documents() if prune else []
            crawled = await crawling.crawl([start], PLAN, pages, self.workers, progress, MESSAGES, known)
            summary = await loader.load(crawled.found)
            if prune:
                await crawling.prune(crawled.sites, self.collection.store, loader, summary)
            crawling.explain([*crawled.failed, *summary.failed], progress, MESSAGES)
        return crawled, summary

    async def names(self) -> list[str]:
        return sorted(document.name.partition("/")[2] for document in await self.collection.store.documents())


def article(text: str, *links: str) -> str:
    anchors = "".join(f"<a href='{link}'>x</a>" for link in links)
    return f"<html><head><title>{text}</title></head><body>{anchors}<p>O prazo de {text}.</p></body></html>"


@pytest_asyncio.fixture(loop_scope="module")
async def desk(tmp_path: Path, workers: Workers) -> AsyncIterator[Desk]:
    store = await LanceStore.open(tmp_path / "data", embedder="words")
    collection = Collection(
        store=store,
        files=LocalFiles(tmp_path / "data" / "files"),
        retriever=Retriever(store=store, embedder=WordsEmbedder()),
    )
    pages = {
        "/d/": article("início", "/d/a", "/d/b"),
        "/d/a": article("matrícula"),
        "/d/b": article("recurso"),
    }
    yield Desk(folder=tmp_path / "data", collection=collection, workers=workers, pages=pages)
    await store.close()


async def test_a_site_becomes_a_document_a_page(desk: Desk) -> None:
    """Each page is fetched once, although it is both crawled and loaded."""
    async with serving(desk.answer) as port:
        _, summary = await desk.seed(f"http://{PUBLIC}:{port}/d/")
    assert (summary.loaded, summary.failed) == (3, [])
    assert desk.asked == ["/d/ 200", "/d/a 200", "/d/b 200"]
    assert await desk.names() == ["d", "d/a", "d/b"]
    (match, *_) = await desk.collection.retriever.search("prazo de recurso", limit=3)
    assert match.document.source == f"http://{PUBLIC}:{port}/d/b"
    assert "3 pages found" in desk.said.getvalue()


async def test_a_second_visit_brings_what_changed(desk: Desk) -> None:
    """What didn't isn't sent again, but its links still lead on; what is gone stays unless it is pruned."""
    async with serving(desk.answer) as port:
        start = f"http://{PUBLIC}:{port}/d/"
        await desk.seed(start)
        desk.pages["/d/a"] = article("matrícula em março")
        desk.pages["/d/"] = article("início", "/d/a", "/d/b", "/d/new")
        del desk.pages["/d/b"]
        _, summary = await desk.seed(start)
        assert (summary.loaded, summary.unchanged, summary.removed) == (2, 0, 0)
        assert await desk.names() == ["d", "d/a", "d/b"]
        desk.pages["/d/new"] = article("edital novo")
        _, summary = await desk.seed(start, prune=True)
        assert (summary.loaded, summary.unchanged, summary.removed) == (1, 2, 1)
        assert desk.asked == ["/d/ 304", "/d/a 304", "/d/new 200"]
        assert await desk.names() == ["d", "d/a", "d/new"]


async def test_a_site_that_is_down_loses_nothing(desk: Desk) -> None:
    """Pruned or not."""
    async with serving(desk.answer) as port:
        start = f"http://{PUBLIC}:{port}/d/"
        await desk.seed(start)
        desk.pages.clear()
        crawled, summary = await desk.seed(start, prune=True)
    assert [error.reason for _, error in crawled.failed] == ["unreachable"]
    assert summary.removed == 0
    assert await desk.names() == ["d", "d/a", "d/b"]


async def test_other_documents_are_not_pruned_with_a_site(desk: Desk) -> None:
    """Those above it, and those of folders."""
    desk.pages["/other"] = article("outra página")
    async with serving(desk.answer) as port:
        await desk.seed(f"http://{PUBLIC}:{port}/other")
        await desk.seed(f"http://{PUBLIC}:{port}/d/")
        del desk.pages["/other"], desk.pages["/d/b"]
        await desk.seed(f"http://{PUBLIC}:{port}/d/", prune=True)
    assert await desk.names() == ["d", "d/a", "other"]


async def test_a_private_site_is_refused_with_the_setting_that_allows_it(desk: Desk) -> None:
    """In the person's language."""
    async with serving(desk.answer) as port:
        crawled, _ = await desk.seed(f"http://{PUBLIC}:{port}/d/", policy=Policy())
    assert [error.reason for _, error in crawled.failed] == ["refused"]
    assert f"INTRANET_ADDRESSES={PUBLIC}" in desk.said.getvalue()
    assert desk.asked == []


async def test_a_page_of_scripts_alone_holds_no_text(desk: Desk) -> None:
    """What it says to browsers without scripts is not what it is about."""
    desk.pages["/app"] = (
        "<html><head><title>App</title></head><body><noscript>You need to enable JavaScript to run this app."
        "</noscript><div id='root'></div><script>var prazo = 'trinta dias';</script></body></html>"
    )
    async with serving(desk.answer) as port:
        _, summary = await desk.seed(f"http://{PUBLIC}:{port}/app")
    assert [error.reason for _, error in summary.failed] == ["no_text"]


async def test_sites_are_told_from_pages() -> None:
    """A sitemap is always one, any web address where links are to be followed, a file never."""
    arguments = ["https://x.example/", "https://x.example/sitemap.xml", "folder/sitemap.xml"]
    assert crawling.starts(arguments, None) == ["https://x.example/sitemap.xml"]
    assert crawling.starts(arguments, PLAN) == arguments[:2]
    assert [source.name for source in sources.find(arguments[:1])[0]] == ["x.example"]
