"""The JSON that stands for documents, passages and matches."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from urllib.parse import quote, urlencode

from aiohttp import web

from app import schemas
from app.context import Context, Passage
from app.messages import Key, Language, sentence
from app.uploads.states import State
from database.errors import REASONS
from database.jobs.queue import Job
from database.messages import Messages
from database.records import Box, Changeover, Chunk, Document, Match
from database.render import PDF

_WAITS: Mapping[str, Key] = {
    "store_busy": "waits_for_writer",
    "store_unavailable": "waits_for_store",
    "embedder_unavailable": "waits_for_embedder",
    "loader_failed": "waits_for_loader",
}


def encode(value: Mapping[str, object]) -> bytes:
    """One line of JSON in UTF-8. What isn't text (a file's odd name) doesn't spoil the rest."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def json_response(
    value: Mapping[str, object], *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    return web.Response(
        body=encode(value), status=status, headers=headers, content_type="application/json", charset="utf-8"
    )


def document(record: Document, language: Language) -> schemas.Document:
    """With the reason why it failed, if it did, as a sentence in this language."""
    return {
        **document_summary(record),
        "title": record.title,
        "description": record.described.description,
        "tags": list(record.described.tags),
        "source": record.source,
        "places": [{"source": place.address, "name": place.name} for place in record.places],
        "language": record.language,
        "progress": progress(record),
        "status": record.status,
        "error": Messages(language).reason(record.error) if record.error else None,
        "code": record.error,
        "created_at": record.created_at.isoformat(),
        "updated_at": record.updated_at.isoformat(),
    }


def progress(record: Document) -> schemas.Progress:
    """How far the version that is found is: by its words, by its meaning, and with tables and headings."""
    pages = (record.pages or 1) if record.passages else 0
    return {
        "text": {"done": pages, "of": pages, "unit": "pages"},
        "vectors": {"done": record.embedded, "of": record.passages, "unit": "passages"},
        "layout": {"done": record.laid_out, "of": pages, "unit": "pages"},
    }


def embedding(answering: str | None, changeover: Changeover | None) -> schemas.Embedder:
    """The model whose vectors are searched, and how far the one is that will take its place."""
    if changeover is None:
        return {"model": answering, "next": None}
    coming: schemas.Changeover = {
        "model": changeover.coming,
        "done": changeover.embedded,
        "of": changeover.passages,
        "unit": "passages",
    }
    return {"model": answering, "next": coming}


def queued_document(job: Job, state: State, language: Language) -> schemas.QueuedDocument:
    """As a document that the collection doesn't have yet."""
    return {
        "id": job.document,
        "name": job.name,
        "media_type": "",
        "pages": state.pages,
        "title": (job.described and job.described.title) or "",
        "description": job.described.description if job.described else "",
        "tags": list(job.described.tags) if job.described else [],
        "source": job.address,
        "places": [{"source": job.address, "name": job.name}],
        "language": (job.described and job.described.language) or "",
        **loading_status(state, language),
        "created_at": job.queued_at,
        "updated_at": job.queued_at,
    }


def loading_status(state: State, language: Language) -> schemas.LoadingStatus:
    """With the reason why it failed or waits, if it did, as a sentence in this language."""
    return {"status": state.status, "error": _why(state.code, language), "code": state.code}


def event(document: str, state: State, language: Language) -> schemas.DocumentEvent:
    told: schemas.DocumentEvent = {
        "id": document,
        "status": state.status,
        "error": _why(state.code, language),
        "code": state.code,
        "pages": state.pages,
        "pages_done": state.pages_done,
        "passages": state.passages,
        "passages_done": state.passages_done,
        "unchanged": state.unchanged,
    }
    if state.document:
        told["document"] = state.document
    return told


def _why(code: str | None, language: Language) -> str | None:
    if code is None:
        return None
    if key := _WAITS.get(code):
        return sentence(key).text(language)
    return next((Messages(language).reason(reason) for reason in REASONS if reason == code), code)


def document_summary(record: Document) -> schemas.DocumentSummary:
    return {"id": record.id, "name": record.name, "media_type": record.media_type, "pages": record.pages}


def source(passage: Passage) -> schemas.Source:
    return {
        "n": passage.n,
        "document": document_summary(passage.document),
        **_place(passage.document, passage.best, passage.chunks),
        "text": passage.text,
        "markdown": passage.markdown,
        "relevance": round(passage.relevance, 4),
    }


def context(given: Context) -> schemas.Context:
    """How much of its room the sources take, and what was found and had none."""
    return {
        "tokens": given.tokens,
        "room": given.room,
        "dropped": [
            {"document": document_summary(match.document), "page": match.chunk.page}
            for match in given.dropped
        ],
    }


def match(found: Match) -> schemas.Match:
    return {
        "document": document_summary(found.document),
        **_place(found.document, found.chunk, found.chunks),
        "text": _in_order(found.chunks, "\n", [chunk.text for chunk in found.chunks]),
        "markdown": markdown(found),
        "relevance": round(found.relevance, 4),
    }


def markdown(found: Match) -> str:
    """All that was found there, in reading order."""
    return _in_order(found.chunks, "\n\n", [chunk.markdown or chunk.text for chunk in found.chunks])


def _in_order(chunks: Sequence[Chunk], apart: str, texts: Sequence[str]) -> str:
    """One text; an ellipsis stands for passages between them."""
    joined = texts[0]
    for (before, after), text in zip(pairwise(chunks), texts[1:], strict=True):
        joined += apart if after.position == before.position + 1 else f"{apart}…{apart}"
        joined += text
    return joined


def image_path(record: Document, page: int | None, chunks: Sequence[Chunk]) -> str | None:
    """Where the page's picture is, with these chunks marked; None where it has none, as slides and sheets."""
    if page is None or record.pages is None or record.media_type != PDF:
        return None
    marks = urlencode([("chunk", chunk.id) for chunk in chunks])
    return f"/documents/{quote(record.id, safe='')}/pages/{page}.png?{marks}"


def _place(record: Document, best: Chunk, chunks: Sequence[Chunk]) -> schemas.Located:
    return {
        "page": best.page,
        "last_page": chunks[-1].last_page,
        "section": list(best.section),
        "boxes": [_box(box) for chunk in chunks for box in chunk.boxes],
        "image": image_path(record, best.page, chunks),
    }


def _box(box: Box) -> schemas.Box:
    return {"page": box.page, "x0": box.x0, "y0": box.y0, "x1": box.x1, "y1": box.y1}
