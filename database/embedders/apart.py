"""An embedder in a process of its own: its gigabyte, and what may kill it, are not the loader's."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from database.embedders.base import PassageEmbedder, TokenCounts
from database.embedders.opening import is_remote, open_embedder, open_local
from database.errors import EmbedderUnavailable
from database.stores.base import Vectors

if TYPE_CHECKING:
    from database.settings import Settings

R = TypeVar("R")

Load = Callable[[str], PassageEmbedder]

_TRIES = 2  # of a text whose process died: the machine may have been short of memory for a moment


class EmbedderApart:
    """What `load(model)` gives, asked in another process, which takes one call at a time.

    The process starts when it is warmed or first asked; `async with` ends it.
    """

    def __init__(self, model: str, *, load: Load = open_local) -> None:
        self._model = model
        self._load = load
        self._pool: ProcessPool | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.rest()

    @property
    def name(self) -> str:
        return self._model

    def warm(self) -> None:
        """Begin to load the model, which takes seconds; a model that can't be loaded says so when it is
        asked.
        """
        if self._pool is None:
            self._begin().schedule(_nothing)

    async def rest(self) -> None:
        """Give the memory back until it is asked again."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await asyncio.to_thread(_end, pool)

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return await self._ask(_embed_documents, list(texts))

    async def count_tokens(self, texts: Sequence[str]) -> TokenCounts | None:
        return await self._ask(_count_tokens, list(texts))

    async def _ask(self, function: Callable[[list[str]], R], texts: list[str]) -> R:
        for attempt in range(_TRIES):
            pool = self._pool or self._begin()
            try:
                answer: R = await asyncio.wrap_future(pool.schedule(function, args=(texts,)))
                return answer
            except ProcessExpired as error:
                if attempt == _TRIES - 1:
                    raise EmbedderUnavailable(
                        "embedder_died", detail=f"exit status {error.exitcode}"
                    ) from error
        raise AssertionError("the last attempt returns or raises")

    def _begin(self) -> ProcessPool:
        self._pool = ProcessPool(
            max_workers=1,
            initializer=_prepare,
            initargs=(self._load, self._model),
            context=multiprocessing.get_context("spawn"),
        )
        return self._pool


def embedder_for_loading(settings: Settings) -> PassageEmbedder:
    """The model that the settings name, in a process of its own where it is this machine that computes.

    Raises EmbedderUnavailable where a model that is elsewhere can't be asked.
    """
    model = settings.embedding_model
    return open_embedder(settings) if is_remote(model) else EmbedderApart(model)


def _end(pool: ProcessPool) -> None:
    pool.stop()
    pool.join()


# In the other process:

_loaded: PassageEmbedder | EmbedderUnavailable | None = None
_runner = asyncio.Runner()  # one event loop for all calls


def _prepare(load: Load, model: str) -> None:
    """What can't be loaded is told to whoever asks first: a process that dies tells nobody why."""
    global _loaded
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the loader's to handle
    try:
        _loaded = load(model)
    except EmbedderUnavailable as error:
        _loaded = error


def _nothing() -> None:
    """The first call comes when the process is prepared."""


def _embed_documents(texts: list[str]) -> Vectors:
    return _runner.run(_embedder().embed_documents(texts))


def _count_tokens(texts: list[str]) -> TokenCounts | None:
    return _runner.run(_embedder().count_tokens(texts))


def _embedder() -> PassageEmbedder:
    assert _loaded is not None, "_prepare came first"
    if isinstance(_loaded, EmbedderUnavailable):
        raise _loaded
    return _loaded
