"""Web pages, each asked for once: fetched, or taken from the kept files where the site has nothing newer."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from aiohttp import hdrs
from aiohttp.abc import AbstractResolver
from yarl import URL

from database.errors import SourceError
from database.files.base import Files
from database.load.converters.web import HTML
from database.load.web import charset
from database.load.web.addresses import Policy
from database.load.web.fetch import Answer, Fetcher, Limits, require_page
from database.load.web.visits import Visit, Visits

_ROBOTS_TAG = "X-Robots-Tag"
_SNIFFED = 512  # bytes

_current: ContextVar[Pages] = ContextVar("pages")


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What an address gives. `url` is where it was found, behind redirects; `path` holds its bytes.

    `robots` is what the header X-Robots-Tag says.
    """

    url: str
    path: Path
    size: int
    sha256: str
    media_type: str
    robots: str


class Pages:
    """Asks for each address once, as long as it is open: a crawled page isn't fetched again to be loaded."""

    def __init__(self, fetcher: Fetcher, folder: Path, visits: Visits | None, kept: Files | None) -> None:
        self._fetcher = fetcher
        self._folder = folder
        self._visits = visits
        self._kept = kept
        self._asked: dict[str, Page | SourceError] = {}

    async def get(self, address: str, *, again: bool = False) -> Page:
        """Raises SourceError: unreachable, refused, too_large, too_slow, unsupported. `again` asks anew."""
        known = None if again else self._asked.get(address)
        if known is None:
            try:
                known = await self._get(address)
                self._asked[known.url] = known
            except SourceError as error:
                known = error
            self._asked[address] = known
        if isinstance(known, SourceError):
            raise known
        return known

    async def text(self, address: str, most_bytes: int) -> str:
        """The beginning of a text. Raises SourceError, BadStatus where the site has none."""
        answer = await self._fetcher.fetch(address)
        require_page(answer)
        return answer.data[:most_bytes].decode("utf-8", errors="replace")

    async def _get(self, address: str) -> Page:
        before: dict[URL, tuple[Visit, Path, int]] = {}

        async def conditions(url: URL) -> Mapping[str, str]:
            visit = await self._visits.last(str(url)) if self._visits else None
            path = await self._kept.path(visit.sha256) if visit and self._kept else None
            if visit is None or path is None:
                return {}
            data = await asyncio.to_thread(path.read_bytes)
            if hashlib.sha256(data).hexdigest() != visit.sha256:
                return {}
            before[url] = visit, path, len(data)
            headers = {hdrs.IF_NONE_MATCH: visit.etag, hdrs.IF_MODIFIED_SINCE: visit.last_modified}
            return {name: value for name, value in headers.items() if value}

        answer = await self._fetcher.fetch(address, conditions)
        if answer.status == 304 and answer.url in before:
            visit, path, size = before[answer.url]
            return Page(
                url=str(answer.url),
                path=path,
                size=size,
                sha256=visit.sha256,
                media_type=visit.media_type,
                robots=visit.robots,
            )
        require_page(answer)
        return await self._keep(answer)

    async def _keep(self, answer: Answer) -> Page:
        media_type = answer.media_type or (HTML if _is_html(answer.data) else "")
        data = charset.to_utf8(answer.data, media_type, answer.charset)
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._folder / sha256
        await asyncio.to_thread(path.write_bytes, data)
        robots = ", ".join(answer.headers.getall(_ROBOTS_TAG, ()))
        if self._visits:
            visit = Visit(
                etag=answer.headers.get(hdrs.ETAG, ""),
                last_modified=answer.headers.get(hdrs.LAST_MODIFIED, ""),
                sha256=sha256,
                media_type=media_type,
                robots=robots,
            )
            await self._visits.note(str(answer.url), visit)
        return Page(
            url=str(answer.url),
            path=path,
            size=len(data),
            sha256=sha256,
            media_type=media_type,
            robots=robots,
        )


@asynccontextmanager
async def open_pages(
    policy: Policy,
    *,
    data_dir: Path | None = None,
    kept: Files | None = None,
    limits: Limits | None = None,
    names: AbstractResolver | None = None,
) -> AsyncIterator[Pages]:
    """Pages for whatever runs inside of the block.

    With `data_dir` and `kept`, what was loaded before is asked for with the validators that the site
    gave then, and taken from the kept files where the site says that nothing changed.
    """
    visits = await Visits.open(data_dir / "web.sqlite") if data_dir else None
    try:
        with tempfile.TemporaryDirectory(prefix="acervo-web-") as folder:
            async with Fetcher(policy, limits, names) as fetcher:
                pages = Pages(fetcher, Path(folder), visits, kept)
                token = _current.set(pages)
                try:
                    yield pages
                finally:
                    _current.reset(token)
    finally:
        if visits:
            await visits.close()


def _is_html(data: bytes) -> bool:
    """Of what the site gave no type."""
    return data[:_SNIFFED].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype html", b"<html"))


async def get(address: str) -> Page:
    """A page of those that are open around here. Raises SourceError, LookupError where none are."""
    return await _current.get().get(address)
