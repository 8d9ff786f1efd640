"""What every request passes."""

from __future__ import annotations

import logging
from io import BytesIO

import pytest
from aiohttp import ClientConnectionResetError, web
from aiohttp.test_utils import make_mocked_request

from app.middlewares import errors_as_json
from tests.app.fakes import a_collection, a_match
from tests.app.talking import lines_of, talking

FOUND = a_collection([a_match()])
PAGE = "http://localhost:4200"


@pytest.mark.parametrize("path", ["/", "/gemini", "/search", "/api/chat", "/v1/chat/completions"])
async def test_answers_a_preflight_of_an_allowed_page(path: str) -> None:
    """Browsers ask before they send JSON to another origin."""
    headers = {
        "Origin": PAGE,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    async with talking(FOUND) as client, client.options(path, headers=headers) as response:
        assert response.status == 204
        assert response.headers["Access-Control-Allow-Origin"] == PAGE
        assert "POST" in response.headers["Access-Control-Allow-Methods"]
        assert "content-type" in response.headers["Access-Control-Allow-Headers"].lower()
        assert "Access-Control-Allow-Credentials" not in response.headers


async def test_an_allowed_page_may_send_the_headers_of_its_library() -> None:
    """OpenAI's sends a key and what it runs on."""
    headers = {
        "Origin": PAGE,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-stainless-os",
    }
    async with talking(FOUND) as client, client.options("/v1/chat/completions", headers=headers) as response:
        allowed = response.headers["Access-Control-Allow-Headers"].split(",")
    assert {"authorization", "x-stainless-os"} <= set(allowed)


async def test_an_allowed_page_may_talk_mcp() -> None:
    """Its preflight lets the protocol's headers pass, and it reads the name that the server gives it."""
    asked = ("content-type", "mcp-protocol-version", "mcp-session-id", "last-event-id")
    headers = {"Origin": PAGE, "Access-Control-Request-Method": "POST"}
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "p", "version": "1"}}
    body = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": hello}
    accept = {"Origin": PAGE, "Accept": "application/json, text/event-stream"}
    async with talking(FOUND) as client:
        for more in ({"Access-Control-Request-Headers": ",".join(asked)}, {}):
            async with client.options("/mcp", headers={**headers, **more}) as response:
                allowed = response.headers["Access-Control-Allow-Headers"].lower()
            assert all(name in allowed for name in asked)
        async with client.post("/mcp", json=body, headers=accept) as response:
            assert response.headers["Mcp-Session-Id"]
            assert "Mcp-Session-Id" in response.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("path", ["/api/chat", "/api/embed", "/v1/chat/completions", "/v1/embeddings"])
async def test_routes_of_other_protocols_are_guarded_as_all_are(path: str) -> None:
    """Strangers' pages, strangers' names and bodies without end are refused."""
    async with talking(FOUND) as client:
        for headers, status in (({"Origin": "http://evil.example"}, 403), ({"Host": "evil.example"}, 400)):
            async with client.post(path, json={}, headers=headers) as response:
                assert response.status == status
        async with client.post(path, data=BytesIO(b"x" * (2**20 + 1))) as response:
            assert response.status == 413


