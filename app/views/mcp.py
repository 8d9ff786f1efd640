"""The collection for other programs' language models."""

from __future__ import annotations

from aiohttp import web

from app.keys import MCP
from app.openapi.operation import elsewhere


@elsewhere("Model Context Protocol", "https://modelcontextprotocol.io/specification")
async def mcp(request: web.Request) -> web.Response:
    """`POST /mcp`: a message of the Model Context Protocol, over its streamable HTTP."""
    return await request.app[MCP].answer(request)
