"""Ollama's own API, for the clients that people already have."""

from __future__ import annotations

import hashlib
import time
from functools import partial

from aiohttp import hdrs, web

from app import ndjson
from app.answers import Write
from app.compat import schemas
from app.compat.answering import begin, finish, offers, over_documents, read, status_of, told
from app.compat.errors import ModelFailed
from app.compat.offers import AsItIs, Offer
from app.compat.ollama_lines import OllamaLines, chat_text, generated_text
from app.compat.ollama_requests import (
    OllamaChat,
    OllamaEmbed,
    OllamaEmbeddings,
    OllamaGenerate,
    OllamaShow,
)
from app.compat.passing import pass_on
from app.compat.vectors import embed
from app.errors import (
    CollectionUnavailable,
    ModelError,
    ModelUnavailable,
    NoModel,
    PromptMissing,
    PromptTooLong,
    TooBusy,
    UnknownDocument,
    UnknownModel,
)
from app.events import now
from app.fields import Json, parse
from app.keys import RETRIEVER, SHELF
from app.models.ollama_library import tagged
from app.openapi.operation import OLLAMA, bytes_reply, json_reply, lines_reply, operation
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


_ANSWERS = (
    PromptMissing,
    PromptTooLong,
    UnknownDocument,
    UnknownModel,
    CollectionUnavailable,
    ModelUnavailable,
    NoModel,
    TooBusy,
)
_WHOLE = "All of it, where it isn't streamed"


@operation("Ollama", replies=[bytes_reply("text/plain", "`Ollama is running`")], elsewhere=OLLAMA)
async def running(_: web.Request) -> web.Response:
    """`GET /`: in Ollama's words, by which clients know that there is a server of this kind."""
    return web.Response(text="Ollama is running")


@operation(
    "Ollama",
    body=OllamaChat,
    replies=[
        lines_reply(schemas.OllamaChatPart | schemas.StreamFailed, "The lines of an answer"),
        json_reply(schemas.OllamaChatPart, _WHOLE),
    ],
    errors=_ANSWERS,
    elsewhere=OLLAMA,
)
async def chat(request: web.Request) -> web.StreamResponse:
    """`POST /api/chat`: answers from the documents, or as a model that is installed in Ollama."""
    fields = await read(request, _CHAT_EXAMPLE)
    asked = parse(OllamaChat, fields)
    lines = OllamaLines(asked.wanted, chat_text, told(request))
    found = await offers(request).to_chat(asked.wanted)
    if isinstance(found, AsItIs):
        write: Write = partial(pass_on, "/api/chat", asked.passed, found)
    elif not asked.messages:
        return _loaded(lines, unload=asked.unloads)
    else:
        write = over_documents(request, fields, asked.messages, found.candidates)
    return await _answer(request, write, lines, streams=asked.streams)


@operation(
    "Ollama",
    body=OllamaGenerate,
    replies=[
        lines_reply(schemas.OllamaGeneratePart | schemas.StreamFailed, "The lines of an answer"),
        json_reply(schemas.OllamaGeneratePart, _WHOLE),
    ],
    errors=_ANSWERS,
    elsewhere=OLLAMA,
)
async def generate(request: web.Request) -> web.StreamResponse:
    """`POST /api/generate`: answers one prompt, without a conversation."""
    fields = await read(request, _GENERATE_EXAMPLE)
    asked = parse(OllamaGenerate, fields)
    lines = OllamaLines(asked.wanted, generated_text, told(request))
    found = await offers(request).to_chat(asked.wanted)
    if isinstance(found, AsItIs):
        write: Write = partial(pass_on, "/api/generate", asked.passed, found)
    elif not asked.prompt:
        return _loaded(lines, unload=asked.unloads)
    else:
        said = [{"role": "user", "content": asked.prompt}]
        write = over_documents(request, fields, said, found.candidates)
    return await _answer(request, write, lines, streams=asked.streams)


@operation("Ollama", replies=[json_reply(schemas.OllamaModels, "The models")], elsewhere=OLLAMA)
async def tags(request: web.Request) -> web.Response:
    """`GET /api/tags`: the models that may be asked for."""
    return json_response(
        {"models": [_listed(offer) for offer in await offers(request).all()]}, headers=_FRESH
    )


@operation(
    "Ollama",
    body=OllamaShow,
    replies=[json_reply(schemas.OllamaShown, "The model")],
    errors=[UnknownModel, ModelUnavailable],
    elsewhere=OLLAMA,
)
async def show(request: web.Request) -> web.Response:
    """`POST /api/show`: what a model is and can do."""
    offer = await offers(request).find(parse(OllamaShow, await read(request, _SHOW_EXAMPLE)).wanted)
    shelf = request.app[SHELF]
    if shelf is None or offer.knows == "documents" or not offer.listed:
        return json_response(_shown(offer), headers=_FRESH)
    try:
        return json_response(await shelf.shown(offer.name), headers=_FRESH)
    except ModelError as error:
        raise ModelFailed(error) from error


@operation("Ollama", replies=[json_reply(schemas.OllamaModels, "The models")], elsewhere=OLLAMA)
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


@operation("Ollama", replies=[json_reply(schemas.OllamaVersion, "The version")], elsewhere=OLLAMA)
async def version(_: web.Request) -> web.Response:
    """`GET /api/version`: which version of Ollama's API is followed here."""
    return json_response({"version": API_VERSION})


@operation(
    "Ollama",
    body=OllamaEmbed,
    replies=[json_reply(schemas.OllamaEmbedded, "The vectors")],
    errors=[UnknownModel, CollectionUnavailable, ModelUnavailable],
    elsewhere=OLLAMA,
)
async def embedded(request: web.Request) -> web.Response:
    """`POST /api/embed`: the vectors of one text or of several."""
    begun = time.monotonic_ns()
    asked = parse(OllamaEmbed, await read(request, _EMBED_EXAMPLE))
    offer = await offers(request).find(asked.wanted)
    made = await embed(
        asked.input,
        offer,
        request.app[RETRIEVER],
        request.app[SHELF],
        cut=asked.cut,
        dimensions=asked.dimensions,
    )
    return json_response(
        {
            "model": asked.wanted,
            "embeddings": made.vectors,
            "total_duration": time.monotonic_ns() - begun,
            "load_duration": 0,
            "prompt_eval_count": made.tokens,
        }
    )


@operation(
    "Ollama",
    body=OllamaEmbeddings,
    replies=[json_reply(schemas.OllamaEmbedding, "The vector")],
    errors=[UnknownModel, CollectionUnavailable, ModelUnavailable],
    elsewhere=OLLAMA,
)
async def embedding(request: web.Request) -> web.Response:
    """`POST /api/embeddings`: the vector of one text, as older clients ask for it."""
    asked = parse(OllamaEmbeddings, await read(request, _EMBEDDING_EXAMPLE))
    offer = await offers(request).find(asked.wanted)
    made = await embed([asked.prompt], offer, request.app[RETRIEVER], request.app[SHELF])
    return json_response({"embedding": made.vectors[0]})


async def _answer(
    request: web.Request, write: Write, lines: OllamaLines, *, streams: bool
) -> web.StreamResponse:
    found = begin(request, write, lines)
    if streams:
        return await send(request, found, ndjson.HEADERS, after=0)
    await finish(found)
    if failed := lines.told.failed:
        return json_response({"error": failed.message, "code": failed.code}, status=status_of(failed))
    return json_response(lines.whole(), headers=_FRESH)


def _loaded(lines: OllamaLines, *, unload: bool) -> web.Response:
    return json_response(lines.loaded("unload" if unload else "load"), headers=_FRESH)


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
