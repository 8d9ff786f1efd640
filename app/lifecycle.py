"""What the server holds from its start to its end."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web

from app.answers import Answers
from app.keys import (
    ANSWERS,
    ASKED,
    FILES,
    LOADING,
    MCP,
    PICTURES,
    READER,
    RECEIVER,
    RETRIEVER,
    ROUTE,
    SETTINGS,
    SHELF,
    STORE,
)
from app.mcp.endpoint import Endpoint
from app.mcp.shelf import Shelf
from app.models.base import ChatModel, Kind
from app.models.extractive import ExtractiveModel
from app.models.gemini import GeminiModel
from app.models.ollama import OllamaModel
from app.models.ollama_shelf import OllamaShelf
from app.models.openai_compatible import OpenAIModel
from app.models.route import Route
from app.pictures import Picture, Pictures
from app.reading import Reader
from app.retrieve import Retriever
from app.settings import Settings
from app.uploads.loading import Loading
from app.uploads.process import WorkerProcess, worker_environment
from app.uploads.receiving import Receiver
from database.asked import AskedPages
from database.errors import DatabaseError
from database.jobs.queue import Places, Queue
from database.messages import Messages
from database.render import render_page
from database.workers import Workers

if TYPE_CHECKING:
    from database.collection import Collection
    from database.stores.base import Store

OpenCollection = Callable[[Settings], AbstractAsyncContextManager["Collection"]]
Context = Callable[[web.Application], AsyncIterator[None]]

# Pages are drawn one at a time: each process that opens documents takes 100 MiB and a core.
_RENDERERS = 1

# No model's streams may wait for another's connections.
_CONNECTIONS = 0
_RESOLVED_SECONDS = 300

_FIRST_QUESTION = "Is everything in place?"

logger = logging.getLogger(__name__)


@asynccontextmanager
async def open_collection(settings: Settings) -> AsyncIterator[Collection]:
    """The collection that the settings name, also while its store is away. Raises DatabaseError."""
    from database import collection  # takes a second to import: LanceDB and what it brings

    async with collection.open_collection(settings, even_if_unavailable=True) as opened:
        yield opened


def collection_context(open_: OpenCollection) -> Context:
    """Opens the collection and asks it one question, so that the first person's finds warm caches."""

    async def context(app: web.Application) -> AsyncIterator[None]:
        async with open_(app[SETTINGS]) as collection:
            app[STORE] = collection.store
            app[FILES] = collection.files
            app[RETRIEVER] = collection.retriever
            app[READER] = Reader(collection.store, collection.retriever)
            await ask_first(collection.retriever)
            yield

    return context


async def warming_context(app: web.Application) -> AsyncIterator[None]:
    """What takes longer than a start may: it goes on in the background."""
    warming = asyncio.create_task(_warm(app[STORE]))
    yield
    warming.cancel()


async def ask_first(retriever: Retriever) -> None:
    """A question that nobody waits for: it opens what the others need."""
    try:
        await retriever.search(_FIRST_QUESTION, limit=1)
    except DatabaseError as error:
        logger.warning("the collection can't be searched yet: %s", Messages("en").error(error))


async def _warm(store: Store) -> None:
    try:
        await store.warm()
    except DatabaseError as error:
        logger.warning("the collection wasn't read beforehand: %s", Messages("en").error(error))
    # What is there now stays: looking through all of it for garbage would stop every stream for 0.3 s.
    gc.freeze()


async def models_context(app: web.Application) -> AsyncIterator[None]:
    """The language models, in the order in which they are tried, over one pool of connections."""
    settings = app[SETTINGS]
    connector = aiohttp.TCPConnector(limit=_CONNECTIONS, ttl_dns_cache=_RESOLVED_SECONDS)
    async with aiohttp.ClientSession(connector=connector) as session, AsyncExitStack() as closing:
        opened = (_open_model(kind, settings, session, closing) for kind in settings.answer_with)
        app[ROUTE] = Route([model for model in opened if model])
        app[SHELF] = _open_shelf(settings, session, closing)
        yield


def _open_model(
    kind: Kind, settings: Settings, session: aiohttp.ClientSession, closing: AsyncExitStack
) -> ChatModel | None:
    """None where the settings say nothing of where it is to be found."""
    match kind:
        case "openai":
            if settings.openai_base_url is None:
                return None
            openai = OpenAIModel(
                session, settings.openai_base_url, settings.openai_api_key, settings.openai_model
            )
            closing.push_async_callback(openai.close)
            return openai
        case "ollama":
            ollama = OllamaModel(session, settings.ollama_host, settings.ollama_model)
            closing.push_async_callback(ollama.close)
            return ollama
        case "gemini":
            gemini = GeminiModel(settings.google_api_key, settings.gemini_model)
            closing.push_async_callback(gemini.close)
            return gemini
        case "extractive":
            return ExtractiveModel()


def _open_shelf(
    settings: Settings, session: aiohttp.ClientSession, closing: AsyncExitStack
) -> OllamaShelf | None:
    """None where the settings don't let Ollama answer."""
    if "ollama" not in settings.answer_with:
        return None
    shelf = OllamaShelf(session, settings.ollama_host)
    closing.push_async_callback(shelf.close)
    return shelf


async def answers_context(app: web.Application) -> AsyncIterator[None]:
    answers = app[ANSWERS] = Answers(app[SETTINGS].answers_at_once)
    yield
    await answers.close()


def loading_context(command: Sequence[str]) -> Context:
    """Loads what is sent in a process of its own, which begins with what was sent before."""

    async def context(app: web.Application) -> AsyncIterator[None]:
        settings = app[SETTINGS]
        places = Places(settings.data_dir)
        app[ASKED] = AskedPages(settings.data_dir / "asked")
        app[RECEIVER] = Receiver(places)
        loading = app[LOADING] = Loading(
            store=app[STORE],
            queue=Queue(places.jobs),
            receiver=app[RECEIVER],
            process=WorkerProcess(command, worker_environment(settings)),
        )
        await loading.start()
        yield
        await loading.close()

    return context


async def end_following(app: web.Application) -> None:
    """Before the server waits for its streams to end."""
    app[LOADING].end_following()


async def pictures_context(app: web.Application) -> AsyncIterator[None]:
    async with open_pictures() as pictures:
        app[PICTURES] = pictures
        yield


async def mcp_context(app: web.Application) -> AsyncIterator[None]:
    shelf = Shelf(store=app[STORE], files=app[FILES], retriever=app[RETRIEVER], pictures=app[PICTURES])
    endpoint = app[MCP] = Endpoint(shelf)
    yield
    await endpoint.close()


@asynccontextmanager
async def open_pictures() -> AsyncIterator[Pictures]:
    """Draws pages in a process of their own; this one opens no document."""
    async with Workers(processes=_RENDERERS) as workers:

        async def draw(path: Path, picture: Picture) -> bytes:
            return await render_page(
                workers, path, picture.media_type, picture.page, picture.boxes, picture.width
            )

        pictures = Pictures(draw)
        yield pictures
        await pictures.close()
