"""Collections and models made of what a test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from app.context import Passage
from app.errors import ModelBroken
from app.messages import sentence
from app.models.base import WINDOW_TOKENS, Kind, Prompt, Status, Take, Usage
from app.settings import Settings
from database.collection import Collection
from database.embedders.base import Embedder, TokenCounts
from database.records import Box, Changeover, Chunk, Count, Document, Hit, Match, PageState, Scope, chunk_id
from database.retrieve import Retriever
from database.stores.base import Embedded, Store, Vectors

EVERYTHING = Scope()
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def a_document(id_: str = "doc", **changes: object) -> Document:
    document = Document(
        id=id_, name=f"{id_}.pdf", source=f"/{id_}.pdf", sha256="ab" * 32, media_type="application/pdf",
        pages=20, title="", language="en", library="default", owner="", status="ready", error=None,
        pipeline="p", version=1, created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    return replace(document, **changes)  # type: ignore[arg-type]


def a_chunk(
    document_id: str = "doc", position: int = 0, text: str = "The answer is 42.", **changes: object
) -> Chunk:
    page = position + 1
    chunk = Chunk(
        id=chunk_id(document_id, 1, position), document_id=document_id, version=1, position=position,
        page=page, last_page=page, section=("Part",), text=text, markdown=text, language="en",
        boxes=(Box(page=page, x0=1.0, y0=2.0, x1=3.0, y1=4.0),),
    )  # fmt: skip
    return replace(chunk, **changes)  # type: ignore[arg-type]


def a_match(document: Document | None = None, chunk: Chunk | None = None, relevance: float = 0.9) -> Match:
    document = document or a_document(chunk.document_id if chunk else "doc")
    return Match(
        document=document,
        chunk=chunk or a_chunk(document.id),
        relevance=relevance,
        on_topic=relevance,
        vector_rank=1,
        text_rank=1,
    )


def a_passage(
    n: int = 1, text: str = "The answer is 42.", relevance: float = 0.9, language: str = "en"
) -> Passage:
    chunk = a_chunk(f"doc{n}", text=text, language=language)
    return Passage(
        n=n,
        document=a_document(f"doc{n}"),
        best=chunk,
        chunks=(chunk,),
        text=text,
        markdown=text,
        relevance=relevance,
        on_topic=relevance,
    )


@dataclass
class FakeStore:
    """Holds documents and chunks in lists. `failure` is raised by every call that reads."""

    held: Sequence[Document] = ()
    pieces: Sequence[Chunk] = ()
    failure: Exception | None = None
    changing: Changeover | None = None
    warmed: bool = False

    async def document(self, document_id: str) -> Document | None:
        self._fail()
        return next((document for document in self.held if document.id == document_id), None)

    async def documents(self, scope: Scope | None = None) -> list[Document]:
        self._fail()
        return list(self.held)

    async def chunks(self, document_id: str, positions: Sequence[int] | None = None) -> list[Chunk]:
        self._fail()
        return [
            chunk
            for chunk in self.pieces
            if chunk.document_id == document_id and (positions is None or chunk.position in positions)
        ]

    async def embedded(self, document_id: str) -> tuple[list[Chunk], Vectors]:
        found = await self.chunks(document_id)
        return found, np.zeros((len(found), 4), np.float32)

    async def count(self) -> Count:
        self._fail()
        return Count(documents=len(self.held), chunks=len(self.pieces))

    async def ready(self) -> None:
        self._fail()

    async def claim(self) -> None:
        raise AssertionError("the server writes nothing")

    async def release(self) -> None:
        raise AssertionError("the server writes nothing")

    async def document_at(self, address: str, library: str) -> Document | None:
        self._fail()
        return next((document for document in self.held if document.source == address), None)

    async def document_of(self, sha256: str, library: str) -> Document | None:
        self._fail()
        return next((document for document in self.held if document.sha256 == sha256), None)

    async def answering(self) -> str | None:
        self._fail()
        return "words"

    async def changeover(self) -> Changeover | None:
        self._fail()
        return self.changing

    async def unfinished(self) -> list[Document]:
        self._fail()
        return [document for document in self.held if not document.finished]

    async def sample(self, limit: int) -> list[Chunk]:
        self._fail()
        return list(self.pieces[:limit])

    async def with_markdown(self, chunks: Sequence[Chunk]) -> list[Chunk]:
        self._fail()
        return list(chunks)

    async def pages(self, document_id: str) -> list[PageState]:
        self._fail()
        return []

    async def put(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        embeddings: Vectors | None = None,
        pages: Sequence[PageState] = (),
    ) -> None:
        raise NotImplementedError

    async def embed(
        self, document: Document, first: int, embeddings: Vectors, sentences: Sequence[bytes] = ()
    ) -> Document | None:
        raise NotImplementedError

    async def embed_together(self, parts: Sequence[Embedded]) -> list[Document | None]:
        raise NotImplementedError

    async def lay_out(
        self, document: Document, pages: Sequence[PageState], markdown: Mapping[int, str]
    ) -> Document | None:
        raise NotImplementedError

    async def record(self, document: Document) -> None:
        raise NotImplementedError

    async def delete(self, document_id: str) -> bool:
        raise NotImplementedError

    async def search_vector(self, vector: Vectors, scope: Scope, limit: int) -> list[Hit]:
        raise NotImplementedError

    async def search_text(self, text: str, language: str, scope: Scope, limit: int) -> list[Hit]:
        raise NotImplementedError

    async def state(self) -> object | None:
        return None

    async def warm(self) -> None:
        self._fail()
        self.warmed = True

    async def settle(self) -> None:
        raise NotImplementedError

    async def clear(self) -> None:
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError

    def _fail(self) -> None:
        if self.failure:
            raise self.failure


class FakeRetriever(Retriever):
    """Finds the same matches for every question, and notes what it was asked."""

    def __init__(
        self,
        *,
        store: Store,
        embedder: Embedder,
        matches: Sequence[Match] = (),
        failure: Exception | None = None,
    ) -> None:
        super().__init__(store=store, embedder=embedder)
        self.matches = matches
        self.failure = failure
        self.asked: list[tuple[str, Scope, int, str | None]] = []

    async def search(
        self, question: str, *, scope: Scope = EVERYTHING, limit: int = 10, language: str | None = None
    ) -> list[Match]:
        self.asked.append((question, scope, limit, language))
        if self.failure:
            raise self.failure
        return list(self.matches[:limit])


class FakeEmbedder:
    """Embeds nothing: the fake retriever needs no vectors."""

    name = "fake"
    dimensions = 1
    max_tokens = 1

    def warm(self) -> None:
        pass

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return np.zeros((len(texts), 1), dtype=np.float32)

    async def embed_query(self, text: str) -> Vectors:
        return np.zeros(1, dtype=np.float32)

    async def count_tokens(self, texts: Sequence[str]) -> TokenCounts | None:
        return None

    async def rest(self) -> None:
        pass


@dataclass
class FakeFiles:
    """Holds paths by SHA-256."""

    paths: dict[str, Path] = field(default_factory=dict)

    async def put(self, path: Path) -> str:
        raise NotImplementedError

    async def path(self, sha256: str) -> Path | None:
        return self.paths.get(sha256)

    async def keep_only(self, sha256s: frozenset[str]) -> int:
        raise NotImplementedError


@dataclass
class FakeModel:
    """Answers with `parts`; an exception among them is raised where it stands. One that stalls never says
    that it has ended.
    """

    name: str = "fake"
    parts: Sequence[str | Usage | Exception] = ("The answer is 42 [1].", Usage(reason="stop"))
    available: bool = True
    family: Kind = "ollama"
    window: int = WINDOW_TOKENS
    stalls: bool = False
    prompts: list[Prompt] = field(default_factory=list)
    closed: int = 0

    @property
    def kind(self) -> Kind:
        return self.family

    async def status(self) -> Status:
        reason = sentence("extractive_ready") if self.available else sentence("gemini_no_key")
        return Status(
            name=self.name, kind=self.family, available=self.available, reason=reason, window=self.window
        )

    async def write(self, prompt: Prompt, take: Take) -> Usage:
        self.prompts.append(prompt)
        try:
            for part in self.parts:
                if isinstance(part, Exception):
                    raise part
                if isinstance(part, str):
                    take(part)
                    continue
                if self.stalls:
                    await asyncio.Event().wait()
                return part
            raise ModelBroken(self.name, "the parts have no end")
        finally:
            self.closed += 1


def a_collection(
    matches: Sequence[Match] = (),
    *,
    store: FakeStore | None = None,
    files: FakeFiles | None = None,
    failure: Exception | None = None,
) -> Collection:
    """A collection that finds these matches; its store holds their documents and chunks."""
    documents = {match.document.id: match.document for match in matches}
    store = store or FakeStore(tuple(documents.values()), tuple(match.chunk for match in matches))
    embedder = FakeEmbedder()
    retriever = FakeRetriever(store=store, embedder=embedder, matches=matches, failure=failure)
    return Collection(store=store, files=files or FakeFiles(), retriever=retriever)


def opening(collection: Collection) -> Callable[[Settings], AbstractAsyncContextManager[Collection]]:
    """What `create_app` takes to open a collection."""

    @asynccontextmanager
    async def open_collection(_: Settings) -> AsyncIterator[Collection]:
        yield collection

    return open_collection
