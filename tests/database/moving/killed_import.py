"""An import that is killed, in a process of its own."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from database.collection import open_storage
from database.stores.lance import LanceStore
from tests.database.moving.carrying import bring_in, settings


def bring_in_and_die(folder: Path, file: Path, *, at: int) -> None:
    """When so many documents have been put, or, where `at` is negative, begun."""

    async def run() -> None:
        begun = finished = 0
        put = LanceStore.put

        async def dying(self: LanceStore, *arguments: object, **named: object) -> None:
            nonlocal begun, finished
            begun += 1
            if begun == -at:
                os._exit(9)
            await put(self, *arguments, **named)  # type: ignore[arg-type]
            finished += 1
            if finished == at:
                os._exit(9)

        LanceStore.put = dying  # type: ignore[method-assign]  # this process dies here: nothing to restore
        async with open_storage(settings(folder)) as storage:
            await bring_in(storage, file)

    asyncio.run(run())
