"""The stores keep the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from database.stores.atlas import AtlasStore
from database.stores.base import Store
from database.stores.lance import LanceStore
from tests.contracts.changeover_contract import ChangeoverContract
from tests.contracts.store_contract import StoreContract


class TestLanceStore(StoreContract, ChangeoverContract):
    folder: Path

    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[Store]:
        self.folder = tmp_path
        store = await LanceStore.open(tmp_path, embedder="words")
        yield store
        await store.close()

    def open_again(self, *, embedder: str = "words") -> AbstractAsyncContextManager[Store]:
        @asynccontextmanager
        async def opened() -> AsyncIterator[Store]:
            store = await LanceStore.open(self.folder, embedder=embedder)
            try:
                yield store
            finally:
                await store.close()

        return opened()


class TestAtlasStore(StoreContract, ChangeoverContract):
    uri: str
    database: str

    @pytest.fixture
    async def store(self, mongodb_uri: str, mongodb_database: str) -> AsyncIterator[Store]:
        self.uri, self.database = mongodb_uri, mongodb_database
        async with self.open_again() as store:
            yield store

    def open_again(self, *, embedder: str = "words") -> AbstractAsyncContextManager[Store]:
        @asynccontextmanager
        async def opened() -> AsyncIterator[Store]:
            store = AtlasStore.open(self.uri, self.database, embedder=embedder)
            try:
                yield store
            finally:
                await store.close()

        return opened()
