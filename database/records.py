"""The records that pass between the stages of loading and of answering."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from database.errors import Reason
from database.seen import Seen

Status = Literal["queued", "converting", "embedding", "ready", "failed"]

# What is searched of a page comes from its plain text; its Markdown is made the way that pays: from the
# places of the same text's lines, or by the layout model, later. None: the format has a layout of its own.
Route = Literal["plain", "layout"]
ROUTES: tuple[Route, ...] = get_args(Route)

# blank: nothing is on it. no_text: pictures that nobody could read. garbled: letters without a meaning.
# unreadable: the parser failed on it, or took too long.
Condition = Literal["good", "blank", "no_text", "garbled", "unreadable"]
CONDITIONS: tuple[Condition, ...] = get_args(Condition)

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
class Place:
    """Where a document's bytes are: an absolute path or a web address, and what it is called there."""

    address: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Description:
    """What a person says of a document. What they leave open (None, "") the file itself answers."""

    title: str | None = None
    description: str = ""
    tags: tuple[str, ...] = ()
    language: str | None = None


UNDESCRIBED = Description()


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """The same bytes in one library, wherever they lie. `pages` is None where the format has none.

    `source` and `name` are those of its first place; `copies` are the others. `title` and `language` are
    those of its description, or the file's own. Of the `passages` of the findable version, all are found by
    full text, `embedded` by vectors, too; `laid_out` counts the pages whose Markdown is made (a format
    without pages counts as one). `renewed` is how many have vectors of the embedder that the collection
    changes over to; None where it doesn't.
    """

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
    copies: tuple[Place, ...] = ()
    described: Description = UNDESCRIBED
    passages: int = 0
    embedded: int = 0
    laid_out: int = 0
    renewed: int | None = None

    @property
    def prepared(self) -> int:
        """How many passages have the vectors that are being made now."""
        return self.embedded if self.renewed is None else self.renewed

    @property
    def places(self) -> tuple[Place, ...]:
        return (Place(address=self.source, name=self.name), *self.copies)

    @property
    def finished(self) -> bool:
        """Whether nothing of the findable version is left to be embedded or laid out."""
        if not self.passages:
            return True
        return self.prepared >= self.passages and self.laid_out >= (self.pages or 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class PageState:
    """What became of a page, for the health report. `number` counts from 1; a format without pages has one.

    `route` is how its Markdown is made, and `laid_out` whether it is. `characters` and `tables` are counted
    in the text and in the Markdown; `seconds` are those of the processes that converted it.
    """

    number: int
    characters: int
    condition: Condition
    recognised: bool
    tables: int
    route: Route | None
    laid_out: bool
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Chunk:
    """A passage of one document.

    `text` is plain and is what is searched and embedded; `markdown` keeps the layout and is what
    the model reads and people see; "" where it isn't made yet, or wasn't read. `position` counts the chunks
    of a document from 0, in reading order. `page` and `last_page` are None where the document has no pages.
    `sentences` are the vectors of the passage and of its statements, as database.sentence_vectors packs them;
    empty where it isn't embedded yet.
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
    sentences: bytes = b""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """A chunk that one leg of the search found, and how it is compared with the question. Higher scores are
    better; legs don't share a scale.
    """

    chunk: Chunk
    seen: Seen
    score: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """A place found for a question: its best passage, and the others of the same page that were found, too,
    best first.

    `relevance` is in 0..1 and comparable between questions: how surely it answers; `on_topic`, the same, how
    surely it is about what is asked. `vector_rank` and `text_rank` (from 1)
    say which legs found the best passage; None where a leg did not.
    """

    document: Document
    chunk: Chunk
    others: tuple[Chunk, ...] = ()
    relevance: float
    on_topic: float
    vector_rank: int | None
    text_rank: int | None

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """All of them, in reading order."""
        return tuple(sorted((self.chunk, *self.others), key=lambda chunk: chunk.position))


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Changeover:
    """A collection answers with one embedder while another one embeds its passages: how many it has done."""

    answering: str
    coming: str
    embedded: int
    passages: int


def chunk_id(document_id: str, version: int, position: int) -> str:
    return f"{document_id}:{version}:{position}"
