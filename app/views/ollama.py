"""Ollama's own API, for the clients that people already have."""

from __future__ import annotations

import hashlib
import time
from functools import partial

from aiohttp import hdrs, web

from app import ndjson
from app.answers import Write
from app.compat.answering import begin, finish, offers, over_documents, read, status_of, told
from app.compat.errors import ModelFailed
from app.compat.messages import parse_messages
from app.compat.offers import AsItIs, Offer
from app.compat.ollama_lines import OllamaLines, chat_text, generated_text
from app.compat.ollama_requests import (
    CHAT_FIELDS,
    GENERATE_FIELDS,
    flag,
    model_of,
    passed_fields,
    prompt_of,
    texts_of,
    unloads,
)
from app.compat.passing import pass_on
from app.compat.vectors import MOST_TEXTS, Embedded, embed
from app.errors import ModelError
from app.events import now
from app.fields import Fields, Json
from app.keys import RETRIEVER, SHELF
from app.models.ollama_library import tagged
from app.openapi.operation import elsewhere
from app.representations import json_response
from app.sending import send

# The version of Ollama's API that these routes follow: clients look what they may use by it.
API_VERSION = "0.12.0"

_CHAT_EXAMPLE = '{"model": "acervo", "messages": [{"role": "user", "content": "…"}]}'
_GENERATE_EXAMPLE = '{"model": "acervo", "prompt": "…"}'
_EMBED_EXAMPLE = '{"model": "acervo/embedding", "input": "…"}'
_EMBEDDING_EXAMPLE = '{"model": "acervo/embedding", "prompt": "…"}'
_SHOW_EXAMPLE = '{"model": "acervo"}'
_FRESH: dict[str, str] = {hdrs.CACHE_CONTROL: "no-store"}


@elsewhere("Ollama", "https://docs.ollama.com/api")
async def running(_: web.Request) -> web.Response:
    """`GET /`: in Ollama's words, by which clients know that there is a server of this kind."""
    return web.Response(text="Ollama is running")


@elsewhere("Ollama", "https://docs.ollama.com/api")
async def chat(request: web.Request) -> web.StreamResponse:
    """`POST /api/chat`."""
    fields = await read(request, _CHAT_EXAMPLE)
    lines = OllamaLines(model_of(fields), chat_text, told(request))
    messages = parse_messages({"messages": [], **fields})
    asked = await offers(request).to_chat(model_of(fields))
    if isinstance(asked, AsItIs):
        write: Write = partial(pass_on, "/api/chat", passed_fields(fields, CHAT_FIELDS), asked)
    elif not messages:
        return _loaded(lines, fields)
    else:
        write = over_documents(request, fields, messages, asked.candidates)
    return await _answer(request, fields, write, lines)


@elsewhere("Ollama", "https://docs.ollama.com/api")
async def generate(request: web.Request) -> web.StreamResponse:
    """`POST /api/generate`: one prompt, without a conversation."""
    fields = await read(request, _GENERATE_EXAMPLE)
    lines = OllamaLines(model_of(fields), generated_text, told(request))
    prompt = prompt_of(fields)
    asked = await offers(request).to_chat(model_of(fields))
    if isinstance(asked, AsItIs):
        write: Write = partial(pass_on, "/api/generate", passed_fields(fields, GENERATE_FIELDS), asked)
    elif not prompt:
        return _loaded(lines, fields)
    else:
        write = over_documents(request, fields, [{"role": "user", "content": prompt}], asked.candidates)
    return await _answer(request, fields, write, lines)


@elsewhere("Ollama", "https://docs.ollama.com/api")
async def tags(request: web.Request) -> web.Response:
    """`GET /api/tags`: the models that may be asked for."""
    return json_response(
        {"models": [_listed(offer) for offer in await offers(request).all()]}, headers=_FRESH
    )


@elsewhere("Ollama", "https://docs.ollama.com/api")
async def show(request: web.Request) -> web.Response:
    """`POST /api/show`: what a model is and can do."""
    offer = await offers(request).find(model_of(await read(request, _SHOW_EXAMPLE)))
    shelf = request.app[SHELF]
    if shelf is None or offer.knows == "documents" or not offer.listed:
        return json_response(_shown(offer), headers=_FRESH)
    try:
        return json_response(await shelf.shown(offer.name), headers=_FRESH)
    except ModelError as error:
        raise ModelFailed(error) from error


