"""Whether the server lives, and whether it can answer."""

from __future__ import annotations

from aiohttp import hdrs, web

from app import schemas
from app.errors import CollectionUnavailable
from app.keys import ROUTE, STORE
from app.openapi.operation import json_reply, operation
from app.representations import json_response
from database.errors import StoreError

_FRESH: dict[str, str] = {hdrs.CACHE_CONTROL: "no-store"}


@operation("Health", replies=[json_reply(schemas.Alive, "It does")])
async def healthz(_: web.Request) -> web.Response:
    """`GET /healthz`: whether the process answers."""
    body: schemas.Alive = {"status": "ok"}
    return json_response(body, headers=_FRESH)


@operation("Health", replies=[json_reply(schemas.Ready, "They can")], errors=[CollectionUnavailable])
async def readyz(request: web.Request) -> web.Response:
    """`GET /readyz`: whether questions can be answered; or what is wrong with the collection, and what to do.

    A model that is away is no reason to keep people from searching, or to start the server again.
    """
    store = request.app[STORE]
    try:
        await store.ready()
        count = await store.count()
    except StoreError as error:
        raise CollectionUnavailable(error) from error
    model = await request.app[ROUTE].answering()
    body: schemas.Ready = {
        "status": "ready",
        "documents": count.documents,
        "chunks": count.chunks,
        "model": model.name if model else None,
    }
    return json_response(body, headers=_FRESH)
