"""The records that pass between the stages of loading and of answering."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from database.errors import Reason

Status = Literal["queued", "converting", "embedding", "ready", "failed"]

DEFAULT_LIBRARY = "default"


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """A rectangle on a page, in PDF points with the origin at the top left; pages count from 1."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """One source in the collection. `pages` is None where the format has none (text, web pages)."""

    id: str
    name: str
    source: str
    sha256: str
    media_type: str
    pages: int | None
    title: str
    language: str
    library: str
    owner: str
    status: Status
    error: Reason | None
    pipeline: str
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Chunk:
    """A passage of one document.

    `text` is plain and is what is searched and embedded; `markdown` keeps the layout and is what
    the model reads and people see. `position` counts the chunks of a document from 0, in reading
    order. `page` and `last_page` are None where the document has no pages.
    """

    id: str
    document_id: str
    version: int
    position: int
    page: int | None
    last_page: int | None
    section: tuple[str, ...]
    text: str
    markdown: str
    language: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """A chunk that one leg of the search found. Higher scores are better; legs don't share a scale."""

    chunk: Chunk
    score: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """A passage found for a question.

    `relevance` is in 0..1 and comparable between questions. `vector_rank` and `text_rank` (from 1)
    say which legs found it; None where a leg did not.
    """

    document: Document
    chunk: Chunk
    relevance: float
    vector_rank: int | None
    text_rank: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What a search may see: the libraries, and of them only `documents` (ids) where given."""

    libraries: tuple[str, ...] = (DEFAULT_LIBRARY,)
    documents: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """How much is findable."""

    documents: int
    chunks: int


def chunk_id(document_id: str, version: int, position: int) -> str:
    return f"{document_id}:{version}:{position}"
