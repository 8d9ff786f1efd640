"""Turns to write: who lays out pages, which nobody waits for, lets others in between."""

from __future__ import annotations

import asyncio

from database.errors import StoreBusy
from database.load.pipeline import Loader
from database.stores.base import Store, Tell

Left = tuple[str, int, int, int]
"""A document that isn't finished, its version, and how much of that is embedded and laid out."""

TURN_SECONDS = 10.0
BETWEEN_TURNS = 1.0
_PATIENCE_SECONDS = 30.0  # three turns of another's
_TRY_EVERY_SECONDS = 0.2


async def claim(store: Store, tell: Tell) -> None:
    """Become the one who writes; `tell` hears that there is another. Raises StoreBusy."""
    loop = asyncio.get_running_loop()
    until = loop.time() + _PATIENCE_SECONDS
    told = False
    while True:
        try:
            await store.claim()
            return
        except StoreBusy:
            if loop.time() > until:
                raise
        if not told:
            tell("waiting_for_writer", {})
            told = True
        await asyncio.sleep(_TRY_EVERY_SECONDS)


async def finish(loader: Loader, tell: Tell) -> None:
    """Embed and lay out all that waits, in turns. Raises what `claim` and the loader raise."""
    loop = asyncio.get_running_loop()
    left, before = await what_is_left(loader.store), frozenset[Left]()
    cut_short = False
    while left and (cut_short or left != before):
        until = loop.time() + TURN_SECONDS
        await loader.finish(lambda until=until: loop.time() > until)  # type: ignore[misc]
        cut_short = loop.time() > until
        left, before = await what_is_left(loader.store), left
        if left:
            await loader.store.release()
            await asyncio.sleep(BETWEEN_TURNS)
            await claim(loader.store, tell)


async def what_is_left(store: Store) -> frozenset[Left]:
    """Where it is the same after a turn that wasn't cut short, nothing more can be done about it."""
    return frozenset((d.id, d.version, d.prepared, d.laid_out) for d in await store.unfinished())
