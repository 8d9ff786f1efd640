"""Turns to write, and work that nobody waits for."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from database.errors import StoreBusy
from database.files.local import LocalFiles
from database.load import turns
from database.load.pipeline import Loader
from database.load.progress import Progress
from database.messages import Messages
from database.stores.lance import LanceStore
from database.workers import Workers
from tests.database.fakes import WordsEmbedder, chunks, document, embeddings, page_state


@contextlib.asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[LanceStore]:
    store = await LanceStore.open(folder, embedder="words")
    try:
        yield store
    finally:
        await store.close()


def loader(store: LanceStore, folder: Path, workers: Workers) -> Loader:
    messages = Messages("en")
    return Loader(
        store=store,
        files=LocalFiles(folder / "files"),
        embedder=WordsEmbedder(),
        workers=workers,
        progress=Progress(messages, io.StringIO()),
        messages=messages,
    )


async def test_another_ones_turn_is_waited_for_and_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever lets go in time is followed; whoever doesn't is named."""
    told: list[str] = []

    def tell(key: str, _: Mapping[str, object]) -> None:
        told.append(key)

    async with opened(tmp_path) as first, opened(tmp_path) as second:
        await first.claim()
        waiting = asyncio.create_task(turns.claim(second, tell))
        await asyncio.sleep(0.5)
        assert not waiting.done()
        await first.release()
        await waiting
        assert told == ["waiting_for_writer"]
        monkeypatch.setattr(turns, "_PATIENCE_SECONDS", 0.3)
        with pytest.raises(StoreBusy):
            await turns.claim(first, tell)


async def test_others_write_between_two_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And in the end everything is embedded and laid out."""
    monkeypatch.setattr(turns, "TURN_SECONDS", 0.0)
    monkeypatch.setattr(turns, "BETWEEN_TURNS", 0.6)
    async with opened(tmp_path) as store, opened(tmp_path) as other, Workers(1) as workers:
        of = document("a")
        await store.put(of, chunks(of, *(f"prazo {n}" for n in range(200))))
        finishing = asyncio.create_task(turns.finish(loader(store, tmp_path, workers), lambda *_: None))
        await asyncio.sleep(0.3)
        await turns.claim(other, lambda *_: None)
        await other.release()
        assert not finishing.done(), "the other one wrote in between"
        monkeypatch.setattr(turns, "TURN_SECONDS", 10.0)
        await finishing
        after = await store.document("a")
        assert after is not None
        assert (after.status, after.finished) == ("ready", True)


async def test_what_can_not_be_finished_is_not_tried_forever(tmp_path: Path) -> None:
    """A document of which a page is missing, say, from an import of another version."""
    async with opened(tmp_path) as store, Workers(1) as workers:
        of = replace(document("a"), media_type="application/x-unknown")
        parts = chunks(of, "prazo")
        await store.put(of, parts, embeddings(parts), [page_state(1, laid_out=True)])
        assert len(await store.unfinished()) == 1
        async with asyncio.timeout(10):
            await turns.finish(loader(store, tmp_path, workers), lambda *_: None)
