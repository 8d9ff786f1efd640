"""Crawls one site: breadth first, politely, and only under the address where it begins."""

from __future__ import annotations

import asyncio
import mimetypes
import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal, ParamSpec, TypeVar

from yarl import URL

from database.engines.base import Processes
from database.errors import EngineUnavailable, SourceError
from database.load import sources
from database.load.converters import converter_for
from database.load.converters.web import is_html
from database.load.web import robots
from database.load.web.addresses import AddressRefused, canonical, parse
from database.load.web.fetch import AGENT, BadStatus
from database.load.web.links import Links, Sitemap, read_links, read_sitemap
from database.load.web.pages import Page, Pages
from database.load.web.robots import Robots

P = ParamSpec("P")
R = TypeVar("R")

MOST_PAGES = 200
_MOST_ADDRESSES = 50_000  # that wait for their visit, and that a site's sitemaps may add
_MOST_SITEMAPS = 50
_SITEMAP_LEVELS = 2  # an index of indexes isn't allowed, but is there
_MOST_BYTES = 4 * 2**30  # of all pages of a site, which wait on the disk to be loaded
_MOST_FAILURES_IN_A_ROW = 5  # then the site is down, or wants no more visits
_MOST_SECONDS_TO_RETRY = 60.0
_SECONDS_TO_READ = 50.0  # most of it for a worker process to start
_GONE = frozenset({404, 410})
_BUSY = frozenset({429, 503})
_KINDS = mimetypes.MimeTypes(filenames=())  # what this program's version knows, not what the machine lists

