"""A change-over to another embedder that is killed: what its process does, and where it dies."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

from database.load.embedding import Embedding
from database.stores import lance_indexes, lance_sets
from database.stores.atlas import AtlasStore
from database.stores.atlas_indexes import Indexes
from database.stores.atlas_sets import AtlasSets
from database.stores.base import Store
from database.stores.catalogue import Catalogue
from database.stores.lance import LanceStore
from database.stores.lance_sets import LanceSets
from tests.database.fakes import AnotherEmbedder, WordsEmbedder

Moment = Literal["before counting", "before the index", "before the exchange", "after it", "while dropping"]

DIED = 9


class Place(NamedTuple):
    """A folder, or an address and the name of a database."""

    where: str
    database: str = ""

    @asynccontextmanager
    async def opened(self, embedder: str) -> AsyncIterator[Store]:
        store: Store
        if self.database:
            store = AtlasStore.open(self.where, self.database, embedder=embedder)
        else:
            store = await LanceStore.open(Path(self.where), embedder=embedder)
        try:
            yield store
        finally:
            await store.close()


def change_over(place: Place, embedder: str, moment: Moment | None = None) -> None:
    """As the loader does; dies at the moment, if any."""
    if moment:
        _die_at(moment)
    asyncio.run(_change_over(place, AnotherEmbedder() if embedder == "another" else WordsEmbedder()))


async def _change_over(place: Place, embedder: WordsEmbedder) -> None:
    async with place.opened(embedder.name) as store:
        await store.claim()
        embedding = Embedding(store=store, embedder=embedder, embedded=lambda _: None, stop=lambda: False)
        for waiting in await store.unfinished():
            await embedding.embed([waiting])


def _die_at(moment: Moment) -> None:
    """This process ends there: nothing is to be restored."""

    async def die(*_: object) -> None:
        os._exit(DIED)

    def afterwards(function: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[None]]:
        async def and_die(*arguments: object) -> None:
            await function(*arguments)
            os._exit(DIED)

        return and_die

    match moment:
        case "before counting":
            _patch((Catalogue, "count_embedded", die), (AtlasStore, "_count", die))
        case "before the index":
            _patch((lance_indexes, "index_vectors", die), (AtlasSets, "exchange", die))
        case "before the exchange":
            _patch((LanceSets, "exchange", die), (AtlasSets, "exchange", die))
        case "after it":
            _patch(
                (LanceSets, "exchange", afterwards(LanceSets.exchange)),
                (AtlasSets, "exchange", afterwards(AtlasSets.exchange)),
            )
        case "while dropping":
            _patch((lance_sets, "fit", _after_exchange(die)), (Indexes, "drop", afterwards(Indexes.drop)))


def _after_exchange(die: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    fit = lance_sets.fit

    async def only_then(table: Any, sets: Any) -> None:
        if sets.coming is None:
            await table.drop_columns(["embedding"])
            await die()
        await fit(table, sets)

    return only_then


def _patch(*places: tuple[object, str, Callable[..., Awaitable[Any]]]) -> None:
    for owner, name, function in places:
        setattr(owner, name, function)
