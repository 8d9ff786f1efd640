"""Goes through a collection, document by document, and keeps numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from database.records import Document
from database.report.figures import CollectionFigures, DocumentFigures, figures_of
from database.stores.base import Store


@dataclass(frozen=True, kw_only=True, slots=True)
class Survey:
    """`documents` are in the order in which they need somebody, then by name."""

    documents: Sequence[DocumentFigures]
    collection: CollectionFigures

    @property
    def troubled(self) -> list[DocumentFigures]:
        return [one for one in self.documents if one.document.status == "failed" or one.troubles]


async def survey(store: Store, documents: Sequence[Document]) -> Survey:
    """Of each document's pages no more than their sums stay in memory. Raises StoreUnavailable."""
    collection = CollectionFigures()
    found: list[DocumentFigures] = []
    for document in documents:
        states = await store.pages(document.id)
        figures = figures_of(document, states)
        collection.add(figures, states)
        found.append(figures)
    return Survey(documents=sorted(found, key=lambda one: one.rank), collection=collection)
