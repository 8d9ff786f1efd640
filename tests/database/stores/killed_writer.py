"""A loader that is killed: replaces every document by its next version, in a process of its own."""

from __future__ import annotations

import asyncio

from database.stores.atlas import AtlasStore
from tests.contracts.store_contract import put

DOCUMENTS = tuple("abcdef")
PARTS = 12


def passages(document_id: str, version: int) -> list[str]:
    return [f"prazo {document_id} versão {version} parte {part}" for part in range(PARTS)]


def write_next_versions(uri: str, database: str) -> None:
    async def write() -> None:
        store = AtlasStore.open(uri, database, embedder="words")
        for document_id in DOCUMENTS:
            before = await store.document(document_id)
            version = before.version + 1 if before else 1
            await put(store, document_id, *passages(document_id, version), version=version)
        await store.close()

    asyncio.run(write())
