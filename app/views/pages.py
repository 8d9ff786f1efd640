"""Pictures of a document's pages, with passages marked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aiohttp import hdrs, web

from app.errors import CollectionUnavailable, NoFile, RenderFailed, UnknownDocument, UnknownPage
from app.keys import FILES, PICTURES, STORE
from app.openapi.operation import bytes_reply, empty_reply, operation
from app.parameters import PagePath, PictureQuery, parse_query
from app.pictures import Picture
from app.views.documents import find_document
from database.errors import SourceError
from database.records import Box, Document
from database.stores.base import Store

# The picture of an address changes when its document is loaded anew; the tag says whether it has.
_CACHE = "private, max-age=60"

_PICTURE_HEADERS = {"ETag": "Changes with what it shows."}

_POSITION = re.compile(r"\d{1,9}")
_PAGE = re.compile(r"[1-9]\d{0,6}")


@operation(
    "Documents",
    path=PagePath,
    query=PictureQuery,
    headers={"If-None-Match": "The `ETag` of what is there already."},
    replies=[
        bytes_reply("image/png", "The picture", headers=_PICTURE_HEADERS),
        empty_reply("What is there already is the same", status=304, headers=_PICTURE_HEADERS),
    ],
    errors=[UnknownDocument, UnknownPage, NoFile, RenderFailed, CollectionUnavailable],
)
async def page(request: web.Request) -> web.Response:
    """`GET /documents/{id}/pages/{page}.png`: a page as a picture, with passages marked."""
    asked = parse_query(PictureQuery, request)
    record = await find_document(request)
    number = _number(request, record)
    boxes = await _boxes(request.app[STORE], record, asked.chunk)
    picture = Picture(
        sha256=record.sha256,
        media_type=record.media_type,
        page=number,
        boxes=tuple(box for box in boxes if box.page == number),
        width=asked.width,
    )
    headers = {hdrs.CACHE_CONTROL: _CACHE, hdrs.ETAG: f'"{picture.tag}"', "X-Content-Type-Options": "nosniff"}
    if any(tag.value in (picture.tag, "*") for tag in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    path = await request.app[FILES].path(record.sha256)
    if path is None:
        raise NoFile
    try:
        png = await request.app[PICTURES].get(path, picture)
    except SourceError as error:
        raise RenderFailed(error.reason) from error
    return web.Response(body=png, content_type="image/png", headers=headers)


def _number(request: web.Request, record: Document) -> int:
    text = request.match_info["page"]
    if not _PAGE.fullmatch(text) or record.pages is None or int(text) > record.pages:
        raise UnknownPage
    return int(text)


async def _boxes(store: Store, record: Document, chunk_ids: Sequence[str]) -> list[Box]:
    """Where the chunks stand. Those of another version or document mark nothing."""
    positions = [id_.rpartition(":")[2] for id_ in chunk_ids]
    wanted = sorted({int(position) for position in positions if _POSITION.fullmatch(position)})
    if not wanted:
        return []
    chunks = await store.chunks(record.id, wanted)
    return [box for chunk in chunks if chunk.id in chunk_ids for box in chunk.boxes]
