"""From what a client of another protocol says to an answer that is written, by the same flow as any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from aiohttp import web

from app.answer import answer
from app.answers import Answer, Write
from app.compat.chores import do_chore
from app.compat.messages import chore, parse_question
from app.compat.offers import Offers
from app.compat.told import Told
from app.errors import RequestError
from app.events import Failed, Line
from app.fields import Fields
from app.keys import ANSWERS, ASKED, LANGUAGE, READER, ROUTE, SETTINGS, SHELF
from app.models.route import Candidate
from app.requests import parse_object, reader_language
from app.views.chat import question_of


async def read(request: web.Request, example: str) -> Fields:
    """The JSON object that a client sends. Raises BadRequest."""
    fields = parse_object(await request.read(), example)
    if language := reader_language(fields):
        request[LANGUAGE] = language
    return fields


def offers(request: web.Request) -> Offers:
    return Offers(request.app[ROUTE], request.app[SHELF])


def told(request: web.Request) -> Told:
    return Told(sources_in_text=request.app[SETTINGS].sources_in_text)


def over_documents(
    request: web.Request,
    fields: Fields,
    messages: Sequence[Mapping[str, Any]],
    candidates: Sequence[Candidate],
) -> Write:
    """How the last of the messages is answered. Raises BadRequest, PromptMissing, PromptTooLong."""
    if text := chore(messages):
        return partial(do_chore, text, candidates)
    app = request.app
    question = question_of(parse_question(fields, messages))
    return partial(answer, question, app[READER], candidates, asked=app[ASKED])


def begin(request: web.Request, write: Write, line: Line) -> Answer:
    """Its lines tell no name, so nobody can come back: the model is let go with its reader.

    Raises TooBusy.
    """
    return request.app[ANSWERS].start(write, line, request[LANGUAGE], coming_back_seconds=0)


async def finish(found: Answer) -> None:
    """For who wants no stream. What fails before the first line is raised."""
    with found.reader():
        await found.begun()
        await found.told(lambda _: True)


def status_of(failed: Failed) -> int:
    """The one of the error with this code."""
    return next((kind.status for kind in _all(RequestError) if kind.code == failed.code), 500)


def _all(kind: type[RequestError]) -> list[type[RequestError]]:
    return [one for child in kind.__subclasses__() for one in (child, *_all(child))]
