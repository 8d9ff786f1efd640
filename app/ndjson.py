"""Streams of lines of JSON: each is sent when it is written, and readers that take nothing are let go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from aiohttp import hdrs, web

# A reader that takes none of 64 KiB (aiohttp's buffer, some 400 tokens) for so long is gone.
WRITE_SECONDS = 30.0
_AHEAD = 2**14  # bytes that wait for a reader before it is waited for

HEADERS = {
    hdrs.CONTENT_TYPE: "application/x-ndjson; charset=utf-8",
    hdrs.CACHE_CONTROL: "no-store",
    "X-Accel-Buffering": "no",  # nginx would otherwise collect lines
    "X-Content-Type-Options": "nosniff",
}

logger = logging.getLogger(__name__)


async def write(request: web.Request, response: web.StreamResponse, lines: bytes) -> None:
    """Raises TimeoutError where the reader takes nothing. Only what may have to wait is timed: a timer costs
    as much as a line.
    """
    transport = request.transport
    if transport and not transport.get_write_buffer_size():
        await response.write(lines)
        return
    async with asyncio.timeout(WRITE_SECONDS):
        await response.write(lines)


def at_once(request: web.Request, response: web.StreamResponse) -> Callable[[bytes], bool]:
    """Writes a line and never waits; false where the reader lags behind or is gone. The head of the response
    has been sent, and aiohttp's own writer, which takes longer, is passed by.
    """
    transport = request.transport
    chunked = response.headers.get(hdrs.TRANSFER_ENCODING) == "chunked"

    def put(line: bytes) -> bool:
        if transport is None or transport.is_closing() or transport.get_write_buffer_size() > _AHEAD:
            return False
        transport.write(b"%x\r\n%b\r\n" % (len(line), line) if chunked else line)
        return True

    return put


def let_go(request: web.Request) -> None:
    """Of a reader that takes nothing."""
    logger.info("a reader took nothing for %.0f s: let go", WRITE_SECONDS)
    if request.transport:
        request.transport.abort()
