"""OpenAI's API, as far as the clients that people already have use it. Any key will do."""

from __future__ import annotations

import base64
import struct
from functools import partial

from aiohttp import hdrs, web

from app.answers import Write
from app.compat.answering import begin, finish, offers, over_documents, read, status_of, told
from app.compat.messages import parse_messages
from app.compat.offers import EMBEDDING, AsItIs, Offer
from app.compat.ollama_requests import flag, model_of, texts_of
from app.compat.openai_errors import openai_error, openai_status
from app.compat.openai_events import OpenAIEvents
from app.compat.openai_requests import as_ollama_has_it, check_number, includes_usage
from app.compat.passing import pass_on
from app.compat.vectors import MOST_TEXTS, embed
from app.errors import BadRequest
from app.fields import Json
from app.keys import RETRIEVER, SHELF
from app.messages import sentence
from app.ndjson import HEADERS
from app.openapi.operation import elsewhere
from app.representations import json_response
from app.sending import send

_CHAT_EXAMPLE = '{"model": "acervo", "messages": [{"role": "user", "content": "…"}]}'
_EMBED_EXAMPLE = '{"model": "acervo/embedding", "input": "…"}'

# Clients sort by it, and read nothing else from it.
_CREATED = 1_767_225_600
_FRESH: dict[str, str] = {hdrs.CACHE_CONTROL: "no-store"}
_EVENTS = {**HEADERS, hdrs.CONTENT_TYPE: "text/event-stream; charset=utf-8"}


@elsewhere("OpenAI", "https://platform.openai.com/docs/api-reference")
async def completions(request: web.Request) -> web.StreamResponse:
    """`POST /v1/chat/completions`."""
    fields = await read(request, _CHAT_EXAMPLE)
    check_number(fields)
    messages = parse_messages(fields)
    asked = await offers(request).to_chat(model_of(fields))
    if isinstance(asked, AsItIs):
        write: Write = partial(pass_on, "/api/chat", as_ollama_has_it(fields, messages), asked)
    else:
        write = over_documents(request, fields, messages, asked.candidates)
    address = f"{request.scheme}://{request.host}"
    events = OpenAIEvents(model_of(fields), told(request), address, usage=includes_usage(fields))
    streams = flag(fields, "stream", otherwise=False)
    found = begin(request, write, events)
    if streams:
        return await send(request, found, _EVENTS, after=0)
    await finish(found)
    if failed := events.told.failed:
        status = openai_status(failed.code, status_of(failed))
        return json_response(openai_error(failed.message, failed.code, status), status=status)
    return json_response(events.whole(), headers=_FRESH)


@elsewhere("OpenAI", "https://platform.openai.com/docs/api-reference")
async def models(request: web.Request) -> web.Response:
    """`GET /v1/models`."""
    listed = [_listed(offer) for offer in await offers(request).all()]
    return json_response({"object": "list", "data": listed}, headers=_FRESH)


@elsewhere("OpenAI", "https://platform.openai.com/docs/api-reference", examples={"id": "acervo"})
async def model(request: web.Request) -> web.Response:
    """`GET /v1/models/{id}`: names may have slashes."""
    return json_response(_listed(await offers(request).find(request.match_info["id"])), headers=_FRESH)


@elsewhere("OpenAI", "https://platform.openai.com/docs/api-reference")
async def embeddings(request: web.Request) -> web.Response:
    """`POST /v1/embeddings`: as numbers, or as their bytes in base64."""
    fields = await read(request, _EMBED_EXAMPLE)
    encoding = fields.get("encoding_format") or "float"
    if encoding not in ("float", "base64"):
        raise BadRequest(sentence("wrong_choice", field="encoding_format", allowed="float, base64"))
    texts = texts_of(fields.get("input"), "input", MOST_TEXTS)
    name = model_of({"model": EMBEDDING, **fields})
    made = await embed(texts, await offers(request).find(name), request.app[RETRIEVER], request.app[SHELF])
    data = [
        {"object": "embedding", "index": i, "embedding": _packed(vector) if encoding == "base64" else vector}
        for i, vector in enumerate(made.vectors)
    ]
    usage = {"prompt_tokens": made.tokens, "total_tokens": made.tokens}
    return json_response({"object": "list", "data": data, "model": name, "usage": usage})


def _packed(vector: list[float]) -> str:
    """As 32-bit numbers, the smallest byte first."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _listed(offer: Offer) -> Json:
    theirs = offer.listed and offer.knows != "documents"
    owner = "ollama" if theirs else "acervo"
    return {"id": offer.name, "object": "model", "created": _CREATED, "owned_by": owner}
