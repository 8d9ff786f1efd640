"""An embedder in a process of its own: its gigabyte, and what may kill it, are not the loader's."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import ParamSpec, Self, TypeVar

import numpy as np
from pebble import ProcessExpired, ProcessPool

from database.embedders.base import Embedder
from database.embedders.sentence_transformers import SentenceTransformersEmbedder
from database.errors import EmbedderUnavailable
from database.stores.base import Vectors

P = ParamSpec("P")
R = TypeVar("R")

Load = Callable[[str], Embedder]

_TRIES = 2  # of a text whose process died: the machine may have been short of memory for a moment


@dataclass(frozen=True, kw_only=True, slots=True)
class EmbedderApart:
    """What `load(model)` gives, asked in another process, which takes one call at a time."""

    name: str
    dimensions: int
    max_tokens: int
    _pool: ProcessPool

    @classmethod
    @asynccontextmanager
    async def open(cls, model: str, *, load: Load = SentenceTransformersEmbedder) -> AsyncIterator[Self]:
        """Raises EmbedderUnavailable where the model can't be loaded."""
        pool = ProcessPool(
            max_workers=1,
            initializer=_prepare,
            initargs=(load, model),
            context=multiprocessing.get_context("spawn"),
        )
        try:
            name, dimensions, max_tokens = await _in(pool, _describe)
            yield cls(name=name, dimensions=dimensions, max_tokens=max_tokens, _pool=pool)
        finally:
            await asyncio.to_thread(_end, pool)

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        return await _in(self._pool, _embed_documents, list(texts))

    async def embed_query(self, text: str) -> Vectors:
        return await _in(self._pool, _embed_query, text)


async def _in(pool: ProcessPool, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    for attempt in range(_TRIES):
        try:
            result: R = await asyncio.wrap_future(pool.schedule(function, args=args, kwargs=kwargs))
            return result
        except ProcessExpired as error:
            if attempt == _TRIES - 1:
                raise EmbedderUnavailable(
                    f"The process that embeds has died (exit status {error.exitcode}). "
                    "Is there memory enough? The model takes about 1 GiB."
                ) from error
    raise AssertionError("the last attempt returns or raises")


def _end(pool: ProcessPool) -> None:
    pool.stop()
    pool.join()


# In the other process:

_loaded: Embedder | EmbedderUnavailable | None = None


def _prepare(load: Load, model: str) -> None:
    """What can't be loaded is told to whoever asks first: a process that dies tells nobody why."""
    global _loaded
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the loader's to handle
    try:
        _loaded = load(model)
    except EmbedderUnavailable as error:
        _loaded = error


def _embedder() -> Embedder:
    assert _loaded is not None, "_prepare came first"
    if isinstance(_loaded, EmbedderUnavailable):
        raise _loaded
    return _loaded


def _describe() -> tuple[str, int, int]:
    embedder = _embedder()
    return embedder.name, embedder.dimensions, embedder.max_tokens


def _embed_documents(texts: Sequence[str]) -> Vectors:
    return asyncio.run(_embedder().embed_documents(texts))


def _embed_query(text: str) -> Vectors:
    return asyncio.run(_embedder().embed_query(text))
