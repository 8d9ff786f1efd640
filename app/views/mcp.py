"""The collection for other programs' language models."""

from __future__ import annotations

from aiohttp import web

from app.keys import MCP
from app.mcp.messages import McpError, McpReply, McpRequest
from app.openapi.operation import MODEL_CONTEXT, empty_reply, json_reply, operation


@operation(
    "Assistants",
    body=McpRequest,
    replies=[
        json_reply(McpReply, "What the request asked for, or the protocol's own error"),
        empty_reply("A notification was taken, or the request was cancelled by another one", status=202),
        json_reply(McpError, "No message, or none of this version of the protocol", status=400),
        json_reply(McpError, "The client doesn't take JSON", status=406),
    ],
    elsewhere=MODEL_CONTEXT,
)
async def mcp(request: web.Request) -> web.Response:
    """`POST /mcp`: a message of the Model Context Protocol, over its streamable HTTP."""
    return await request.app[MCP].answer(request)
