"""Puts documents and chunks together from what the stages give: pure functions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import NamedTuple

from database.embedders.base import Embedder
from database.errors import SourceError
from database.language import QUESTION_LANGUAGES, detect_language
from database.load.converters.base import Converter, Outline
from database.load.sources import Content, Source
from database.load.split import PASSAGE_CHARACTERS, SPLITTER, Passage
from database.records import Chunk, Document, chunk_id

_SURE_LENGTH = 200  # characters from which a passage's own language can be told
_SEPARATORS = re.compile(r"[\s_\-./]+")
_TITLE = re.compile(
    r"[^\W\d_]{3,}.*\s"
)  # a title worth showing has words; producers write file names and numbers


class Fingerprint(NamedTuple):
    """What a document's chunks depend on: its bytes, and all that makes chunks of them."""

    sha256: str
    pipeline: str


def fingerprint(content: Content, converter: Converter, embedder: Embedder) -> Fingerprint:
    return Fingerprint(hashlib.sha256(content.data).hexdigest(), pipeline_name(converter, embedder))


def pipeline_name(converter: Converter, embedder: Embedder) -> str:
    """Changes whenever anything changes that shapes a document's chunks."""
    parts = (converter.name, SPLITTER, str(PASSAGE_CHARACTERS), embedder.name, "embed-1")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def document(
    source: Source,
    content: Content,
    made_of: Fingerprint,
    outline: Outline,
    passages: Sequence[Passage],
    before: Document | None,
) -> Document:
    """The document's next version."""
    now = datetime.now(UTC)
    return Document(
        id=source.document_id,
        name=source.name,
        source=source.address,
        sha256=made_of.sha256,
        media_type=content.media_type,
        pages=outline.pages,
        title=title(outline),
        language=detect_language("\n".join(passage.text for passage in passages[:20])),
        library=source.library,
        owner=before.owner if before else "",
        status="ready",
        error=None,
        pipeline=made_of.pipeline,
        version=before.version + 1 if before else 1,
        created_at=before.created_at if before else now,
        updated_at=now,
    )


def failed_document(
    source: Source, error: SourceError, before: Document | None, made_of: Fingerprint | None
) -> Document:
    """The record of a failure; a version that was loaded before stays as it is, and findable."""
    now = datetime.now(UTC)
    if before and before.version:
        return replace(before, status="failed", error=error.reason, updated_at=now)
    return Document(
        id=source.document_id,
        name=source.name,
        source=source.address,
        sha256=made_of.sha256 if made_of else "",
        media_type="",
        pages=None,
        title="",
        language="",
        library=source.library,
        owner="",
        status="failed",
        error=error.reason,
        pipeline=made_of.pipeline if made_of else "",
        version=0,
        created_at=before.created_at if before else now,
        updated_at=now,
    )


def chunks(document: Document, passages: Sequence[Passage]) -> list[Chunk]:
    return [
        Chunk(
            id=chunk_id(document.id, document.version, position),
            document_id=document.id,
            version=document.version,
            position=position,
            page=passage.page,
            last_page=passage.page,
            section=passage.section,
            text=passage.text,
            markdown=passage.markdown,
            language=_language(passage.text, document.language),
            boxes=passage.boxes,
        )
        for position, passage in enumerate(passages)
    ]


def text_to_embed(source: Source, outline: Outline, passage: Passage) -> str:
    """The passage after its document's name and section: a vector of "the table" alone says little."""
    name = title(outline) or _SEPARATORS.sub(" ", str(PurePosixPath(source.name).with_suffix(""))).strip()
    heading = " · ".join([name, *passage.section[-1:]])
    return f"{heading}\n{passage.text}"


def title(outline: Outline) -> str:
    """The one that the file gives itself; "" where it isn't worth showing."""
    return outline.title if _TITLE.search(outline.title) else ""


def _language(text: str, document_language: str) -> str:
    """The passage's own where it is long enough to tell and one that questions are asked in."""
    own = detect_language(text) if len(text) >= _SURE_LENGTH else ""
    return own if own in QUESTION_LANGUAGES else document_language
