"""`seed`: load files, folders and web addresses."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from database.asked import AskedPages
from database.collection import open_storage
from database.commands import crawling
from database.engines.opening import EngineName, open_engine
from database.errors import StoreUnavailable
from database.load import sources
from database.load.converters import trying
from database.load.pipeline import Loader
from database.load.progress import Progress
from database.load.turns import claim, finish
from database.load.web.addresses import Policy
from database.load.web.crawl import Plan
from database.load.web.pages import open_pages
from database.messages import Messages
from database.settings import Settings
from database.stores.base import Store


async def run(
    settings: Settings,
    messages: Messages,
    arguments: Sequence[str],
    *,
    prune: bool,
    engine: EngineName = "local",
    address: str | None = None,
    processes: int | None = None,
    plan: Plan | None = None,
    passwords: Sequence[str] = (),
) -> int:
    """0 where everything is loaded, 1 where a source failed.

    With a plan, web addresses stand for whole sites; sitemaps always do.
    """
    sites = crawling.starts(arguments, plan)
    found, missing = sources.find(argument for argument in arguments if argument not in sites)
    progress = Progress(messages)
    for source, error in missing:
        progress.say(messages("failed", name=source.name, reason=messages.reason(error.reason)))
    if not found and not sites and not prune and not await _is_unfinished(settings):
        if not missing:
            progress.say(messages("nothing_to_load", places=", ".join(arguments)))
        return 1 if missing else 0

    def tell(key: str, values: Mapping[str, object]) -> None:
        progress.say(messages(key, **values))

    policy = Policy(settings.intranet_addresses)
    async with (
        open_storage(settings, tell=tell) as storage,
        open_engine(engine, settings, processes=processes, address=address) as working,
        open_pages(policy, data_dir=settings.data_dir, kept=storage.files) as pages,
    ):
        store = storage.store
        await claim(store, tell)
        await _mend(store)
        loader = Loader(
            store=store,
            files=storage.files,
            embedder=working.embedder,
            workers=working.workers,
            progress=progress,
            messages=messages,
            work=settings.data_dir / "work",
            asked=AskedPages(settings.data_dir / "asked"),
        )
        if changeover := await store.changeover():
            progress.vectors_sentence = "progress_new_vectors"
            tell("changing_over", asdict(changeover))
        known = await store.documents() if prune else []
        crawled = await crawling.crawl(
            sites, plan or Plan(), pages, working.workers, progress, messages, known
        )
        with trying(passwords):
            summary = await loader.load([*found, *crawled.found])
            summary.failed += crawled.failed
            crawling.explain(summary.failed, progress, messages)
            if prune:
                gone = {source.address for source, _ in missing}  # a drive out of reach has lost no documents
                roots = [place for place in sources.places(arguments) if place not in gone]
                await loader.prune(found, roots, summary)
                await crawling.prune(crawled.sites, store, loader, summary)
                kept = frozenset(document.sha256 for document in await store.documents())
                await storage.files.keep_only(kept)
            await finish(loader, tell)
        if changeover and await store.changeover() is None:
            tell("changed_over", asdict(changeover))
    progress.end()
    failed = len(missing) + len(summary.failed)
    print(
        messages(
            "summary",
            loaded=summary.loaded,
            unchanged=summary.unchanged,
            copies=summary.copies,
            removed=summary.removed,
            failed=failed,
            pages=progress.pages_done,
            seconds=f"{progress.seconds:.0f}",
        ),
        file=sys.stderr,
    )
    return 1 if failed else 0


async def _is_unfinished(settings: Settings) -> bool:
    """Whether what is in the collection already has still to be embedded or laid out."""
    async with open_storage(settings) as storage:
        return bool(await storage.store.unfinished())


async def _mend(store: Store) -> None:
    """Indexes that are missing or that another version of this program made are made anew."""
    try:
        await store.ready()
    except StoreUnavailable:
        await store.settle()
        await store.ready()
