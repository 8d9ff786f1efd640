"""Opens the engine that a command names."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal, get_args

from database.embedders.apart import embedder_for_loading
from database.embedders.base import PassageEmbedder
from database.embedders.opening import is_remote
from database.engines.base import Engine
from database.errors import EngineUnavailable
from database.settings import Settings
from database.workers import Workers

EngineName = Literal["local", "ray"]

ENGINES: tuple[EngineName, ...] = get_args(EngineName)


@asynccontextmanager
async def open_engine(
    name: EngineName, settings: Settings, *, processes: int | None = None, address: str | None = None
) -> AsyncIterator[Engine]:
    """On this machine, or on the Ray cluster at the address (without one, the cluster of this machine).

    `processes` that convert: one a core if None, of this machine or of the whole cluster. Raises
    EngineUnavailable, EmbedderUnavailable.
    """
    match name:
        case "local":
            async with (
                _opened(embedder_for_loading(settings)) as embedder,
                Workers(processes or os.cpu_count() or 1) as workers,
            ):
                yield Engine(workers=workers, embedder=embedder)
        case "ray":
            async with _open_ray(settings, processes, address) as engine:
                yield engine


@asynccontextmanager
async def _open_ray(settings: Settings, processes: int | None, address: str | None) -> AsyncIterator[Engine]:
    try:
        from database.engines.cluster import open_cluster
    except ModuleNotFoundError as error:
        if error.name != "ray":
            raise
        raise EngineUnavailable("ray_missing") from None
    from database.engines.ray_embedder import RayEmbedder
    from database.engines.ray_workers import RayWorkers

    # A model that another program computes is asked from here: it is no faster from elsewhere.
    remote = embedder_for_loading(settings) if is_remote(settings.embedding_model) else None
    async with (
        open_cluster(address) as cluster,
        _opened(remote or RayEmbedder(cluster, settings.embedding_model)) as embedder,
        RayWorkers(cluster, processes) as workers,
    ):
        yield Engine(workers=workers, embedder=embedder)


@asynccontextmanager
async def _opened(embedder: PassageEmbedder) -> AsyncIterator[PassageEmbedder]:
    try:
        yield embedder
    finally:
        await embedder.rest()
