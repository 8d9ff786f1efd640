"""What the tools read from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.defuse import defused, visible
from app.errors import UnknownDocument
from app.pictures import Pictures
from app.retrieve import Retriever
from database.files.base import Files
from database.records import Document, Scope
from database.stores.base import Store

# What whoever calls may see: the same as over HTTP, where nobody says who they are.
SCOPE = Scope()


@dataclass(frozen=True, kw_only=True, slots=True)
class Shelf:
    """An open collection, and what draws its pages."""

    store: Store
    files: Files
    retriever: Retriever
    pictures: Pictures

    async def document(self, id_: str) -> Document:
        """Raises UnknownDocument, also for one that may not be seen, and StoreError."""
        record = await self.store.document(id_)
        if record is None or record.library not in SCOPE.libraries:
            raise UnknownDocument
        return record


GetShelf = Callable[[], Awaitable[Shelf]]


def harmless(text: str) -> str:
    """Text of a document, without what people don't see and what passes for a special token."""
    return defused(visible(text)).strip()


def label(text: str) -> str:
    """The same, on one line: names and titles come from strangers, too."""
    return defused(" ".join(visible(text).split()))
