"""Search over HTTP."""

from __future__ import annotations

from dataclasses import replace

import pytest

from database.errors import EmbedderUnavailable
from database.records import Scope
from tests.app.fakes import FakeRetriever, a_chunk, a_collection, a_document, a_match
from tests.app.talking import talking


async def test_gives_the_matches_with_their_places() -> None:
    """Everything that a client needs to show them."""
    document = a_document("doc", name="manual.pdf")
    async with (
        talking(a_collection([a_match(document, a_chunk(position=4), 0.83333)])) as client,
        client.post("/search", json={"query": "answer"}) as response,
    ):
        assert response.status == 200
        assert await response.json() == {
            "matches": [
                {
                    "document": {
                        "id": "doc",
                        "name": "manual.pdf",
                        "media_type": "application/pdf",
                        "pages": 20,
                    },
                    "page": 5,
                    "last_page": 5,
                    "section": ["Part"],
                    "boxes": [{"page": 5, "x0": 1.0, "y0": 2.0, "x1": 3.0, "y1": 4.0}],
                    "image": "/documents/doc/pages/5.png?chunk=doc%3A1%3A4",
                    "text": "The answer is 42.",
                    "markdown": "The answer is 42.",
                    "relevance": 0.8333,
                }
            ]
        }


async def test_a_document_without_pages_has_no_pictures() -> None:
    """Text and web pages are shown as text."""
    match = a_match(a_document(pages=None), a_chunk(page=None, last_page=None, boxes=()))
    async with (
        talking(a_collection([match])) as client,
        client.post("/search", json={"query": "answer"}) as response,
    ):
        [found] = (await response.json())["matches"]
    assert (found["page"], found["image"], found["boxes"]) == (None, None, [])


async def test_a_slide_has_a_number_and_no_picture() -> None:
    """Only pages of PDFs are drawn; the client shows the passage's text instead."""
    slides = replace(
        a_document(),
        media_type="application/vnd.openxmlformats-officedocument.presentationml.presentation",
    )
    async with (
        talking(a_collection([a_match(slides, a_chunk(page=2))])) as client,
        client.post("/search", json={"query": "answer"}) as response,
    ):
        [found] = (await response.json())["matches"]
    assert (found["page"], found["image"]) == (2, None)


async def test_asks_for_what_it_was_asked() -> None:
    """The query, the documents and the limit reach the search."""
    collection = a_collection([a_match()])
    async with talking(collection) as client:
        body = {"query": "answer", "limit": 50, "documents": ["doc"]}
        async with client.post("/search", json=body) as response:
            assert response.status == 200
    assert isinstance(collection.retriever, FakeRetriever)
    assert collection.retriever.asked[-1] == ("answer", Scope(documents=("doc",)), 50, None)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "prompt_missing"),
        ({"query": 1}, 400, "bad_request"),
        ({"query": "x" * 16_001}, 413, "prompt_too_long"),
        ({"query": "x", "limit": 51}, 400, "bad_request"),
        ({"query": "x", "documents": ["gone"]}, 404, "unknown_document"),
    ],
)
async def test_refuses_what_it_cannot_search_for(body: dict[str, object], status: int, code: str) -> None:
    """With the codes of every route."""
    async with talking(a_collection()) as client, client.post("/search", json=body) as response:
        assert (response.status, (await response.json())["code"]) == (status, code)


async def test_a_search_that_fails_is_unavailable() -> None:
    """And says which part of the collection it was, as far as a stranger may know."""
    broken = a_collection(failure=EmbedderUnavailable("ollama_away", model="bge-m3", detail="secret"))
    async with talking(broken) as client, client.post("/search", json={"query": "x"}) as response:
        body = await response.json()
        assert (response.status, body["code"]) == (503, "store_unavailable")
        assert "bge-m3" in body["error"]
        assert "secret" not in body["error"]
