"""The language models, and which of them answers."""

from __future__ import annotations

from aiohttp import hdrs, web

from app import schemas
from app.keys import LANGUAGE, ROUTE
from app.openapi.operation import json_reply, operation
from app.representations import json_response


@operation("Models", replies=[json_reply(schemas.Models, "The models")])
async def models(request: web.Request) -> web.Response:
    """`GET /models`: the language models, in the order in which they are tried, and which of them answers."""
    statuses = await request.app[ROUTE].statuses()
    listed: list[schemas.Model] = [
        {
            "name": status.name,
            "kind": status.kind,
            "available": status.available,
            "reason": status.reason.text(request[LANGUAGE]),
        }
        for status in statuses
    ]
    answering = next((status.name for status in statuses if status.available), None)
    body: schemas.Models = {"answering": answering, "models": listed}
    return json_response(body, headers={hdrs.CACHE_CONTROL: "no-store"})
