"""`remove`: take documents out of the collection."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from database.collection import open_storage
from database.load.turns import claim
from database.messages import Messages
from database.records import Document
from database.settings import Settings


async def run(settings: Settings, messages: Messages, wanted: Sequence[str], *, everything: bool) -> int:
    """0 where all were removed, 1 where one isn't there or its name is another's too."""
    if not wanted and not everything:
        print(messages("say_what_to_remove"), file=sys.stderr)
        return 1
    failed = False
    async with open_storage(settings) as storage:
        store = storage.store
        if everything:  # also where another model embedded it
            documents = await store.documents()
            await store.clear()
            for document in documents:
                print(messages("removed", name=document.name))
        else:
            await claim(store, lambda key, values: print(messages(key, **values), file=sys.stderr))
            documents = await store.documents()
            for name in wanted:
                named = [d for d in documents if name in _names(d)]
                if len(named) == 1:
                    await store.delete(named[0].id)
                    print(messages("removed", name=named[0].name))
                    continue
                failed = True
                if named:
                    ids = ", ".join(document.id for document in named)
                    print(messages("ambiguous", name=name, number=len(named), ids=ids), file=sys.stderr)
                else:
                    print(messages("no_such_document", name=name), file=sys.stderr)
        left = await store.documents()
        if len(left) < len(documents):  # then the store is claimed: nobody is loading files meanwhile
            kept = frozenset(document.sha256 for document in left)
            await storage.files.keep_only(kept)
    return 1 if failed else 0


def _names(document: Document) -> set[str]:
    """All that people may call it by."""
    places = document.places
    return {document.id, *(place.name for place in places), *(place.address for place in places)}
