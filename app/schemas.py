"""What the server answers with, field by field: the bodies, the lines of its streams, and its errors.

`app.representations` and `app.events` make them, and the API's document (`app.openapi`) is made of them.
"""

from __future__ import annotations

from typing import Literal, NotRequired

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from app.messages import Language
from app.models.base import Kind
from app.uploads.states import Status
from database.errors import Reason

DoneReason = Literal["stop", "length", "no_answer", "cancelled"]

# A docstring below a field is its description; there are no other fields.
wire = with_config(ConfigDict(use_attribute_docstrings=True, extra="forbid"))


@wire
class Error(TypedDict):
    """What went wrong."""

    error: str
    """A sentence in the language of the request."""
    code: str
    """The same for programs."""


@wire
class RenderError(Error):
    """Why a page could not be drawn."""

    reason: Reason


@wire
class UploadError(Error):
    """None of the files was taken."""

    documents: NotRequired[list[Refused]]
    """What became of each file, where they were read."""


@wire
class Box(TypedDict):
    """A rectangle on a page, in PDF points from the top left."""

    page: int
    """From 1."""
    x0: float
    y0: float
    x1: float
    y1: float


@wire
class DocumentSummary(TypedDict):
    """Which document it is."""

    id: str
    name: str
    media_type: str
    pages: int | None
    """null where the format has none."""


@wire
class Located(TypedDict):
    """Where a passage stands."""

    page: int | None
    """From 1; null where the format has none."""
    last_page: int | None
    section: list[str]
    """The headings above it, the outermost first."""
    boxes: list[Box]
    """What is marked; empty where that isn't known."""
    image: str | None
    """The path of the page's picture with the passage marked; null where there is none."""


@wire
class Match(Located):
    """A passage that was found."""

    document: DocumentSummary
    text: str
    markdown: str
    """The same with its tables and headings."""
    relevance: float
    """0 to 1, comparable between questions."""


@wire
class Source(Match):
    """A passage that an answer may cite."""

    n: int
    """It is cited as [n]."""


@wire
class Dropped(TypedDict):
    """What was found and had no room."""

    document: DocumentSummary
    page: int | None


@wire
class Context(TypedDict):
    """How much of the model's room the sources take."""

    tokens: int
    room: int
    dropped: list[Dropped]


@wire
class Matches(TypedDict):
    """The passages, best first."""

    matches: list[Match]


@wire
class Place(TypedDict):
    """Where a document's bytes are, and what it is called there."""

    source: str
    name: str


@wire
class Steps(TypedDict):
    """How much of something is done."""

    done: int
    of: int
    unit: Literal["pages", "passages"]


@wire
class Progress(TypedDict):
    """Found by its words, by its meaning, and with tables and headings."""

    text: Steps
    vectors: Steps
    layout: Steps


@wire
class LoadingStatus(TypedDict):
    """What is being done with a document."""

    status: Status
    error: str | None
    """Why it failed or waits: a sentence in the language of the request."""
    code: str | None
    """The same for programs."""


@wire
class QueuedDocument(DocumentSummary, LoadingStatus):
    """A document that waits to be loaded for the first time."""

    title: str
    description: str
    tags: list[str]
    source: str
    places: list[Place]
    language: str
    """ISO 639-1; empty where it isn't known yet."""
    created_at: str
    updated_at: str


@wire
class Document(QueuedDocument):
    """A document of the collection."""

    progress: Progress


@wire
class Changeover(TypedDict):
    """An embedding model that will take the place of the one that answers."""

    model: str
    done: int
    of: int
    unit: Literal["passages"]


@wire
class Embedder(TypedDict):
    """Whose vectors are searched."""

    model: str | None
    next: Changeover | None


@wire
class Documents(TypedDict):
    """All documents, by name."""

    documents: list[Document | QueuedDocument]
    embedder: Embedder


@wire
class Accepted(LoadingStatus):
    """A file or an address that will be loaded, or is there already."""

    id: str
    name: str
    unchanged: bool
    """The same bytes are loaded already."""
    events: str
    """The path on which its progress can be followed."""


@wire
class Refused(Error):
    """A file that was not taken."""

    name: str


@wire
class Upload(TypedDict):
    """What became of each file, in their order."""

    documents: list[Accepted | Refused]


