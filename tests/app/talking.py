"""A running server over a fake collection, and a client that talks to it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
from aiohttp import web

from app.keys import ROUTE
from app.main import create_app
from app.models.base import ChatModel
from app.models.route import Route
from app.settings import Settings
from database.collection import Collection
from tests.app.fakes import opening
from tests.stand_ins.serving import serve
from tests.stand_ins.worker import STAND_IN_WORKER

NOBODY = "http://127.0.0.1:9"  # the discard service, which nobody runs


@asynccontextmanager
async def served(
    collection: Collection,
    *,
    models: Sequence[ChatModel] | None = None,
    shutdown_seconds: float = 0.1,
    worker: Sequence[str] = STAND_IN_WORKER,
    **settings: Any,
) -> AsyncIterator[str]:
    """The address of a server with these settings; without any, only quoting answers.

    `models` take the place of those that the settings name, and `worker` that of the process that loads.
    """
    with TemporaryDirectory() as data_dir:
        unset = {"openai_base_url": None, "ollama_host": NOBODY, "google_api_key": None}
        given = {**unset, "data_dir": data_dir, **settings}
        app = create_app(Settings.load(_env_file=None, **given), opening(collection), worker)

        async def replace_models(app: web.Application) -> None:
            if models is not None:
                app[ROUTE] = Route(models)

        app.on_startup.append(replace_models)
        async with serve(app, shutdown_seconds) as address:
            yield address


@asynccontextmanager
async def talking(
    collection: Collection, *, models: Sequence[ChatModel] | None = None, **settings: Any
) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of such a server."""
    async with (
        served(collection, models=models, **settings) as address,
        aiohttp.ClientSession(address) as client,
    ):
        yield client


async def lines_of(response: aiohttp.ClientResponse) -> list[dict[str, Any]]:
    """The lines of a stream, each of them JSON and whole."""
    body = await response.read()
    assert body.endswith(b"\n")
    return [json.loads(line) for line in body.split(b"\n")[:-1]]


def text_of(lines: list[dict[str, Any]]) -> str:
    return "".join(line["message"]["content"] for line in lines if "message" in line)
