"""Life and readiness over HTTP."""

from __future__ import annotations

import pytest

from database.errors import StoreUnavailable
from tests.app.fakes import FakeStore, a_chunk, a_collection, a_match
from tests.app.talking import talking


async def test_lives_whatever_the_collection_does() -> None:
    """Restarting the server would not mend the collection."""
    broken = a_collection(
        store=FakeStore(failure=StoreUnavailable("unreadable")), failure=StoreUnavailable("unreadable")
    )
    async with talking(broken) as client, client.get("/healthz") as response:
        assert (response.status, await response.json()) == (200, {"status": "ok"})


async def test_is_ready_when_it_can_answer() -> None:
    """With how much it can answer from, and what answers."""
    found = a_collection([a_match(chunk=a_chunk("a")), a_match(chunk=a_chunk("b"))])
    async with talking(found) as client, client.get("/readyz") as response:
        assert response.status == 200
        assert await response.json() == {
            "status": "ready",
            "documents": 2,
            "chunks": 2,
            "model": "extractive",
        }


@pytest.mark.parametrize("order", ["ollama,gemini", "openai"])
async def test_is_ready_without_a_model(order: str) -> None:
    """Passages can be searched for, and a model that is away may come back."""
    async with (
        talking(a_collection([a_match()]), answer_with=order) as client,
        client.get("/readyz") as response,
    ):
        assert (response.status, (await response.json())["model"]) == (200, None)


async def test_is_not_ready_where_the_collection_cannot_be_read() -> None:
    """Load balancers look at the status."""
    broken = a_collection(store=FakeStore(failure=StoreUnavailable("unreadable", detail="secret")))
    async with talking(broken) as client, client.get("/readyz") as response:
        assert (response.status, (await response.json())["code"]) == (503, "store_unavailable")
