"""The API's document, and a page in which it can be read and tried."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from aiohttp import hdrs, web
from swagger_ui_bundle import swagger_ui_path

from app.errors import NotFound
from app.openapi.document import Json, Route, document
from app.openapi.operation import bytes_reply, json_reply, operation
from app.parameters import FilePath

_ASSETS = Path(str(swagger_ui_path))
_FILES = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}
_START = "start.js"

# Addresses are relative, so that a proxy may put the server below a path of its own.
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Acervo: API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="reference"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""

# Without its validator, which would send the document to somebody else.
_START_SCRIPT = """\
SwaggerUIBundle({ url: "openapi.json", dom_id: "#reference", deepLinking: true, validatorUrl: null });
"""

# Swagger UI styles its elements one by one; nothing else is let in, and nothing leaves for another address.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    hdrs.CACHE_CONTROL: "no-cache",
}


@operation("Reference", replies=[json_reply(Json, "The document")])
async def openapi(request: web.Request) -> web.Response:
    """`GET /openapi.json`: this document, as OpenAPI 3.1."""
    routes = request.app.router.routes()
    described = tuple(
        (route.method, route.resource.canonical, route.handler)
        for route in routes
        if route.resource and route.method != hdrs.METH_HEAD
    )
    headers = {hdrs.CACHE_CONTROL: "no-cache"}
    return web.Response(body=_encoded(described), content_type="application/json", headers=headers)


@operation("Reference", replies=[bytes_reply("text/html", "A page")])
async def docs(_: web.Request) -> web.Response:
    """`GET /docs`: this document as a page in which every operation can be tried, without any outside
    address.
    """
    return web.Response(text=_PAGE, content_type="text/html", headers=_HEADERS)


@operation(
    "Reference",
    path=FilePath,
    replies=[bytes_reply("text/javascript", "A script"), bytes_reply("text/css", "A style sheet")],
    errors=[NotFound],
)
async def asset(request: web.Request) -> web.StreamResponse:
    """`GET /docs/{file}`: what that page consists of."""
    name = request.match_info["file"]
    if name == _START:
        return web.Response(text=_START_SCRIPT, content_type="text/javascript", headers=_HEADERS)
    if name not in _FILES:
        raise NotFound
    return web.FileResponse(_ASSETS / name, headers={**_HEADERS, hdrs.CONTENT_TYPE: _FILES[name]})


@lru_cache(maxsize=1)
def _encoded(routes: tuple[Route, ...]) -> bytes:
    return json.dumps(document(routes), ensure_ascii=False).encode()
