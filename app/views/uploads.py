"""Documents that are sent, followed, cancelled and deleted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from urllib.parse import quote

from aiohttp import BodyPartReader, hdrs, web
from aiohttp.http import HttpProcessingError

from app import ndjson, schemas
from app.descriptions import FIELDS, DescriptionRequest, parse_description
from app.errors import (
    BadRequest,
    CollectionBusy,
    CollectionUnavailable,
    FileTooLarge,
    NoSpace,
    RequestError,
    UnknownDocument,
)
from app.fields import parse
from app.keys import LANGUAGE, LOADING, RECEIVER, STORE
from app.messages import sentence
from app.openapi.operation import FORM, JSON, empty_reply, json_reply, lines_reply, operation
from app.parameters import DocumentPath
from app.representations import document, encode, event, json_response, loading_status
from app.requests import AddressRequest, UploadForm, parse_object
from app.uploads.loading import state_of
from app.uploads.names import safe_name
from app.uploads.states import State
from database.errors import StoreError

READ_SECONDS = 60.0  # without a byte: then the sender is gone
_LOOK_SECONDS = 1.0  # at a document that another process is loading

_PIECE = 2**18  # bytes
_LONGEST_FIELD = 2**16  # bytes
_EXAMPLE = '{"url": "https://…"}'

logger = logging.getLogger(__name__)


@operation(
    "Documents",
    body={FORM: UploadForm, JSON: AddressRequest},
    replies=[json_reply(schemas.Upload, "What became of each, in their order", status=202)],
    errors=[FileTooLarge, NoSpace, CollectionUnavailable],
)
async def upload(request: web.Request) -> web.Response:
    """`POST /documents`: takes files, each with a result of its own, or an address on the web.

    They are loaded afterwards; `events` says where that can be followed. What a form says of its files stands
    before them.
    """
    if request.content_type != "multipart/form-data":
        return await _load_address(request)
    results: list[schemas.Accepted | schemas.Refused] = []
    refused: list[schemas.Refused] = []
    failure: RequestError | None = None
    request.app[LOADING].prepare()
    said: dict[str, object] = {}
    async for part in _parts(request):
        if part.filename is None:
            await _note_field(part, said)
            continue
        name = safe_name(part.filename)
        described = parse_description(said) if said else None
        try:
            async with request.app[RECEIVER].receive(_pieces(part)) as received:
                id_, state = await request.app[LOADING].load_file(received, name, described)
        except (FileTooLarge, NoSpace) as error:
            failure = failure or error
            refused.append({"name": name, **_error(request, error)})
            results.append(refused[-1])
        else:
            results.append(_accepted(request, id_, name, state))
    if failure and len(refused) == len(results):
        told: schemas.UploadError = {**_error(request, failure), "documents": refused}
        return json_response(told, status=failure.status)
    if not results:
        raise BadRequest(sentence("nothing_sent", example=_EXAMPLE))
    body: schemas.Upload = {"documents": results}
    return json_response(body, status=202)


@operation(
    "Documents",
    path=DocumentPath,
    replies=[lines_reply(schemas.DocumentEvent, "How far it is, again and again")],
    errors=[UnknownDocument, CollectionUnavailable],
)
async def events(request: web.Request) -> web.StreamResponse:
    """`GET /documents/{id}/events`: how far a document is, in lines, until it is done."""
    id_ = request.match_info["id"]
    state = await _state(request, id_)
    response = web.StreamResponse(headers=ndjson.HEADERS)
    await response.prepare(request)
    if request.method == hdrs.METH_HEAD:
        return response
    try:
        async with aclosing(_states(request, id_, state)) as states:
            async for newer in states:
                await ndjson.write(request, response, encode(event(id_, newer, request[LANGUAGE])) + b"\n")
    except TimeoutError:
        ndjson.let_go(request)
    return response


@operation(
    "Documents",
    path=DocumentPath,
    body=DescriptionRequest,
    replies=[json_reply(schemas.Document, "The document, which is found by it")],
    errors=[UnknownDocument, CollectionUnavailable, CollectionBusy],
)
async def describe(request: web.Request) -> web.Response:
    """`PATCH /documents/{id}`: changes what is said of a document; answers when it is found by that."""
    fields = parse_object(await request.read(), '{"title": "…", "tags": ["…"]}')
    if not set(fields) & set(FIELDS):
        raise BadRequest(sentence("nothing_said", fields=", ".join(FIELDS)))
    parse_description(fields)
    changed = await request.app[LOADING].describe(
        request.match_info["id"], lambda before: parse_description(fields, before)
    )
    if changed is None:
        raise UnknownDocument
    return json_response(document(changed, request[LANGUAGE]))


@operation(
    "Documents",
    path=DocumentPath,
    replies=[json_reply(schemas.DocumentEvent, "How it ended")],
    errors=[UnknownDocument, CollectionUnavailable, CollectionBusy],
)
async def cancel(request: web.Request) -> web.Response:
    """`POST /documents/{id}/cancel`: stops loading a document; what is loaded stays."""
    id_ = request.match_info["id"]
    state = await request.app[LOADING].cancel(id_) or await _state(request, id_)
    return json_response(event(id_, state, request[LANGUAGE]))


@operation(
    "Documents",
    path=DocumentPath,
    replies=[empty_reply("It is gone")],
    errors=[UnknownDocument, CollectionUnavailable, CollectionBusy],
)
async def delete(request: web.Request) -> web.Response:
    """`DELETE /documents/{id}`: takes a document out; answers when no search finds it any more."""
    if not await request.app[LOADING].remove(request.match_info["id"]):
        raise UnknownDocument
    return web.Response(status=204)


async def _load_address(request: web.Request) -> web.Response:
    body = await request.read()
    if not body:
        raise BadRequest(sentence("nothing_sent", example=_EXAMPLE))
    fields = parse_object(body, _EXAMPLE)
    asked = parse(AddressRequest, fields)
    address = asked.url
    name = address.split("://", 1)[1].rstrip("/")
    id_, state = await request.app[LOADING].load_address(address, name, asked.alone())
    taken: schemas.Upload = {"documents": [_accepted(request, id_, name, state)]}
    return json_response(taken, status=202)


async def _note_field(part: BodyPartReader, said: dict[str, object]) -> None:
    """What a form says of the files that follow. Raises BadRequest."""
    if part.name not in FIELDS:
        return
    text = bytearray()
    async for piece in _pieces(part):
        text += piece
        if len(text) > _LONGEST_FIELD:
            raise BadRequest(sentence("out_of_range", field=part.name, least=0, most=_LONGEST_FIELD))
    value = text.decode("utf-8", "replace")
    if part.name == "tags":  # one field each, or commas between them
        before = said.get("tags")
        said["tags"] = [*(before if isinstance(before, list) else []), *value.split(",")]
    else:
        said[part.name] = value


async def _parts(request: web.Request) -> AsyncIterator[BodyPartReader]:
    """The parts of a form. Raises BadRequest, NoSpace."""
    await request.app[RECEIVER].check_space(request.content_length or 0)
    with _readable():
        parts = await request.multipart()
    while True:
        with _readable():
            async with asyncio.timeout(READ_SECONDS):
                part = await parts.next()
        if part is None:
            return
        if isinstance(part, BodyPartReader):
            yield part


async def _pieces(part: BodyPartReader) -> AsyncIterator[bytes]:
    """Raises BadRequest."""
    while True:
        with _readable():
            async with asyncio.timeout(READ_SECONDS):
                piece = await part.read_chunk(_PIECE)
        if not piece and part.at_eof():
            return
        yield bytes(piece)


@contextmanager
def _readable() -> Iterator[None]:
    """Raises BadRequest where the body is not what it says, or stops."""
    try:
        yield
    except (ValueError, TimeoutError, HttpProcessingError, web.RequestPayloadError) as error:
        logger.info("an upload can't be read: %s", type(error).__name__)
        raise BadRequest(sentence("upload_cut")) from None


async def _state(request: web.Request, id_: str) -> State:
    """What is being done, else what the collection says. Raises UnknownDocument, StoreError."""
    state = request.app[LOADING].state(id_)
    if state and not state.final:
        return state
    record = await request.app[STORE].document(id_)
    if record:
        return state_of(record)
    if state is None or state.status == "removed":
        raise UnknownDocument
    return state


async def _states(request: web.Request, id_: str, state: State) -> AsyncGenerator[State, None]:
    """From this one to the last, also where another process is loading it. A server that stops ends it."""
    loading = request.app[LOADING]
    while not loading.ending:
        followed = not state.final and loading.state(id_) is not None
        if followed:
            async with aclosing(loading.follow(id_)) as newer:
                async for state in newer:
                    yield state
        else:
            yield state
        if state.final:
            return
        if not followed:
            await asyncio.sleep(_LOOK_SECONDS)
        try:
            state = await _state(request, id_)
        except (UnknownDocument, StoreError):
            return


def _accepted(request: web.Request, id_: str, name: str, state: State) -> schemas.Accepted:
    return {
        "id": id_,
        "name": name,
        **loading_status(state, request[LANGUAGE]),
        "unchanged": state.unchanged,
        "events": f"/documents/{quote(id_, safe='')}/events",
    }


def _error(request: web.Request, error: RequestError) -> schemas.Error:
    return {"error": error.told.text(request[LANGUAGE]), "code": error.code}