@elsewhere("Ollama", "https://docs.ollama.com/api")
async def ps(request: web.Request) -> web.Response:
    """`GET /api/ps`: the models that are loaded, each as it is and over the documents."""
    shelf = request.app[SHELF]
    loaded = {tagged(str(one.get("name"))): one for one in (await shelf.running() if shelf else ())}
    models = []
    for offer in await offers(request).all():
        of = str(offer.listed.get("name", ""))
        if one := loaded.get(tagged(of)) if of else None:
            name = tagged(offer.name)
            models.append({**one, "name": name, "model": name})
    return json_response({"models": models}, headers=_FRESH)


@elsewhere("Ollama", "https://docs.ollama.com/api")
async def version(_: web.Request) -> web.Response:
    """`GET /api/version`."""
    return json_response({"version": API_VERSION})


@elsewhere("Ollama", "https://docs.ollama.com/api")
async def embedded(request: web.Request) -> web.Response:
    """`POST /api/embed`: the vectors of one text or of several."""
    begun = time.monotonic_ns()
    fields = await read(request, _EMBED_EXAMPLE)
    made = await _vectors(request, fields, texts_of(fields.get("input"), "input", MOST_TEXTS))
    return json_response(
        {
            "model": model_of(fields),
            "embeddings": made.vectors,
            "total_duration": time.monotonic_ns() - begun,
            "load_duration": 0,
            "prompt_eval_count": made.tokens,
        }
    )


@elsewhere("Ollama", "https://docs.ollama.com/api")
async def embedding(request: web.Request) -> web.Response:
    """`POST /api/embeddings`: the vector of one text, as older clients ask for it."""
    fields = await read(request, _EMBEDDING_EXAMPLE)
    made = await _vectors(request, fields, texts_of(fields.get("prompt"), "prompt", 1))
    return json_response({"embedding": made.vectors[0]})


async def _vectors(request: web.Request, fields: Fields, texts: list[str]) -> Embedded:
    offer = await offers(request).find(model_of(fields))
    cut = flag(fields, "truncate", otherwise=True)
    return await embed(texts, offer, request.app[RETRIEVER], request.app[SHELF], cut=cut)


async def _answer(
    request: web.Request, fields: Fields, write: Write, lines: OllamaLines
) -> web.StreamResponse:
    streams = flag(fields, "stream", otherwise=True)
    found = begin(request, write, lines)
    if streams:
        return await send(request, found, ndjson.HEADERS, after=0)
    await finish(found)
    if failed := lines.told.failed:
        return json_response({"error": failed.message, "code": failed.code}, status=status_of(failed))
    return json_response(lines.whole(), headers=_FRESH)


def _loaded(lines: OllamaLines, fields: Fields) -> web.Response:
    reason = "unload" if unloads(fields) else "load"
    return json_response(lines.loaded(reason), headers=_FRESH)


def _listed(offer: Offer) -> Json:
    """What Ollama itself tells of its own; the same of those that write over the documents, which take no
    room of their own.
    """
    name = tagged(offer.name)
    if offer.listed and offer.knows != "documents":
        return {**offer.listed, "name": name, "model": name}
    return {
        "name": name,
        "model": name,
        "modified_at": offer.listed.get("modified_at") or now(),
        "size": 0,
        "digest": hashlib.sha256(name.encode()).hexdigest(),  # clients show its beginning
        "details": _details(offer),
    }


def _shown(offer: Offer) -> Json:
    capability = "embedding" if offer.knows == "vectors" else "completion"
    return {
        "modelfile": "",
        "parameters": "",
        "template": "{{ .Prompt }}",
        "details": _details(offer),
        "model_info": {"general.architecture": "acervo", "acervo.context_length": offer.window},
        "capabilities": [capability],
        "modified_at": offer.listed.get("modified_at") or now(),
    }


def _details(offer: Offer) -> Json:
    of = offer.listed.get("details")
    return {
        "parent_model": str(offer.listed.get("name", "")),
        "format": "acervo",
        "family": "acervo",
        "families": ["acervo"],
        "parameter_size": str(of.get("parameter_size", "")) if isinstance(of, dict) else "",
        "quantization_level": str(of.get("quantization_level", "")) if isinstance(of, dict) else "",
    }
