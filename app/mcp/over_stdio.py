"""`python -m app mcp`: the tools for a program that starts this one and talks to it over standard streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mcp.server.stdio import stdio_server

from app.lifecycle import OpenCollection, ask_first, open_collection, open_pictures
from app.mcp.server import create_server
from app.mcp.shelf import Shelf
from app.settings import Settings


async def serve(settings: Settings, open_: OpenCollection = open_collection) -> None:
    """Until the input ends. The collection is opened meanwhile: a client doesn't wait long for the first
    answer, and most ask what there is long before they ask for a passage.
    """
    opened: asyncio.Future[Shelf] = asyncio.get_running_loop().create_future()
    opening = asyncio.create_task(_open(settings, open_, opened))
    server = create_server(lambda: asyncio.shield(opened))
    try:
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())
    finally:
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)


async def _open(settings: Settings, open_: OpenCollection, opened: asyncio.Future[Shelf]) -> None:
    """One task opens and closes it. Who waits for it hears why it can't be opened."""
    try:
        async with _shelf(settings, open_) as shelf:
            opened.set_result(shelf)
            await ask_first(shelf.retriever)
            await asyncio.Event().wait()
    except Exception as error:
        if opened.done():
            raise
        opened.set_exception(error)
        opened.exception()  # where nobody waits, it is no surprise of the event loop's


@asynccontextmanager
async def _shelf(settings: Settings, open_: OpenCollection) -> AsyncIterator[Shelf]:
    await asyncio.to_thread(__import__, "database.collection")  # a second, in which clients are answered
    async with open_(settings) as collection, open_pictures() as pictures:
        yield Shelf(
            store=collection.store,
            files=collection.files,
            retriever=collection.retriever,
            pictures=pictures,
        )
