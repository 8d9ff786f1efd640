"""Search without an answer."""

from __future__ import annotations

from aiohttp import web

from app import schemas
from app.errors import CollectionUnavailable, PromptMissing, PromptTooLong, UnknownDocument
from app.keys import LANGUAGE, RETRIEVER, STORE
from app.openapi.operation import json_reply, operation
from app.representations import json_response, match
from app.requests import SearchRequest, parse_object, parse_search, reader_language
from app.retrieve import retrieve

_EXAMPLE = '{"query": "…"}'


@operation(
    "Search",
    body=SearchRequest,
    replies=[json_reply(schemas.Matches, "The passages, best first")],
    errors=[PromptMissing, PromptTooLong, UnknownDocument, CollectionUnavailable],
)
async def search(request: web.Request) -> web.Response:
    """`POST /search`: the passages for a question, best first, without an answer."""
    fields = parse_object(await request.read(), _EXAMPLE)
    if language := reader_language(fields):
        request[LANGUAGE] = language
    asked = parse_search(fields)
    matches = await retrieve(
        request.app[STORE],
        request.app[RETRIEVER],
        asked.query,
        documents=asked.documents,
        chosen=asked.filter,
        limit=asked.limit,
    )
    body: schemas.Matches = {"matches": [match(found) for found in matches]}
    return json_response(body)
