"""Finds passages for a question, and checks what the question may see."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from app.descriptions import Filter
from app.errors import CollectionUnavailable, UnknownDocument
from database.embedders.base import Embedder
from database.errors import DatabaseError, EmbedderUnavailable
from database.records import Chunk, Match, Scope
from database.stores.base import Store


class Retriever(Protocol):
    """Searches the collection. `database.retrieve` has the one that does."""

    async def search(
        self, question: str, *, scope: Scope = ..., limit: int = ..., language: str | None = ...
    ) -> list[Match]:
        """The passages for a question, best first. Raises DatabaseError."""

    async def embedder(self) -> Embedder:
        """The one that questions are embedded with now. Raises DatabaseError."""

    async def alike(self, texts: Sequence[str], passages: Sequence[Sequence[Chunk]]) -> list[float]:
        """How alike each text is to what the chunks beside it say, 0..1. Raises DatabaseError."""


async def retrieve(
    store: Store,
    retriever: Retriever,
    question: str,
    *,
    documents: tuple[str, ...] | None,
    limit: int,
    chosen: Filter | None = None,
    language: str | None = None,
) -> list[Match]:
    """The passages for a question, best first; of `documents` (ids) only, where given, and of those that the
    filter lets through.

    Raises UnknownDocument, CollectionUnavailable.
    """
    try:
        if documents:
            known = await asyncio.gather(*(store.document(id_) for id_ in documents))
            if None in known:
                raise UnknownDocument
        if chosen:
            held = await store.documents(Scope(documents=documents or None))
            documents = tuple(document.id for document in held if chosen.lets_through(document))
            if not documents:
                return []
        return await retriever.search(
            question, scope=Scope(documents=documents), limit=limit, language=language
        )
    except EmbedderUnavailable as error:
        raise CollectionUnavailable(error) from error
    except DatabaseError as error:
        raise CollectionUnavailable from error
