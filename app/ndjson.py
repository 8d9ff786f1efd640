"""Streams of lines of JSON: each is sent when it is written, and readers that take nothing are let go."""

from __future__ import annotations

import asyncio
import logging

from aiohttp import hdrs, web

# A reader that takes none of 64 KiB (aiohttp's buffer, some 400 tokens) for so long is gone.
WRITE_SECONDS = 30.0

HEADERS = {
    hdrs.CONTENT_TYPE: "application/x-ndjson; charset=utf-8",
    hdrs.CACHE_CONTROL: "no-store",
    "X-Accel-Buffering": "no",  # nginx would otherwise collect lines
    "X-Content-Type-Options": "nosniff",
}

logger = logging.getLogger(__name__)


async def write(request: web.Request, response: web.StreamResponse, line: bytes) -> None:
    """Raises TimeoutError where the reader takes nothing. Only what may have to wait is timed: a timer costs
    as much as a line.
    """
    transport = request.transport
    if transport and not transport.get_write_buffer_size():
        await response.write(line)
        return
    async with asyncio.timeout(WRITE_SECONDS):
        await response.write(line)


def let_go(request: web.Request) -> None:
    """Of a reader that takes nothing."""
    logger.info("a reader took nothing for %.0f s: let go", WRITE_SECONDS)
    if request.transport:
        request.transport.abort()
