"""Finds passages for a question, and checks what the question may see."""

from __future__ import annotations

import asyncio
from typing import Protocol

from app.errors import CollectionUnavailable, UnknownDocument
from database.errors import DatabaseError
from database.records import Match, Scope
from database.stores.base import Store


class Retriever(Protocol):
    """Searches the collection. `database.retrieve` has the one that does."""

    async def search(
        self, question: str, *, scope: Scope = ..., limit: int = ..., language: str | None = ...
    ) -> list[Match]:
        """The passages for a question, best first. Raises DatabaseError."""


async def retrieve(
    store: Store,
    retriever: Retriever,
    question: str,
    *,
    documents: tuple[str, ...] | None,
    limit: int,
    language: str | None = None,
) -> list[Match]:
    """The passages for a question, best first; of `documents` (ids) only, where given.

    Raises UnknownDocument, CollectionUnavailable.
    """
    try:
        if documents:
            known = await asyncio.gather(*(store.document(id_) for id_ in documents))
            if None in known:
                raise UnknownDocument
        return await retriever.search(
            question, scope=Scope(documents=documents), limit=limit, language=language
        )
    except DatabaseError as error:
        raise CollectionUnavailable from error
