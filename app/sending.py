"""Sends an answer to who asked, whatever its lines look like."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping

from aiohttp import web

from app import ndjson
from app.answers import Answer


async def send(
    request: web.Request, found: Answer, headers: Mapping[str, str], *, after: int
) -> web.StreamResponse:
    """Each line as it comes. A reader who leaves can come back for the rest, where the answer waits for them.
    What fails before the first line is raised.
    """
    with found.reader():
        await found.begun()
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        try:
            await asyncio.create_task(_write(request, response, found.follow(after)))
        except TimeoutError:
            ndjson.let_go(request)
    return response


async def _write(request: web.Request, response: web.StreamResponse, lines: AsyncIterator[bytes]) -> None:
    """In a task of its own: each line wakes all coroutines of its task, and a request has some twenty."""
    async for line in lines:
        await ndjson.write(request, response, line)
