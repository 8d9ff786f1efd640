"""Questions and their answers, as streams of NDJSON lines."""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from aiohttp import web

from app import ndjson
from app.answer import Question, answer
from app.errors import Internal
from app.events import Event, Failed, chat_line, response_line
from app.keys import ASKED, LANGUAGE, RETRIEVER, ROUTE, STORE
from app.messages import FALLBACK, parse_language
from app.requests import ChatRequest, parse_chat, parse_object, reader_language
from database.language import detect_question_language

_EXAMPLE = '{"prompt": "…"}'

logger = logging.getLogger(__name__)


async def chat(request: web.Request) -> web.StreamResponse:
    """`POST /`: whichever model can, answers."""
    asked = await _read(request)
    route = request.app[ROUTE]
    candidates = await (route.named(asked.model) if asked.model else route.candidates())
    events = answer(
        _question(asked), request.app[STORE], request.app[RETRIEVER], candidates, request.app[ASKED]
    )
    return await _send(request, events, chat_line)


async def gemini(request: web.Request) -> web.StreamResponse:
    """`POST /gemini`: Gemini answers, or nobody."""
    asked = await _read(request)
    candidates = await request.app[ROUTE].of_kind("gemini")
    events = answer(
        _question(asked), request.app[STORE], request.app[RETRIEVER], candidates, request.app[ASKED]
    )
    return await _send(request, events, response_line)


async def _read(request: web.Request) -> ChatRequest:
    fields = parse_object(await request.read(), _EXAMPLE)
    if language := reader_language(fields):
        request[LANGUAGE] = language
    return parse_chat(fields)


def _question(asked: ChatRequest) -> Question:
    written_in = parse_language(detect_question_language(asked.prompt)) or FALLBACK
    return Question(
        text=asked.prompt,
        written_in=written_in,
        language=asked.language or written_in,
        documents=asked.documents,
        filter=asked.filter,
        limit=asked.limit,
    )


async def _send(
    request: web.Request, events: AsyncGenerator[Event, None], line: Callable[[Event], bytes]
) -> web.StreamResponse:
    """Send each event as it arrives. What fails before the first one still has a status of its own."""
    async with aclosing(events):
        first = await anext(events)
        response = web.StreamResponse(headers=ndjson.HEADERS)
        await response.prepare(request)
        try:
            await ndjson.write(response, line(first))
            async for event in events:
                await ndjson.write(response, line(event))
        except TimeoutError:
            ndjson.let_go(request)
        except ConnectionError:
            raise
        except Exception:
            log_id = secrets.token_hex(4)
            logger.exception("an answer failed (%s)", log_id)
            message = Internal(log_id).told.text(request[LANGUAGE])
            await ndjson.write(response, line(Failed(message=message, code=Internal.code)))
    return response