Ending = Literal["whole", "most", "large", "silent"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How much of a site is visited. `depth` counts links from the start; `delay` is in seconds."""

    depth: int = 0
    most: int = MOST_PAGES
    sitemap: bool = False
    delay: float = 1.0


@dataclass(kw_only=True, slots=True)
class Site:
    """What was found. `pages` are addresses to be loaded, those that failed for now included; `gone` are
    addresses that the site has no page of its own for any more. `root` begins the address of each.

    `left_out` counts what robots.txt or the pages themselves exclude, copies, and what can't be loaded.
    """

    root: str
    pages: list[str] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    left_out: int = 0
    ending: Ending = "whole"


@dataclass(frozen=True, kw_only=True, slots=True)
class Crawler:
    """Visits sites. `found` is told how many pages there are, whenever there is one more."""

    pages: Pages
    workers: Processes
    plan: Plan
    found: Callable[[int], None]
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep

    async def crawl(self, start: str, known: Iterable[str] = ()) -> Site:
        """The site's pages. Known addresses under the start that weren't found are visited, too.

        Raises SourceError where the start can't be visited, or robots.txt can't be read or forbids it.
        """
        return await _Crawl(self, parse(start)).run(known)


def is_sitemap(address: str) -> bool:
    """Whether it must be one by its name: XML is no document that can be loaded."""
    try:
        path = parse(address).path.lower()
    except SourceError:
        return False
    return path.endswith((".xml", ".xml.gz")) or PurePosixPath(path).name in ("sitemap.txt", "sitemap.gz")


class _Crawl:
    """One site's visit, while it lasts."""

    def __init__(self, crawler: Crawler, start: URL) -> None:
        self._pages = crawler.pages
        self._workers = crawler.workers
        self._plan = crawler.plan
        self._found = crawler.found
        self._sleep = crawler.sleep
        self._start = URL(canonical(start), encoded=True)
        self._scope = _Scope.under(self._start)
        self._site = Site(root=self._scope.root)
        self._robots: dict[URL, Robots] = {}
        self._next: dict[str, float] = {}
        self._queue: deque[tuple[URL, int]] = deque()
        self._copies: deque[tuple[Page, URL, URL]] = deque()
        self._seen: set[URL] = set()
        self._digests: set[str] = set()
        self._bytes = 0
        self._failures = 0

    async def run(self, known: Iterable[str]) -> Site:
        if is_sitemap(str(self._start)):
            listed = await self._listed([str(self._start)], required=True)
        else:
            listed = await self._begin()
        for address in listed:
            self._enqueue(address, 0)
        await self._visit_all()
        self._settle_copies()
        if self._site.ending != "silent":
            await self._visit_known(known)
        return self._site

    async def _begin(self) -> list[str]:
        """Visit the start, which may lead to where the site really is; its sitemaps' addresses, if wanted."""
        page = await self._ask(self._start)
        self._scope = self._scope.moved(URL(canonical(parse(page.url)), encoded=True))
        self._site.root = self._scope.root
        self._seen.add(self._start)
        await self._take(page, self._start, 0)
        if not self._plan.sitemap:
            return []
        origin = self._scope.origin
        named = (await self._robots_of(origin)).sitemaps
        return await self._listed(named or [str(origin.with_path("/sitemap.xml"))], required=False)

    async def _visit_all(self) -> None:
        while self._queue and self._site.ending == "whole":
            if len(self._site.pages) >= self._plan.most:
                self._site.ending = "most"
            elif self._bytes > _MOST_BYTES:
                self._site.ending = "large"
            else:
                await self._visit(*self._queue.popleft())

    async def _visit_known(self, known: Iterable[str]) -> None:
        for address in known:
            url = _url(address)
            if url is not None and url not in self._seen and self._scope.holds(url):
                self._seen.add(url)
                await self._visit(url, self._plan.depth)
        self._settle_copies()

    async def _visit(self, url: URL, depth: int) -> None:
        try:
            page = await self._ask(url)
        except SourceError as error:
            self._note_failure(url, error)
        else:
            self._failures = 0
            await self._take(page, url, depth)

    def _note_failure(self, url: URL, error: SourceError) -> None:
        """One bad page never ends a crawl; many in a row, with nothing between them, do."""
        status = error.status if isinstance(error, BadStatus) else None
        silent = error.reason in ("unreachable", "too_slow") and status not in _GONE
        self._failures = self._failures + 1 if silent else 0
        if self._failures == _MOST_FAILURES_IN_A_ROW:
            self._site.ending = "silent"
        if status in _GONE:
            self._site.gone.add(str(url))
        elif isinstance(error, _Excluded) or error.reason == "unsupported":
            self._site.left_out += 1
        else:
            self._site.pages.append(str(url))

    async def _take(self, page: Page, asked: URL, depth: int) -> None:
        """Follow the page's links, and keep it unless it is somewhere else's, a copy, or not to be kept."""
        url = URL(canonical(parse(page.url)), encoded=True)
        if url != asked:
            self._site.gone.add(str(asked))
            if not self._scope.holds(url) or not (await self._robots_of(url)).permits(url):
                self._site.left_out += 1
                return
            if url in self._seen:
                return
            self._seen.add(url)
        links = await self._links(page)
        if depth < self._plan.depth and links.follow:
            for address in links.addresses:
                self._enqueue(address, depth + 1)
        original = _url(links.canonical) if links.canonical else None
        if not links.index:
            self._leave_out(url)
        elif original is not None and original != url and self._scope.holds(original):
            self._enqueue(str(original), depth)
            self._copies.append((page, url, original))
        elif not await sources.is_loadable(page):
            self._site.left_out += 1
        else:
            self._keep(page, url)

    def _settle_copies(self) -> None:
        """Leave out the pages that name another as the original, where that one was found."""
        while self._copies:
            page, url, original = self._copies.popleft()
            if str(original) in self._site.pages:
                self._leave_out(url)
            else:
                self._keep(page, url)

    def _keep(self, page: Page, url: URL) -> None:
        if page.sha256 in self._digests:
            self._leave_out(url)
            return
        self._digests.add(page.sha256)
        self._bytes += page.size
        self._site.pages.append(str(url))
        self._found(len(self._site.pages))

    def _leave_out(self, url: URL) -> None:
        self._site.left_out += 1
        self._site.gone.add(str(url))

    def _enqueue(self, address: str, depth: int) -> None:
        url = _url(address)
        if url is None:
            return
        url = self._scope.secured(url)
        if url in self._seen or not self._scope.holds(url) or not _may_be_document(url):
            return
        if len(self._seen) < _MOST_ADDRESSES:
            self._seen.add(url)
            self._queue.append((url, depth))

    async def _listed(self, first: Collection[str], *, required: bool) -> list[str]:
        """The pages that these sitemaps list, and those that they lead to, of this host."""
        waiting = deque((address, 1) for address in first)
        asked: set[URL] = set()
        listed: dict[str, None] = {}
        while waiting and len(asked) < _MOST_SITEMAPS and len(listed) < _MOST_ADDRESSES:
            address, level = waiting.popleft()
            url = _url(address)
            if url is None or url in asked or url.raw_host != self._scope.origin.raw_host:
                continue
            asked.add(url)
            try:
                page = await self._ask(url)
                sitemap: Sitemap = await self._in_worker(read_sitemap, page.path)
            except SourceError:
                if required:
                    raise
                self._site.left_out += 1
                continue
            required = False
            listed.update(dict.fromkeys(sitemap.pages))
            if level <= _SITEMAP_LEVELS:
                waiting.extend((address, level + 1) for address in sitemap.sitemaps)
        return list(listed)

    async def _links(self, page: Page) -> Links:
        """A page whose links can't be read is still a page: whether it can be loaded is seen then."""
        if not is_html(page.media_type):
            return Links(index="noindex" not in page.robots.lower() and "none" not in page.robots.lower())
        try:
            return await self._in_worker(read_links, page.path, page.url, page.robots)
        except SourceError:
            return Links()

    async def _ask(self, url: URL) -> Page:
        """The page, in its turn. Raises SourceError, _Excluded where robots.txt forbids it."""
        rules = await self._robots_of(url)
        if not rules.permits(url):
            raise _Excluded("refused", f"robots.txt of {url.host} asks not to visit it.")
        await self._wait_for_turn(url, rules)
        try:
            return await self._pages.get(str(url))
        except BadStatus as error:
            if error.status not in _BUSY:
                raise
            await self._sleep(_seconds_to_retry(error.retry_after))
            return await self._pages.get(str(url), again=True)
        finally:
            self._note_turn(url, rules)

    async def _robots_of(self, url: URL) -> Robots:
        """RFC 9309, 2.3.1: where there are no rules, all is allowed; where they can't be read, nothing is."""
        origin = url.origin()
        if origin not in self._robots:
            try:
                text = await self._pages.text(str(origin.with_path("/robots.txt")), robots.MOST_BYTES)
                rules = robots.parse(text, AGENT)
            except AddressRefused:
                raise
            except BadStatus as error:
                if error.status >= 500 or error.status < 400:
                    raise _unreadable(error) from None
                rules = Robots()
            except SourceError as error:
                raise _unreadable(error) from None
            self._robots[origin] = rules
            self._note_turn(url, rules)
        return self._robots[origin]

    async def _wait_for_turn(self, url: URL, rules: Robots) -> None:
        left = self._next.get(url.raw_host or "", 0.0) - time.monotonic()
        if left > 0:
            await self._sleep(left)

    def _note_turn(self, url: URL, rules: Robots) -> None:
        self._next[url.raw_host or ""] = time.monotonic() + max(self._plan.delay, rules.delay)

    async def _in_worker(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await self._workers.run(_SECONDS_TO_READ, function, *args, **kwargs)
        except (SourceError, EngineUnavailable):
            raise
        except Exception as error:  # noqa: BLE001  (a parser's errors have no common class; this is its process's edge)
            raise SourceError(
                "broken", f"It makes the reader fail: {type(error).__name__}: {error}"
            ) from None


class _Excluded(SourceError):
    """robots.txt asks not to visit the address."""


@dataclass(frozen=True, slots=True)
class _Scope:
    """Addresses of one origin, under one path, which ends with a slash."""

    origin: URL
    path: str

    @classmethod
    def under(cls, url: URL) -> _Scope:
        """Of a folder, itself; of a file (with a dot in its name), the folder that it is in."""
        folder, _, name = url.raw_path.rpartition("/")
        return cls(url.origin(), f"{folder}/" if "." in name or not name else f"{folder}/{name}/")

    def moved(self, url: URL) -> _Scope:
        """Where the start was redirected to: the same where it holds that, else around it."""
        return self if self.holds(url) else _Scope.under(url)

    @property
    def root(self) -> str:
        """What each address begins with, without the slash that follows."""
        return f"{self.origin}{self.path}".rstrip("/")

    def holds(self, url: URL) -> bool:
        return url.origin() == self.origin and f"{url.raw_path}/".startswith(self.path)

    def secured(self, url: URL) -> URL:
        """Old links to a site that is on HTTPS now mean the same pages."""
        https = url.with_scheme("https") if url.scheme == "http" and url.is_default_port() else url
        return https if self.holds(https) else url


def _url(address: str) -> URL | None:
    try:
        return URL(canonical(parse(address)), encoded=True)
    except SourceError:
        return None


def _may_be_document(url: URL) -> bool:
    """By the ending, where that says something: pictures and programs aren't asked for."""
    kind, _ = _KINDS.guess_type(PurePosixPath(url.path).name)
    return kind is None or converter_for(kind) is not None


def _seconds_to_retry(said: str) -> float:
    return min(float(said), _MOST_SECONDS_TO_RETRY) if said.isascii() and said.isdigit() else 10.0


def _unreadable(error: SourceError) -> SourceError:
    return SourceError("unreachable", f"robots.txt can't be read, so the site is left alone: {error}")
