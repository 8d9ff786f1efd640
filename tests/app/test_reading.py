"""What is read for a question, and for how long it is remembered."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from app.errors import CollectionUnavailable
from app.reading import Question, Reader
from database.errors import StoreUnavailable
from database.records import Chunk, Match
from tests.app.fakes import FakeEmbedder, FakeRetriever, FakeStore, a_chunk, a_match

ASKED = Question(text="What?", written_in="en", language="en", documents=None, limit=5)
HALF = a_chunk("doc", 0, text="The answer is")
REST = a_chunk("doc", 1, text="42, as everybody knows.", page=1, last_page=1)
ROOM = 1_000


@dataclass
class CountingStore(FakeStore):
    """Knows how often it was asked for neighbours."""

    pieces: Sequence[Chunk] = (HALF, REST)
    asked: int = field(default=0)

    async def chunks(self, document_id: str, positions: Sequence[int] | None = None) -> list[Chunk]:
        self.asked += 1
        await asyncio.sleep(0)
        return await super().chunks(document_id, positions)


def reading(store: FakeStore, *found: Match) -> tuple[Reader, list[Match]]:
    """A reader, and what its retriever finds."""
    matches = list(found) or [a_match(chunk=HALF)]
    return Reader(store, FakeRetriever(store=store, embedder=FakeEmbedder(), matches=matches)), matches


async def test_what_was_found_again_is_read_once() -> None:
    """By whoever asks at the same time, too."""
    store = CountingStore()
    reader, _ = reading(store)
    first, *others = await asyncio.gather(*(reader.read(ASKED, ROOM) for _ in range(10)))
    again = await reader.read(replace(ASKED, language="pt"), ROOM)
    assert [passage.text for passage in first.passages] == ["The answer is\n\n42, as everybody knows."]
    assert all(other is first for other in [*others, again])
    assert store.asked == 1


async def test_what_is_found_anew_is_read_anew() -> None:
    """Even where it says the same: what stands beside it may have changed."""
    store = CountingStore()
    reader, matches = reading(store)
    await reader.read(ASKED, ROOM)
    matches[:] = [a_match(chunk=HALF)]
    store.pieces = (HALF, replace(REST, text="43, as everybody knows now."))
    read = await reader.read(ASKED, ROOM)
    assert [passage.text for passage in read.passages] == ["The answer is\n\n43, as everybody knows now."]


async def test_less_room_is_another_reading() -> None:
    """Another model may have a smaller window."""
    reader, _ = reading(CountingStore())
    assert len((await reader.read(ASKED, ROOM)).passages) == 1
    assert len((await reader.read(ASKED, 1)).dropped) == 1
    assert len((await reader.read(ASKED, ROOM)).passages) == 1


async def test_a_failure_is_not_remembered() -> None:
    """The store comes back."""
    store = CountingStore(failure=StoreUnavailable("unreadable"))
    reader, _ = reading(store)
    for read in (reader.read(ASKED, ROOM), reader.is_empty()):
        with pytest.raises(CollectionUnavailable):
            await read
    store.failure = None
    assert (await reader.read(ASKED, ROOM)).passages
    assert await reader.is_empty()
