"""How a view says what it takes and answers: a declaration above it, and the first line of its docstring.

    @operation("Search", body=SearchRequest, replies=[json_reply(Matches)], errors=[UnknownDocument])
    async def search(request: web.Request) -> web.Response:
        \"""`POST /search`: the passages themselves, best first.\"""

A view that speaks somebody else's protocol says whose, and where it is described by its makers:
`@operation("Ollama", …, elsewhere=OLLAMA)`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, get_args

from aiohttp import web
from pydantic import BaseModel

from app.errors import RequestError
from app.openapi.telling import OPENAIS, OURS, Telling

JSON = "application/json"
NDJSON = "application/x-ndjson"
EVENTS = "text/event-stream"
FORM = "multipart/form-data"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
View = TypeVar("View", bound=Handler)
Body = type[BaseModel]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """One status that a view answers with, without an error. `types` are those of a JSON body, or of the
    lines of a stream; none where the body is of another kind, or there is none.
    """

    status: int
    text: str
    media: str | None = None
    types: tuple[Any, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A protocol of somebody else's: its name, the address of its description, and how it tells errors."""

    protocol: str
    manual: str
    telling: Telling = OURS


OLLAMA = Elsewhere("Ollama", "https://docs.ollama.com/api")
OPENAI = Elsewhere("OpenAI", "https://platform.openai.com/docs/api-reference", OPENAIS)
MODEL_CONTEXT = Elsewhere("Model Context Protocol", "https://modelcontextprotocol.io/specification")


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """What a view takes and answers. `bodies` are those that it reads, by their media types; `headers` tells
    what those of the request are for; `elsewhere` is the protocol, where it is somebody else's.
    """

    tag: str
    path: Body | None = None
    query: Body | None = None
    bodies: Mapping[str, Body] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    replies: Sequence[Reply] = ()
    errors: Sequence[type[RequestError]] = ()
    elsewhere: Elsewhere | None = None


_OPERATIONS: dict[Handler, Operation] = {}


def operation(
    tag: str,
    *,
    replies: Sequence[Reply],
    body: Body | Mapping[str, Body] | None = None,
    path: Body | None = None,
    query: Body | None = None,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[type[RequestError]] = (),
    elsewhere: Elsewhere | None = None,
) -> Callable[[View], View]:
    """Declares a view. `errors` are those of its own: what every request may meet is added."""
    declared = Operation(
        tag=tag,
        path=path,
        query=query,
        bodies=body if isinstance(body, Mapping) else {JSON: body} if body else {},
        headers=headers or {},
        replies=replies,
        errors=errors,
        elsewhere=elsewhere,
    )

    def note(view: View) -> View:
        _OPERATIONS[view] = declared
        return view

    return note


def operation_of(view: Handler) -> Operation | None:
    return _OPERATIONS.get(view)


def json_reply(type_: Any, text: str, *, status: int = 200) -> Reply:
    return Reply(status=status, text=text, media=JSON, types=(type_,))


def lines_reply(lines: Any, text: str) -> Reply:
    """A stream; `lines` is a type, or a union of them, of which each line is one."""
    return Reply(status=200, text=text, media=NDJSON, types=get_args(lines) or (lines,))


def events_reply(events: Any, text: str) -> Reply:
    """A stream of server-sent events; `events` is the type of their data, or a union of types."""
    return Reply(status=200, text=text, media=EVENTS, types=get_args(events) or (events,))


def bytes_reply(
    media: str, text: str, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Reply:
    return Reply(status=status, text=text, media=media, headers=headers or {})


def empty_reply(text: str, *, status: int = 204, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(status=status, text=text, headers=headers or {})
