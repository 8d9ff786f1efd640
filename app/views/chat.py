"""Questions and their answers, as streams of NDJSON lines."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from aiohttp import web

from app import ndjson
from app.answer import Question, answer
from app.events import Line, chat_line, response_line
from app.keys import ANSWERS, ASKED, LANGUAGE, RETRIEVER, ROUTE, STORE
from app.messages import FALLBACK, parse_language
from app.models.route import Candidate
from app.requests import ChatRequest, parse_after, parse_chat, parse_object, reader_language
from app.sending import send
from database.language import detect_question_language

_EXAMPLE = '{"prompt": "…"}'


async def chat(request: web.Request) -> web.StreamResponse:
    """`POST /`: whichever model can, answers."""
    asked = await _read(request)
    route = request.app[ROUTE]
    candidates = await (route.named(asked.model) if asked.model else route.candidates())
    return await _answer(request, asked, candidates, chat_line)


async def gemini(request: web.Request) -> web.StreamResponse:
    """`POST /gemini`: Gemini answers, or nobody."""
    asked = await _read(request)
    return await _answer(request, asked, await request.app[ROUTE].of_kind("gemini"), response_line)


async def resume(request: web.Request) -> web.StreamResponse:
    """`GET /answers/{id}?after=N`: the lines that came after the first N, and those that come."""
    found = request.app[ANSWERS].get(request.match_info["id"])
    return await send(
        request, found, ndjson.HEADERS, after=parse_after(request.query.get("after", "0"), len(found.lines))
    )


async def stop(request: web.Request) -> web.Response:
    """`DELETE /answers/{id}`: it is enough. Who reads it gets its last line."""
    request.app[ANSWERS].get(request.match_info["id"]).stop()
    return web.Response(status=204)


async def _answer(
    request: web.Request, asked: ChatRequest, candidates: Sequence[Candidate], line: Line
) -> web.StreamResponse:
    """What fails before the first event still has a status of its own."""
    app = request.app
    write = partial(answer, question_of(asked), app[STORE], app[RETRIEVER], candidates, asked=app[ASKED])
    found = app[ANSWERS].start(write, line, request[LANGUAGE])
    return await send(request, found, ndjson.HEADERS, after=0)


async def _read(request: web.Request) -> ChatRequest:
    fields = parse_object(await request.read(), _EXAMPLE)
    if language := reader_language(fields):
        request[LANGUAGE] = language
    return parse_chat(fields)


def question_of(asked: ChatRequest) -> Question:
    """As the answer is written for it, in its own language where none is named."""
    written_in = parse_language(detect_question_language(asked.prompt)) or FALLBACK
    return Question(
        text=asked.prompt,
        written_in=written_in,
        language=asked.language or written_in,
        documents=asked.documents,
        filter=asked.filter,
        history=asked.history,
        limit=asked.limit,
    )
