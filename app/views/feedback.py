"""What people say of answers."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Sequence
from datetime import UTC, datetime

from aiohttp import web

from app import schemas
from app.errors import (
    CollectionUnavailable,
    FeedbackFull,
    NoSpace,
    PromptMissing,
    PromptTooLong,
    UnknownDocument,
    UnknownPage,
)
from app.keys import FEEDBACK, LANGUAGE, STORE
from app.openapi.operation import json_reply, operation
from app.representations import json_response
from app.requests import FeedbackRequest, Page, parse_feedback, parse_object, reader_language
from database.feedback import MOST_BYTES, Feedback, FeedbackFile, Place
from database.language import detect_question_language
from database.records import Document
from database.stores.base import Store

_EXAMPLE = '{"question": "…", "verdict": "bad"}'

_FULL_DISKS = (errno.ENOSPC, errno.EDQUOT)


@operation(
    "Feedback",
    body=FeedbackRequest,
    replies=[json_reply(schemas.Kept, "It is kept", status=201)],
    errors=[
        PromptMissing,
        PromptTooLong,
        UnknownDocument,
        UnknownPage,
        CollectionUnavailable,
        NoSpace,
        FeedbackFull,
    ],
)
async def feedback(request: web.Request) -> web.Response:
    """`POST /feedback`: what a person says of an answer, kept as a question that can be asked again.

    It stays in DATA_DIR.
    """
    fields = parse_object(await request.read(), _EXAMPLE)
    if language := reader_language(fields):
        request[LANGUAGE] = language
    said = parse_feedback(fields)
    store = request.app[STORE]
    kept = Feedback(
        question=said.question,
        language=said.language or detect_question_language(said.question),
        gold=(await _right(store, said.right),) if said.right else (),
        verdict=said.verdict,
        shown=await _shown(store, said.sources),
        note=said.note,
        said_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    await _keep(request.app[FEEDBACK], kept)
    body: schemas.Kept = {"status": "kept"}
    return json_response(body, status=201)


async def _right(store: Store, page: Page) -> Place:
    """Raises UnknownDocument, UnknownPage, StoreError."""
    document = await store.document(page.document)
    if document is None:
        raise UnknownDocument
    if page.page is not None and (document.pages is None or page.page > document.pages):
        raise UnknownPage
    return _place(document, page.page)


async def _shown(store: Store, pages: Sequence[Page]) -> tuple[Place, ...]:
    """Those of documents that have left the collection since can't be named any more. Raises StoreError."""
    documents = {id_: await store.document(id_) for id_ in {page.document for page in pages}}
    return tuple(_place(document, page.page) for page in pages if (document := documents[page.document]))


def _place(document: Document, page: int | None) -> Place:
    return Place(document=document.id, name=document.name, page=page)


async def _keep(file: FeedbackFile, said: Feedback) -> None:
    """Raises FeedbackFull, NoSpace."""
    try:
        kept = await asyncio.to_thread(file.add, said)
    except OSError as error:
        if error.errno in _FULL_DISKS:
            raise NoSpace from error
        raise
    if not kept:
        raise FeedbackFull(MOST_BYTES)