async def test_a_strangers_page_is_allowed_nothing() -> None:
    """Its browser keeps the response from it, and no preflight passes."""
    headers = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    async with talking(FOUND) as client:
        async with client.options("/", headers=headers) as response:
            assert not [name for name in response.headers if name.startswith("Access-Control")]
        async with client.get("/documents", headers={"Origin": "http://evil.example"}) as response:
            assert not [name for name in response.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize(("method", "path"), [("GET", "/models"), ("GET", "/nothing"), ("POST", "/")])
async def test_an_allowed_page_may_read_every_response(method: str, path: str) -> None:
    """Errors and streams, too."""
    async with (
        talking(FOUND) as client,
        client.request(method, path, json={"prompt": "What?"}, headers={"Origin": PAGE}) as response,
    ):
        await response.read()
        assert response.headers["Access-Control-Allow-Origin"] == PAGE
        assert "Origin" in response.headers["Vary"]


async def test_other_origins_can_be_allowed() -> None:
    """As the settings name them, in any case."""
    async with talking(FOUND, allowed_origins="http://A.example:1, http://b.example") as client:
        for origin in ("http://a.example:1", "http://b.example"):
            async with client.get("/healthz", headers={"Origin": origin}) as response:
                assert response.headers["Access-Control-Allow-Origin"] == origin


async def test_a_page_that_may_call_may_delete() -> None:
    """Browsers ask before that, too."""
    headers = {"Origin": PAGE, "Access-Control-Request-Method": "DELETE"}
    async with talking(FOUND) as client, client.options("/documents/a", headers=headers) as response:
        assert "DELETE" in response.headers["Access-Control-Allow-Methods"]


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({}, False),
        ({"Origin": PAGE, "Sec-Fetch-Site": "cross-site"}, False),
        ({"Origin": "http://acervo.localhost:8000", "Host": "acervo.localhost:8000"}, False),
        ({"Sec-Fetch-Site": "same-origin"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Origin": "http://evil.example"}, True),
        ({"Origin": "null"}, True),
        ({"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}, True),
        ({"Origin": "http://localhost:3000", "Sec-Fetch-Site": "same-site"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, True),
    ],
)
async def test_a_strangers_page_changes_nothing(headers: dict[str, str], refused: bool) -> None:
    """Forms, files and plain text are sent by browsers without asking first."""
    async with talking(FOUND) as client:
        for method, path in (("POST", "/search"), ("POST", "/documents"), ("DELETE", "/documents/none")):
            async with client.request(method, path, data=b"{}", headers=headers) as response:
                code = (await response.json())["code"]
                assert (response.status == 403, code == "origin_refused") == (refused, refused)
        async with client.get("/healthz", headers=headers) as response:
            assert response.status == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8000", 200),
        ("acervo.localhost", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("192.168.1.7", 200),
        ("server", 200),
        ("acervo.example:8000", 200),
        ("evil.example", 400),
        ("127.0.0.1.evil.example:8000", 400),
    ],
)
async def test_answers_to_its_own_names_only(host: str, status: int) -> None:
    """A stranger's name bound to this address (DNS rebinding) would let their page read everything."""
    async with (
        talking(FOUND, allowed_origins="https://acervo.example") as client,
        client.get("/healthz", headers={"Host": host}) as response,
    ):
        assert response.status == status
        if status == 400:
            assert (await response.json())["code"] == "bad_request"


async def test_an_unknown_address_is_told_in_the_readers_language() -> None:
    """As JSON, like every error."""
    async with (
        talking(FOUND) as client,
        client.get("/nothing", headers={"Accept-Language": "es-MX,es;q=0.9"}) as response,
    ):
        assert response.status == 404
        assert await response.json() == {"error": "No hay nada en esta dirección.", "code": "not_found"}


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("/api/tags/", "/api/tags"),
        ("/api/chat/?x=1", "/api/chat?x=1"),
        ("/v1/models/", "/v1/models"),
        ("/v1/chat/completions/", "/v1/chat/completions"),
        ("/api/nothing/", None),
        ("/api//evil.example/", None),
        ("/documents/", None),
    ],
)
async def test_a_slash_at_the_end_is_forgiven_in_other_protocols(path: str, there: str | None) -> None:
    """With the method and the body as they are: status 308."""
    method = "POST" if "chat" in path else "GET"
    async with talking(FOUND) as client, client.request(method, path, allow_redirects=False) as response:
        assert (response.status, response.headers.get("Location")) == ((308, there) if there else (404, None))


async def test_a_wrong_method_is_told_the_right_ones() -> None:
    """In the sentence and in the header that RFC 9110 asks for."""
    async with talking(FOUND) as client, client.delete("/documents") as response:
        assert response.status == 405
        told = await response.json()
        assert told["code"] == "method_not_allowed"
        assert "GET" in response.headers["Allow"]
        assert "GET" in told["error"]


async def test_responses_do_not_say_what_runs_here() -> None:
    """Versions help whoever looks for holes."""
    async with talking(FOUND) as client, client.get("/healthz") as response:
        assert "aiohttp" not in response.headers["Server"]


async def test_logs_one_line_a_request_and_never_the_question(caplog: pytest.LogCaptureFixture) -> None:
    """Method, path, status and duration."""
    caplog.set_level(logging.DEBUG, logger="app")
    async with talking(FOUND) as client:
        async with client.post("/", json={"prompt": "A very private question?"}) as response:
            await lines_of(response)
        async with client.get("/nothing%0Aforged?q=private") as response:
            await response.read()
    lines = [record.getMessage() for record in caplog.records if record.name == "app.access"]
    assert [line.split()[:3] for line in lines] == [["POST", "/", "200"], ["GET", "/nothing%0Aforged", "404"]]
    assert all(line.endswith(" ms") for line in lines)
    assert "private" not in caplog.text


async def test_a_client_that_left_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    """What is written to it after that fails, and says nothing about the server."""

    async def handler(_: web.Request) -> web.StreamResponse:
        raise ClientConnectionResetError("Cannot write to closing transport")

    response = await errors_as_json(make_mocked_request("POST", "/"), handler)
    assert response.status == 499
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
