"""The same bytes in many places are one document: places come, go and move.

A document is called what its first place calls it, and is found by that name: where the first place changes,
its passages are put anew under the new name. They are embedded anew where that name stands before them.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from database.load import sources
from database.load.assemble import renewed, text_to_embed, with_place, without_place
from database.load.sources import Source
from database.records import Document, Place
from database.stores.base import Store


@dataclass(frozen=True, slots=True)
class Places:
    """The places of one store's documents. `renewed` is told of those that may wait to be embedded anew."""

    store: Store
    renewed: Callable[[Document], None] = lambda _: None

    async def join(self, document: Document, source: Source, before: Document | None) -> Document:
        """The document has this place, too; `before` is what the place had until now.

        Places whose file is gone are left: the file was moved.
        """
        if before is not None:
            await self.leave(before, source.address)
        after = with_place(document, Place(address=source.address, name=source.name))
        for place in document.places:
            if await asyncio.to_thread(sources.is_gone, place.address):
                after = without_place(after, place.address) or after
        return await self._note(document, after)

    async def leave(self, document: Document, address: str) -> Document | None:
        """The document without the place; None where it had no other and is deleted."""
        after = without_place(document, address)
        if after is None:
            await self.store.delete(document.id)
            return None
        return await self._note(document, after)

    async def with_free_id(self, document: Document) -> Document:
        """A place that came to a document after another one can have given it its id."""
        if await self.store.document(document.id) is None:
            return document
        own = hashlib.sha256(f"{document.id}\n{document.sha256}".encode()).hexdigest()[:24]
        return replace(document, id=own)

    async def renew(self, before: Document, after: Document) -> Document:
        """Put the same passages under what the document is called now; what is embedded otherwise waits
        again. While the collection changes over, all of it does: the vectors that answer are not those that
        are made.
        """
        chunks, vectors = await self.store.embedded(before.id)
        pages = await self.store.pages(before.id)
        after, chunks = renewed(before, after, chunks)
        same = [text_to_embed(before, one) for one in chunks[:1]] == [
            text_to_embed(after, one) for one in chunks[:1]
        ]
        there = len(vectors) == len(chunks) and before.renewed is None
        kept = vectors if same and there else None
        await self.store.put(after, chunks, kept, pages)
        put = await self.store.document(after.id) or after
        self.renewed(put)
        return put

    async def _note(self, before: Document, after: Document) -> Document:
        if after.name != before.name and before.version:
            return await self.renew(before, after)
        await self.store.record(after)
        return after
