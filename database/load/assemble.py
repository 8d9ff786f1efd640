"""Puts documents and chunks together from what the stages give: pure functions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import PurePosixPath
from typing import NamedTuple

from database.embedders.prompts import EMBEDDED_AS
from database.errors import SourceError
from database.language import QUESTION_LANGUAGES, detect_language
from database.load.converters.base import Converter, Outline, Page
from database.load.dress import markdown_of
from database.load.sources import Content, Source
from database.load.split import PASSAGE_CHARACTERS, SPLITTER, Splitter
from database.records import UNDESCRIBED, Box, Chunk, Description, Document, PageState, Place, chunk_id

_SURE_LENGTH = 200  # characters from which a passage's own language can be told
_SAMPLED = 20  # passages that tell a document's language
_SEPARATORS = re.compile(r"[\s_\-./]+")
_TITLE = re.compile(
    r"[^\W\d_]{3,}.*\s"
)  # a title worth showing has words; producers write file names and numbers


class Fingerprint(NamedTuple):
    """What a document's chunks depend on: its bytes, and all that makes chunks of them."""

    sha256: str
    pipeline: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A passage as its chunk will hold it, of a document of which no more is known yet."""

    page: int | None
    section: tuple[str, ...]
    text: str
    markdown: str
    boxes: tuple[Box, ...]


def fingerprint(content: Content, converter: Converter) -> Fingerprint:
    return Fingerprint(content.sha256, pipeline_name(converter))


def pipeline_name(converter: Converter) -> str:
    """Changes whenever anything changes that shapes a document's chunks or the texts that are embedded. Which
    model embeds them, the collection knows.
    """
    parts = (converter.name, SPLITTER, str(PASSAGE_CHARACTERS), EMBEDDED_AS)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def pieces(pages: Iterable[Page], splitter: Splitter) -> tuple[list[Piece], list[PageState]]:
    """What the chunks of these pages will hold, and the states of the pages."""
    made: list[Piece] = []
    states: list[PageState] = []
    for page in pages:
        passages = splitter.split([page])
        markdown = markdown_of(page, passages)
        made += [
            Piece(
                page=page.number,
                section=passage.section,
                text=passage.text,
                markdown=dressed,
                boxes=passage.boxes,
            )
            for passage, dressed in zip(passages, markdown, strict=True)
        ]
        states.append(page_state(page))
    return made, states


def page_state(page: Page) -> PageState:
    regions = page.regions or page.blocks
    return PageState(
        number=page.number or 1,
        characters=sum(len(line.text) for block in page.blocks for line in block.lines),
        condition="blank" if page.condition == "good" and not page.blocks else page.condition,
        recognised=page.recognised,
        tables=sum(region.kind == "table" for region in regions),
        route=page.route,
        laid_out=not page.awaits_layout,
        seconds=page.seconds,
    )


def document(
    source: Source,
    content: Content,
    made_of: Fingerprint,
    outline: Outline,
    pieces: Sequence[Piece],
    before: Document | None,
) -> Document:
    """The next version of the document, of which nothing is embedded yet."""
    now = datetime.now(UTC)
    described = _described(source, before)
    return Document(
        id=before.id if before else source.document_id,
        name=before.name if before else source.name,
        source=before.source if before else source.address,
        copies=before.copies if before else (),
        sha256=made_of.sha256,
        media_type=content.media_type,
        pages=outline.pages,
        title=described.title or title(outline),
        language=described.language or _detected(piece.text for piece in pieces),
        described=described,
        library=source.library,
        owner=before.owner if before else "",
        status="embedding",
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
        id=before.id if before else source.document_id,
        name=source.name,
        source=source.address,
        sha256=made_of.sha256 if made_of else "",
        media_type="",
        pages=None,
        title="",
        language="",
        described=_described(source, before),
        library=source.library,
        owner="",
        status="failed",
        error=error.reason,
        pipeline=made_of.pipeline if made_of else "",
        version=0,
        created_at=before.created_at if before else now,
        updated_at=now,
    )


def chunks(document: Document, pieces: Sequence[Piece]) -> list[Chunk]:
    return [
        Chunk(
            id=chunk_id(document.id, document.version, position),
            document_id=document.id,
            version=document.version,
            position=position,
            page=piece.page,
            last_page=piece.page,
            section=piece.section,
            text=piece.text,
            markdown=piece.markdown,
            language=_language(piece.text, document.language),
            boxes=piece.boxes,
        )
        for position, piece in enumerate(pieces)
    ]


def with_place(document: Document, place: Place) -> Document:
    """The document, found at this place, too."""
    return replace(document, copies=(*document.copies, place))


def without_place(document: Document, address: str) -> Document | None:
    """The document without this place; None where it has no other."""
    left = [place for place in document.places if place.address != address]
    if not left:
        return None
    return replace(document, name=left[0].name, source=left[0].address, copies=tuple(left[1:]))


def redescribed(
    document: Document, described: Description, own_title: str, chunks: Sequence[Chunk]
) -> Document:
    """The document as a person describes it; what they leave open is the file's own again."""
    return replace(
        document,
        described=described,
        title=described.title or own_title,
        language=described.language or _detected(chunk.text for chunk in chunks),
    )


def renewed(before: Document, after: Document, chunks: Sequence[Chunk]) -> tuple[Document, list[Chunk]]:
    """The same passages as the next version, under what the document is called now."""
    version = before.version + 1
    same_language = after.language == before.language
    return replace(after, version=version, updated_at=datetime.now(UTC)), [
        replace(
            chunk,
            id=chunk_id(after.id, version, chunk.position),
            version=version,
            language=chunk.language if same_language else _language(chunk.text, after.language),
        )
        for chunk in chunks
    ]


def text_to_embed(document: Document, chunk: Chunk) -> str:
    """The passage after its document's name and section: a vector of "the table" alone says little."""
    name = document.title or _SEPARATORS.sub(" ", str(PurePosixPath(document.name).with_suffix(""))).strip()
    heading = " · ".join([name, *chunk.section[-1:]])
    return f"{heading}\n{chunk.text}"


def _described(source: Source, before: Document | None) -> Description:
    """What was said last."""
    return source.described or (before.described if before else UNDESCRIBED)


def title(outline: Outline) -> str:
    """The one that the file gives itself; "" where it isn't worth showing."""
    return outline.title if _TITLE.search(outline.title) else ""


def _detected(texts: Iterable[str]) -> str:
    return detect_language("\n".join(islice(texts, _SAMPLED)))


def _language(text: str, document_language: str) -> str:
    """The passage's own where it is long enough to tell and one that questions are asked in."""
    own = detect_language(text) if len(text) >= _SURE_LENGTH else ""
    return own if own in QUESTION_LANGUAGES else document_language
