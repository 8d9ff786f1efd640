"""Sends an answer to who asked, whatever its lines look like."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import hdrs, web

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
        if request.method == hdrs.METH_HEAD:
            return response
        try:
            await _write(request, response, found, after)
        except TimeoutError:
            ndjson.let_go(request)
    return response


async def _write(request: web.Request, response: web.StreamResponse, found: Answer, after: int) -> None:
    """What there is, together; from then on each line by itself, for as long as the reader keeps up."""
    put = ndjson.at_once(request, response)
    while True:
        if after < len(found.lines):
            lines, after = b"".join(found.lines[after:]), len(found.lines)
            await ndjson.write(request, response, lines)
            found.known = True
        elif found.ended:
            return
        else:
            after = await found.told(put)
