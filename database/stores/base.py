"""What every store promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from database.records import Changeover, Chunk, Count, Document, Hit, PageState, Scope

Vectors = NDArray[np.float32]

# What is being waited for: a key of the terminal's sentences, with its values.
Tell = Callable[[str, Mapping[str, object]], None]


def silent(_key: str, _values: Mapping[str, object]) -> None:
    """For those who have nobody to tell."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Embedded:
    """Chunks of one document, from position `first` on: their embeddings, float32[n, dimensions], and the
    packed vectors of their statements (see Chunk), if any.
    """

    document: Document
    first: int
    embeddings: Vectors
    sentences: Sequence[bytes] = ()


class Store(Protocol):
    """Keeps documents, their chunks and their embeddings, and finds chunks again.

    Readers see a document's old version or its new one, never a mixture and never neither.
    One process writes at a time; any number may read meanwhile.

    A store is opened with the embedder that makes its vectors from now on. Where the collection was embedded
    by another one, that one answers until every passage has a new vector; then one step exchanges them.
    Whoever writes begins this change-over and brings it on by embedding what is unfinished; another embedder
    gives up what is only half made.
    """

    async def claim(self) -> None:
        """Become the one process that writes, until released or closed. Every write does so by itself;
        whoever prepares one for minutes, or touches what belongs to the documents, does it before.

        Raises StoreBusy where another process writes.
        """

    async def release(self) -> None:
        """Let others write, until the next write. Nothing of this process's may be half-written."""

    async def put(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        embeddings: Vectors | None = None,
        pages: Sequence[PageState] = (),
    ) -> None:
        """Make this version of the document the one that is found, in one step.

        `embeddings` is float32[len(chunks), dimensions]; without them the chunks are found by full text alone
        until they are embedded. The version before, if any, disappears in the same step. How much is
        embedded and laid out is counted here. While the collection changes over, the vectors are the coming
        ones, and find the chunks after it. Raises StoreBusy where another process writes, EmbedderMismatch
        where the dimensions differ from the collection's.
        """

    async def embed(
        self, document: Document, first: int, embeddings: Vectors, sentences: Sequence[bytes] = ()
    ) -> Document | None:
        """Give the chunks from position `first` on their embeddings, float32[n, dimensions], and the packed
        vectors of their statements (see Chunk), if any.

        The document as it is then, `ready` when the last chunk is embedded; None where this version of
        it isn't the findable one any more. Giving them twice is giving them once. Raises as `put`.
        """

    async def embed_together(self, parts: Sequence[Embedded]) -> list[Document | None]:
        """As `embed`, for several documents, none of them twice: many small ones cost less in one write."""

    async def lay_out(
        self, document: Document, pages: Sequence[PageState], markdown: Mapping[int, str]
    ) -> Document | None:
        """Replace these pages' states, and the Markdown of chunks by position, in one step.

        The document as it is then; None where this version of it isn't the findable one any more.
        """

    async def record(self, document: Document) -> None:
        """Note a document's state (a failure, a place, a description) without touching its version, its
        chunks, and what is counted of them.
        """

    async def delete(self, document_id: str) -> bool:
        """Remove a document and its chunks. False where there was none."""

    async def answering(self) -> str | None:
        """The embedder whose vectors are searched; None until something is embedded. Cheap."""

    async def changeover(self) -> Changeover | None:
        """How far the change-over to this store's embedder is, begun or not; None where it is the one that
        answers.
        """

    async def clear(self) -> None:
        """Remove every document, and with them the tie to the model that embedded them."""

    async def search_vector(self, vector: Vectors, scope: Scope, limit: int) -> list[Hit]:
        """The nearest chunks, best first, without their Markdown; score is the cosine similarity, -1..1."""

    async def search_text(self, text: str, language: str, scope: Scope, limit: int) -> list[Hit]:
        """The chunks that share words with `text`, best first, without their Markdown; score is BM25.

        Accents and case don't matter; words are reduced to their stems by the rules of each
        chunk's own language. `language` is the question's.
        """

    async def sample(self, limit: int) -> list[Chunk]:
        """Some chunks from all over the collection, all where there are no more, without their Markdown."""

    async def with_markdown(self, chunks: Sequence[Chunk]) -> list[Chunk]:
        """The same chunks with their Markdown; "" where it isn't made yet, or their version is replaced."""

    async def pages(self, document_id: str) -> list[PageState]:
        """The pages of the current version, in order."""

    async def chunks(self, document_id: str, positions: Sequence[int] | None = None) -> list[Chunk]:
        """Chunks of the current version in reading order; all, or those at `positions`."""

    async def embedded(self, document_id: str) -> tuple[list[Chunk], Vectors]:
        """All chunks of the current version in reading order, and the embeddings of the first of them,
        float32[n, d]: of all, when it is ready. They are of the embedder that answers.
        """

    async def document(self, document_id: str) -> Document | None:
        """The document, whatever its status, or None."""

    async def document_at(self, address: str, library: str) -> Document | None:
        """The document that has this place, whatever its status, or None."""

    async def document_of(self, sha256: str, library: str) -> Document | None:
        """The document of these bytes, or None. Failures are documents, too."""

    async def unfinished(self) -> list[Document]:
        """Documents of which something is still to be embedded, by this store's embedder, or laid out; the
        oldest first.
        """

    async def documents(self, scope: Scope | None = None) -> list[Document]:
        """Documents by name, whatever their status; of every library where no scope is given."""

    async def count(self) -> Count:
        """How many documents are ready, and how many chunks they have."""

    async def ready(self) -> None:
        """Return where the store can answer; raise StoreUnavailable else."""

    async def state(self) -> object | None:
        """Something that equals what it was before as long as a search finds what it found before; None
        where that can't be known sooner than searching.
        """

    async def warm(self) -> None:
        """Read beforehand what questions will need, where that is worth it; questions may come meanwhile."""

    async def settle(self) -> None:
        """Bring the indexes up to date after a batch of writes; searches are right without it."""

    async def close(self) -> None:
        """Let go of files and connections."""
