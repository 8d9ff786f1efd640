"""The API's document over HTTP, and the page that shows it."""

from __future__ import annotations

import json
import re

import pytest

from app.openapi.document import document
from app.routes import ROUTES
from tests.app.fakes import a_collection
from tests.app.talking import talking


async def test_the_document_is_served_as_it_is_made() -> None:
    """Of all routes of the application."""
    async with talking(a_collection()) as client, client.get("/openapi.json") as response:
        assert response.status == 200
        served = await response.json()
    assert served == json.loads(
        json.dumps(document((route.method, route.path, route.handler) for route in ROUTES))
    )


async def test_the_page_needs_no_outside_address() -> None:
    """Everything that it names is served here, and its policy lets nothing else in."""
    async with talking(a_collection()) as client:
        async with client.get("/docs") as response:
            page = await response.text()
            policy = response.headers["Content-Security-Policy"]
        assert "//" not in page
        for name in re.findall(r'(?:src|href)="(docs/[^"]+)"', page):
            async with client.get(f"/{name}") as response:
                assert response.status == 200
                assert response.headers["X-Content-Type-Options"] == "nosniff"
                assert len(await response.read()) > 50
    sources = {source for directive in policy.split("; ") for source in directive.split()[1:]}
    assert sources == {"'none'", "'self'", "'unsafe-inline'", "data:"}
    assert "script-src 'self';" in policy


@pytest.mark.parametrize("name", ["index.html", "..%2fREADME.md", "swagger-ui.js"])
async def test_nothing_else_is_served_beside_the_page(name: str) -> None:
    """Only what it names."""
    async with talking(a_collection()) as client, client.get(f"/docs/{name}") as response:
        assert (response.status, (await response.json())["code"]) == (404, "not_found")
