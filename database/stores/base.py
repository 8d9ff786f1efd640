"""What every store promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from database.records import Chunk, Count, Document, Hit, Scope

Vectors = NDArray[np.float32]

# What is being waited for: a key of the terminal's sentences, with its values.
Tell = Callable[[str, Mapping[str, object]], None]


def silent(_key: str, _values: Mapping[str, object]) -> None:
    """For those who have nobody to tell."""


class Store(Protocol):
    """Keeps documents, their chunks and their embeddings, and finds chunks again.

    Readers see a document's old version or its new one, never a mixture and never neither.
    One process writes at a time; any number may read meanwhile.
    """

    async def claim(self) -> None:
        """Become the one process that writes, until closed. Every write does so by itself; whoever prepares
        one for minutes, or touches what belongs to the documents, does it before.

        Raises StoreBusy where another process writes, EmbedderMismatch.
        """

    async def put(self, document: Document, chunks: Sequence[Chunk], embeddings: Vectors) -> None:
        """Make this version of the document the one that is found, in one step.

        `embeddings` is float32[len(chunks), dimensions]. The version before, if any, disappears in
        the same step. Raises StoreBusy where another process writes, EmbedderMismatch where the
        dimensions differ from the collection's.
        """

    async def record(self, document: Document) -> None:
        """Note a document's state (a failure, say) without touching chunks that are findable."""

    async def delete(self, document_id: str) -> bool:
        """Remove a document and its chunks. False where there was none."""

    async def clear(self) -> None:
        """Remove every document, and with them the tie to the model that embedded them."""

    async def search_vector(self, vector: Vectors, scope: Scope, limit: int) -> list[Hit]:
        """The nearest chunks, best first; score is the cosine similarity, -1..1."""

    async def search_text(self, text: str, language: str, scope: Scope, limit: int) -> list[Hit]:
        """The chunks that share words with `text`, best first; score is BM25.

        Accents and case don't matter; words are reduced to their stems by the rules of each
        chunk's own language. `language` is the question's.
        """

    async def chunks(self, document_id: str, positions: Sequence[int] | None = None) -> list[Chunk]:
        """Chunks of the current version in reading order; all, or those at `positions`."""

    async def embedded(self, document_id: str) -> tuple[list[Chunk], Vectors]:
        """All chunks of the current version in reading order, and their embeddings, float32[n, d]."""

    async def document(self, document_id: str) -> Document | None:
        """The document, whatever its status, or None."""

    async def documents(self, scope: Scope | None = None) -> list[Document]:
        """Documents by name, whatever their status; of every library where no scope is given."""

    async def count(self) -> Count:
        """How many documents are ready, and how many chunks they have."""

    async def ready(self) -> None:
        """Return where the store can answer; raise StoreUnavailable or EmbedderMismatch else."""

    async def settle(self) -> None:
        """Bring the indexes up to date after a batch of writes; searches are right without it."""

    async def close(self) -> None:
        """Let go of files and connections."""
