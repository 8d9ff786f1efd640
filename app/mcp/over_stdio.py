"""`python -m app mcp`: the tools for a program that starts this one and talks to it over standard streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module

from mcp.server.stdio import stdio_server

from app.lifecycle import OpenCollection, ask_first, open_collection, open_pictures
from app.mcp.server import create_server
from app.mcp.shelf import Shelf
from app.settings import Settings


async def serve(settings: Settings, open_: OpenCollection = open_collection) -> None:
    """Until the input ends. The collection is opened meanwhile: a client doesn't wait long for the first
    answer, and most ask what there is long before they ask for a passage.
    """
    keeper = _Keeper(settings, open_)
    server = create_server(keeper.shelf)
    try:
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())
    finally:
        await keeper.close()


class _Keeper:
    """Opens the collection, in a task that closes it, too. Where it can't, whoever waits hears why, and who
    asks next has it tried again.
    """

    def __init__(self, settings: Settings, open_: OpenCollection) -> None:
        self._settings = settings
        self._open = open_
        self._start()

    async def shelf(self) -> Shelf:
        """Raises DatabaseError."""
        if self._keeping.done():
            self._start()
        return await asyncio.shield(self._opened)

    async def close(self) -> None:
        self._keeping.cancel()
        await asyncio.gather(self._keeping, return_exceptions=True)

    def _start(self) -> None:
        self._opened: asyncio.Future[Shelf] = asyncio.get_running_loop().create_future()
        self._keeping = asyncio.create_task(self._keep(self._opened))

    async def _keep(self, opened: asyncio.Future[Shelf]) -> None:
        try:
            async with _shelf(self._settings, self._open) as shelf:
                opened.set_result(shelf)
                await ask_first(shelf.retriever)
                await asyncio.Event().wait()
        except Exception as error:
            if opened.done():
                raise
            opened.set_exception(error)
            opened.exception()  # where nobody waits for it, the event loop needn't complain


@asynccontextmanager
async def _shelf(settings: Settings, open_: OpenCollection) -> AsyncIterator[Shelf]:
    await asyncio.to_thread(import_module, "database.collection")  # a second: clients are answered meanwhile
    async with open_(settings) as collection, open_pictures() as pictures:
        yield Shelf(
            store=collection.store,
            files=collection.files,
            retriever=collection.retriever,
            pictures=pictures,
        )
