"""The documents of the collection, and their original files."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import hdrs, web

from app import schemas
from app.errors import CollectionUnavailable, NoFile, UnknownDocument
from app.keys import FILES, LANGUAGE, LOADING, STORE
from app.openapi.operation import bytes_reply, empty_reply, json_reply, operation
from app.parameters import DocumentPath
from app.representations import document, embedding, json_response, loading_status, queued_document
from database.records import Document

# What browsers show without running any of it. Everything else is only ever saved.
_SHOWN = {"application/pdf": "application/pdf", "text/plain": "text/plain; charset=utf-8"}

_UNTRUSTED = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    hdrs.CACHE_CONTROL: "private, no-cache",
}


_FILE_HEADERS = {
    "ETag": "Changes with the bytes.",
    "Last-Modified": "When it was kept.",
    "Content-Disposition": "Its name.",
}
_PART_HEADERS = {"Content-Range": "Which of the bytes these are, or how many there are."}


@operation(
    "Documents", replies=[json_reply(schemas.Documents, "The documents")], errors=[CollectionUnavailable]
)
async def documents(request: web.Request) -> web.Response:
    """`GET /documents`: all documents, by name, whatever their status; with those that wait to be loaded."""
    language = request[LANGUAGE]
    pending = {job.document: (job, state) for job, state in request.app[LOADING].pending()}
    listed: list[schemas.Document | schemas.QueuedDocument] = []
    store = request.app[STORE]
    for record in await store.documents():
        described = document(record, language)
        if loading := pending.pop(record.id, None):
            described = {**described, **loading_status(loading[1], language)}
        listed.append(described)
    listed += [queued_document(job, state, language) for job, state in pending.values()]
    listed.sort(key=lambda described: described["name"])
    embedder = embedding(await store.answering(), await store.changeover())
    body: schemas.Documents = {"documents": listed, "embedder": embedder}
    return json_response(body)


@operation(
    "Documents",
    path=DocumentPath,
    headers={
        "Range": "Some of its bytes, such as `bytes=0-1023`.",
        "If-Range": "The `ETag` that the other bytes came with.",
        "If-None-Match": "The `ETag` of what is there already.",
        "If-Modified-Since": "The `Last-Modified` of what is there already.",
    },
    replies=[
        bytes_reply("application/pdf", "The bytes", headers=_FILE_HEADERS),
        bytes_reply("text/plain", "The bytes"),
        bytes_reply("application/octet-stream", "The bytes"),
        bytes_reply("application/pdf", "Some of the bytes", status=206, headers=_PART_HEADERS),
        bytes_reply("text/plain", "Some of the bytes", status=206),
        bytes_reply("application/octet-stream", "Some of the bytes", status=206),
        empty_reply("What is there already is the same", status=304, headers=_FILE_HEADERS),
        empty_reply("It has no such bytes", status=416, headers=_PART_HEADERS),
    ],
    errors=[UnknownDocument, NoFile, CollectionUnavailable],
)
async def file(request: web.Request) -> web.StreamResponse:
    """`GET /documents/{id}/file`: the original file, byte by byte, whole or in part."""
    record = await find_document(request)
    path = await request.app[FILES].path(record.sha256)
    if path is None:
        raise NoFile
    return web.FileResponse(
        path,
        headers={
            **_UNTRUSTED,
            hdrs.CONTENT_TYPE: _SHOWN.get(record.media_type, "application/octet-stream"),
            hdrs.CONTENT_DISPOSITION: _disposition(record),
        },
    )


async def find_document(request: web.Request) -> Document:
    """The document that the address names. Raises UnknownDocument, StoreError."""
    record = await request.app[STORE].document(request.match_info["id"])
    if record is None:
        raise UnknownDocument
    return record


def _disposition(record: Document) -> str:
    """RFC 6266: a plain name for old clients, and the true one, percent-encoded, for the others."""
    name = "".join(c for c in record.name.rpartition("/")[2] if c.isprintable()) or "document"
    plain = "".join(c if c.isascii() and c not in '"\\%;' else "_" for c in name)
    kind = "inline" if record.media_type in _SHOWN else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