@wire
class DocumentEvent(LoadingStatus):
    """How far a document is."""

    id: str
    pages: int | None
    pages_done: int
    passages: int
    passages_done: int
    unchanged: bool
    document: NotRequired[str]
    """The document that its bytes were already, where that is another one."""


@wire
class Kept(TypedDict):
    """It is on the disk."""

    status: Literal["kept"]


@wire
class Model(TypedDict):
    """A language model."""

    name: str
    kind: Kind
    available: bool
    reason: str
    """Why it is or isn't available: a sentence in the language of the request."""


@wire
class Models(TypedDict):
    """The language models, in the order in which they are tried."""

    answering: str | None
    """The one that answers; null where none can."""
    models: list[Model]


@wire
class Alive(TypedDict):
    """The process answers."""

    status: Literal["ok"]


@wire
class Ready(TypedDict):
    """Questions can be answered."""

    status: Literal["ready"]
    documents: int
    chunks: int
    model: str | None
    """The language model that answers; null where none can."""


@wire
class ChatMessage(TypedDict):
    """Some of the answer's text, as in Ollama's stream."""

    role: Literal["assistant"]
    content: str


@wire
class Span(TypedDict):
    """Some of the answer's text, by its characters."""

    start: int
    end: int


@wire
class Citation(Span):
    """A sentence of the answer, and the source that it cites."""

    n: int
    support: NotRequired[float]
    """0 to 1: how much of the sentence its sources say."""
    missing: NotRequired[list[str]]
    """Numbers and names of the sentence that its sources don't hold."""


@wire
class Named(TypedDict):
    """A line that tells the answer's name."""

    id: str
    """By which it can be read on, or stopped."""


@wire
class Queued(Named):
    """Others are answered first."""

    queued: int
    """The place in the line, from 1."""


@wire
class Understood(Named):
    """A question that leans on what was said before."""

    question: str
    """As it is answered."""


@wire
class Given(TypedDict):
    """What the answer may cite, and how much of its room that takes."""

    sources: list[Source]
    context: Context


@wire
class Sources(Named, Given):
    """What the answer may cite."""

    language: Language


@wire
class Ending(TypedDict):
    """How an answer ended."""

    done_reason: DoneReason
    citations: list[Citation]
    uncited: list[Span]
    """Statements that cite nothing."""
    total_duration: int
    """Nanoseconds."""
    prompt_eval_count: NotRequired[int]
    eval_count: NotRequired[int]


@wire
class Chat(TypedDict):
    """What the lines of Ollama's chat stream have."""

    model: str
    created_at: str
    message: ChatMessage


@wire
class ChatQueuedLine(Chat, Queued):
    """Others are answered first; again whenever the line moves."""

    done: Literal[False]


@wire
class ChatUnderstoodLine(Chat, Understood):
    """The question as it is answered, where it leaned on what was said before."""

    done: Literal[False]


@wire
class ChatSourcesLine(Chat, Sources):
    """The sources, before the text."""

    done: Literal[False]


@wire
class ChatTextLine(Chat):
    """Some of the answer's text."""

    done: Literal[False]


@wire
class ChatResetLine(Chat):
    """Another model answers from the beginning: the text so far is void."""

    done: Literal[False]
    reset: Literal[True]


@wire
class ChatDoneLine(Chat, Ending):
    """The last line of an answer."""

    done: Literal[True]


@wire
class ErrorLine(Error):
    """The last line where there is no answer."""


@wire
class QueuedLine(Queued):
    """Others are answered first; again whenever the line moves."""


@wire
class UnderstoodLine(Understood):
    """The question as it is answered, where it leaned on what was said before."""


@wire
class SourcesLine(Sources):
    """The sources, before the text."""

    model: str


@wire
class TextLine(TypedDict):
    """Some of the answer's text."""

    response: str


@wire
class ResetLine(TypedDict):
    """Another model answers from the beginning: the text so far is void."""

    model: str
    reset: Literal[True]


@wire
class DoneLine(Ending):
    """The last line of an answer."""

    model: str
    done: Literal[True]


ChatLine = (
    ChatQueuedLine
    | ChatUnderstoodLine
    | ChatSourcesLine
    | ChatTextLine
    | ChatResetLine
    | ChatDoneLine
    | ErrorLine
)
"""The lines of `POST /`."""

ResponseLine = QueuedLine | UnderstoodLine | SourcesLine | TextLine | ResetLine | DoneLine | ErrorLine
"""The lines of `POST /gemini`."""
