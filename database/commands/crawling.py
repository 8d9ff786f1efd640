"""What `seed` does with whole sites."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from database.engines.base import Processes
from database.errors import SourceError
from database.load import sources
from database.load.pipeline import Loader, Summary
from database.load.progress import Progress
from database.load.sources import Source
from database.load.web.addresses import AddressRefused
from database.load.web.crawl import Crawler, Plan, Site, is_sitemap
from database.load.web.pages import Pages
from database.messages import Messages
from database.records import Document
from database.stores.base import Store

_EVERY_SECONDS = 5.0


@dataclass(kw_only=True, slots=True)
class Crawled:
    """The sites that were visited, the sources found there, and the starts that failed."""

    sites: list[Site] = field(default_factory=list)
    found: list[Source] = field(default_factory=list)
    failed: list[tuple[Source, SourceError]] = field(default_factory=list)


def starts(arguments: Sequence[str], plan: Plan | None) -> list[str]:
    """The arguments that stand for sites: web addresses where links are followed, and sitemaps."""
    return [
        argument
        for argument in arguments
        if sources.is_web_address(argument) and (plan is not None or is_sitemap(argument))
    ]


async def crawl(
    wanted: Sequence[str],
    plan: Plan,
    pages: Pages,
    workers: Processes,
    progress: Progress,
    messages: Messages,
    known: Iterable[Document] = (),
) -> Crawled:
    """Visit sites one after the other. A site that can't be visited is noted, and the others go on.

    Of the known documents, those of a site that weren't found there are visited, too.
    """
    crawled = Crawled()
    addresses = [place.address for document in known for place in document.places]
    for start in wanted:
        crawler = Crawler(pages=pages, workers=workers, plan=plan, found=_teller(start, progress, messages))
        try:
            site = await crawler.crawl(start, addresses)
        except SourceError as error:
            (source,), _ = sources.find([start])
            crawled.failed.append((source, error))
            progress.say(messages("failed", name=source.name, reason=messages.reason(error.reason)))
            continue
        crawled.sites.append(site)
        sentence = "crawled" if site.left_out else "pages_found"
        progress.say(messages(sentence, site=start, pages=len(site.pages), left_out=site.left_out))
        if site.ending != "whole":
            progress.say(messages(f"crawl_{site.ending}", site=start, most=plan.most))
    crawled.found, _ = sources.find(page for site in crawled.sites for page in site.pages)
    return crawled


async def prune(sites: Iterable[Site], store: Store, loader: Loader, summary: Summary) -> None:
    """Remove documents of pages that these sites have no more; what wasn't visited stays."""
    for site in sites:
        keep = [
            Source(address=place.address, name=place.name, library=document.library)
            for document in await store.documents()
            for place in document.places
            if place.address not in site.gone
        ]
        await loader.prune(keep, [site.root], summary)


def explain(failed: Iterable[tuple[Source, SourceError]], progress: Progress, messages: Messages) -> None:
    """Say once of each host on a private address which setting lets its pages be loaded."""
    hosts = {
        (error.host, error.address): None
        for _, error in failed
        if isinstance(error, AddressRefused) and error.may_be_allowed
    }
    for host, address in hosts:
        progress.say(messages("intranet", host=host, address=address))


def _teller(site: str, progress: Progress, messages: Messages) -> Callable[[int], None]:
    """Says how many pages there are, now and then."""
    said = time.monotonic()

    def found(pages: int) -> None:
        nonlocal said
        if time.monotonic() - said >= _EVERY_SECONDS:
            said = time.monotonic()
            progress.say(messages("pages_found", site=site, pages=pages))

    return found
