"""Goes through a collection, document by document, and keeps numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from database.records import Document, Status
from database.report.figures import CollectionFigures, DocumentFigures, figures_of
from database.stores.base import Store

_STATUSES: tuple[Status, ...] = ("ready", "embedding", "converting", "queued", "failed")


@dataclass(frozen=True, kw_only=True, slots=True)
class Survey:
    """`documents` are in the order in which they need somebody, then by name."""

    documents: Sequence[DocumentFigures]
    collection: CollectionFigures

    @property
    def troubled(self) -> list[DocumentFigures]:
        return [one for one in self.documents if one.document.status == "failed" or one.troubles]

    @property
    def statuses(self) -> list[tuple[Status, int]]:
        """How many documents are in which state, the readiest first; without those that none is in."""
        found = Counter(one.document.status for one in self.documents)
        return [(status, found[status]) for status in _STATUSES if found[status]]


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
