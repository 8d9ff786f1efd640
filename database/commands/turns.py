"""Waits for a turn to write: whoever lays out pages in the background lets others in between."""

from __future__ import annotations

import asyncio

from database.errors import StoreBusy
from database.stores.base import Store, Tell

_PATIENCE_SECONDS = 30.0  # background work takes turns of a third of this
_TRY_EVERY_SECONDS = 0.2


async def claim(store: Store, tell: Tell) -> None:
    """Become the one who writes; `tell` hears that there is another. Raises StoreBusy, EmbedderMismatch."""
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
