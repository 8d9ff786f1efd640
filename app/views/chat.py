"""Questions and their answers, as streams of NDJSON lines."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from aiohttp import web

from app import ndjson, schemas
from app.answer import answer
from app.compat.offers import Offers
from app.errors import (
    BadRequest,
    CollectionUnavailable,
    ModelUnavailable,
    NoModel,
    PromptMissing,
    PromptTooLong,
    TooBusy,
    UnknownAnswer,
    UnknownDocument,
    UnknownModel,
)
from app.events import Line, chat_line, response_line
from app.keys import ANSWERS, ASKED, LANGUAGE, READER, ROUTE, SHELF
from app.messages import FALLBACK, parse_language, sentence
from app.models.route import Candidate
from app.openapi.operation import empty_reply, lines_reply, operation
from app.parameters import AnswerPath, AnswerQuery, parse_query
from app.reading import Question
from app.requests import ChatRequest, parse_chat, parse_object, reader_language
from app.sending import send
from database.language import detect_question_language

_EXAMPLE = '{"prompt": "…"}'


_ERRORS = (
    PromptMissing,
    PromptTooLong,
    UnknownDocument,
    CollectionUnavailable,
    ModelUnavailable,
    NoModel,
    TooBusy,
)


@operation(
    "Answers",
    body=ChatRequest,
    replies=[lines_reply(schemas.ChatLine, "The lines of an answer")],
    errors=[*_ERRORS, UnknownModel],
)
async def chat(request: web.Request) -> web.StreamResponse:
    """`POST /`: answers a question, in lines, as it is written.

    The first model that can, answers, or the one that `model` names: of `GET /models`, or any other that is
    installed in Ollama. The lines have the field names of
    Ollama's chat stream. The first has the sources, the last has `done` or `error`.
    """
    asked = await _read(request)
    route = request.app[ROUTE]
    if asked.model:
        candidates = await Offers(route, request.app[SHELF]).over_documents(asked.model)
    else:
        candidates = await route.candidates()
    return await _answer(request, asked, candidates, chat_line)


@operation(
    "Answers",
    body=ChatRequest,
    replies=[lines_reply(schemas.ResponseLine, "The lines of an answer")],
    errors=_ERRORS,
)
async def gemini(request: web.Request) -> web.StreamResponse:
    """`POST /gemini`: the same question, answered by Gemini or by nobody, in lines with a `response`."""
    asked = await _read(request)
    return await _answer(request, asked, await request.app[ROUTE].of_kind("gemini"), response_line)


@operation(
    "Answers",
    path=AnswerPath,
    query=AnswerQuery,
    replies=[lines_reply(schemas.ChatLine | schemas.ResponseLine, "Its lines, as where it was asked")],
    errors=[UnknownAnswer, *_ERRORS, UnknownModel],
)
async def resume(request: web.Request) -> web.StreamResponse:
    """`GET /answers/{id}`: the lines of an answer after the first `after`, and those that come."""
    found = request.app[ANSWERS].get(request.match_info["id"])
    after, lines = parse_query(AnswerQuery, request).after, len(found.lines)
    if after > lines:
        raise BadRequest(sentence("out_of_range", field="after", least=0, most=lines))
    return await send(request, found, ndjson.HEADERS, after=after)


@operation("Answers", path=AnswerPath, replies=[empty_reply("It ends")], errors=[UnknownAnswer])
async def stop(request: web.Request) -> web.Response:
    """`DELETE /answers/{id}`: stops an answer. Whoever reads it gets its last line."""
    request.app[ANSWERS].get(request.match_info["id"]).stop()
    return web.Response(status=204)


async def _answer(
    request: web.Request, asked: ChatRequest, candidates: Sequence[Candidate], line: Line
) -> web.StreamResponse:
    """What fails before the first event still has a status of its own."""
    app = request.app
    write = partial(answer, question_of(asked), app[READER], candidates, asked=app[ASKED])
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
