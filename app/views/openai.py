"""OpenAI's API, as far as the clients that people already have use it. Any key will do."""

from __future__ import annotations

import base64
import struct
from functools import partial

from aiohttp import hdrs, web

from app.answers import Write
from app.compat import schemas
from app.compat.answering import begin, finish, offers, over_documents, read, status_of, told
from app.compat.offers import AsItIs, Offer
from app.compat.openai_errors import openai_error, openai_status
from app.compat.openai_events import OpenAIEvents
from app.compat.openai_requests import OpenAICompletion, OpenAIEmbedding
from app.compat.passing import pass_on
from app.compat.vectors import embed
from app.errors import (
    CollectionUnavailable,
    ModelUnavailable,
    NoModel,
    PromptMissing,
    PromptTooLong,
    TooBusy,
    UnknownDocument,
    UnknownModel,
)
from app.fields import parse
from app.keys import RETRIEVER, SHELF
from app.ndjson import HEADERS
from app.openapi.operation import OPENAI, events_reply, json_reply, operation
from app.parameters import ModelPath
from app.representations import json_response
from app.sending import send

_CHAT_EXAMPLE = '{"model": "acervo", "messages": [{"role": "user", "content": "…"}]}'
_EMBED_EXAMPLE = '{"model": "acervo/embedding", "input": "…"}'

# Clients sort by it, and read nothing else from it.
_CREATED = 1_767_225_600
_FRESH: dict[str, str] = {hdrs.CACHE_CONTROL: "no-store"}
_EVENTS = {**HEADERS, hdrs.CONTENT_TYPE: "text/event-stream; charset=utf-8"}


@operation(
    "OpenAI",
    body=OpenAICompletion,
    replies=[
        json_reply(schemas.OpenAIChatCompletion, "All of an answer, or its events where it is streamed"),
        events_reply(schemas.OpenAIChunk | schemas.OpenAIError, "The events of an answer"),
    ],
    errors=[
        PromptMissing,
        PromptTooLong,
        UnknownDocument,
        UnknownModel,
        CollectionUnavailable,
        ModelUnavailable,
        NoModel,
        TooBusy,
    ],
    elsewhere=OPENAI,
)
async def completions(request: web.Request) -> web.StreamResponse:
    """`POST /v1/chat/completions`: answers from the documents, or as a model that is installed in Ollama."""
    fields = await read(request, _CHAT_EXAMPLE)
    asked = parse(OpenAICompletion, fields)
    model = await offers(request).to_chat(asked.wanted)
    if isinstance(model, AsItIs):
        write: Write = partial(pass_on, "/api/chat", asked.as_ollama_has_it, model)
    else:
        write = over_documents(request, fields, asked.messages, model.candidates)
    address = f"{request.scheme}://{request.host}"
    events = OpenAIEvents(asked.wanted, told(request), address, usage=asked.includes_usage)
    found = begin(request, write, events)
    if asked.stream:
        return await send(request, found, _EVENTS, after=0)
    await finish(found)
    if failed := events.told.failed:
        status = openai_status(failed.code, status_of(failed))
        return json_response(openai_error(failed.message, failed.code, status), status=status)
    return json_response(events.whole(), headers=_FRESH)


@operation("OpenAI", replies=[json_reply(schemas.OpenAIModels, "The models")], elsewhere=OPENAI)
async def models(request: web.Request) -> web.Response:
    """`GET /v1/models`: the models that may be asked for."""
    listed = [_listed(offer) for offer in await offers(request).all()]
    body: schemas.OpenAIModels = {"object": "list", "data": listed}
    return json_response(body, headers=_FRESH)


@operation(
    "OpenAI",
    path=ModelPath,
    replies=[json_reply(schemas.OpenAIModel, "The model")],
    errors=[UnknownModel],
    elsewhere=OPENAI,
)
async def model(request: web.Request) -> web.Response:
    """`GET /v1/models/{id}`: a model. Names may have slashes."""
    return json_response(_listed(await offers(request).find(request.match_info["id"])), headers=_FRESH)


@operation(
    "OpenAI",
    body=OpenAIEmbedding,
    replies=[json_reply(schemas.OpenAIVectors, "The vectors")],
    errors=[UnknownModel, CollectionUnavailable, ModelUnavailable],
    elsewhere=OPENAI,
)
async def embeddings(request: web.Request) -> web.Response:
    """`POST /v1/embeddings`: the vectors of one text or of several, as numbers, or as bytes in base64."""
    asked = parse(OpenAIEmbedding, await read(request, _EMBED_EXAMPLE))
    offer = await offers(request).find(asked.wanted)
    made = await embed(
        asked.input, offer, request.app[RETRIEVER], request.app[SHELF], dimensions=asked.dimensions
    )
    packed = asked.encoding_format == "base64"
    body: schemas.OpenAIVectors = {
        "object": "list",
        "data": [
            {"object": "embedding", "index": i, "embedding": _packed(vector) if packed else vector}
            for i, vector in enumerate(made.vectors)
        ],
        "model": asked.wanted,
        "usage": {"prompt_tokens": made.tokens, "total_tokens": made.tokens},
    }
    return json_response(body)


def _packed(vector: list[float]) -> str:
    """As 32-bit numbers, the smallest byte first."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _listed(offer: Offer) -> schemas.OpenAIModel:
    theirs = offer.listed and offer.knows != "documents"
    return {
        "id": offer.name,
        "object": "model",
        "created": _CREATED,
        "owned_by": "ollama" if theirs else "acervo",
    }
