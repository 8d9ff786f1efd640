"""What every request passes: the log, the language, the host's name, CORS, and errors as JSON."""

from __future__ import annotations

import ipaddress
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from app.compat import openai_errors
from app.errors import (
    BadRequest,
    CollectionUnavailable,
    Internal,
    MethodNotAllowed,
    NotFound,
    OriginRefused,
    PayloadTooLarge,
    RenderFailed,
    RequestError,
    TooBusy,
)
from app.keys import LANGUAGE, SETTINGS
from app.messages import Sentence, accepted_language, sentence
from app.representations import json_response
from database.errors import ProblemError, StoreError
from database.messages import Messages

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

LARGEST_BODY = 2**20  # bytes

_PREFLIGHT_SECONDS = 600
# What a page sends and reads beside what browsers let through anyway. The others are those of MCP's clients.
_USUAL_HEADERS = "Content-Type, Accept-Language, Mcp-Session-Id, Mcp-Protocol-Version, Last-Event-ID"
_SHOWN_HEADERS = "Mcp-Session-Id, Retry-After"
_THEIRS = ("/api/", openai_errors.PREFIX)  # of Ollama's protocol and of OpenAI's
_SAFE = frozenset((hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS))
_CLIENT_LEFT = 499  # nginx's number for it; no status can be sent any more

logger = logging.getLogger("app.access")


@web.middleware
async def log_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
    """One line a request. Never what was asked: questions are nobody's business."""
    begun = time.monotonic()
    status = _CLIENT_LEFT
    try:
        response = await handler(request)
        status = response.status
        return response
    finally:
        milliseconds = (time.monotonic() - begun) * 1000
        logger.info("%s %s %d %.0f ms", request.method, request.rel_url.raw_path, status, milliseconds)


@web.middleware
async def choose_language(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The language of what the request is told, until its body says otherwise."""
    request[LANGUAGE] = accepted_language(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))
    return await handler(request)


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every error as {"error", "code"}, with nothing of the server's inside in it."""
    try:
        return await handler(request)
    except RequestError as error:
        if isinstance(error.__cause__, ProblemError):
            logger.warning("the collection: %s", Messages("en").error(error.__cause__))
        return _response(request, error)
    except StoreError as error:
        logger.warning("the collection: %s", Messages("en").error(error))
        return _response(request, CollectionUnavailable())
    except web.HTTPNotFound:
        return await _without_slash(request) or _response(request, NotFound(_nothing_at(request.path)))
    except web.HTTPMethodNotAllowed as error:
        return _response(request, MethodNotAllowed(error.method, error.allowed_methods))
    except web.HTTPRequestEntityTooLarge:
        return _response(request, PayloadTooLarge(LARGEST_BODY))
    except web.HTTPException:
        raise
    except ConnectionError:
        return web.Response(status=_CLIENT_LEFT)  # to nobody: it is not sent, and is no error of the server's
    except Exception:
        log_id = secrets.token_hex(4)
        logger.exception("%s %s failed (%s)", request.method, request.rel_url.raw_path, log_id)
        return _response(request, Internal(log_id))


@web.middleware
async def check_host(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse names that a stranger's web page may have bound to this address (DNS rebinding).

    Addresses can't be rebound, and names without a dot can't be had on the internet.
    """
    name = urlsplit(f"//{request.headers.get(hdrs.HOST, '')}").hostname or ""
    settings = request.app[SETTINGS]
    known = {settings.host.lower(), *(urlsplit(origin).hostname for origin in settings.allowed_origins)}
    if "." in name and name not in known and not name.endswith(".localhost") and not _is_address(name):
        raise BadRequest(sentence("host_unknown"))
    return await handler(request)


@web.middleware
async def answer_preflight(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What a browser asks before it lets a page of another origin send JSON."""
    if request.method != hdrs.METH_OPTIONS or hdrs.ACCESS_CONTROL_REQUEST_METHOD not in request.headers:
        return await handler(request)
    response = web.Response(status=204)
    if _allowed_origin(request):
        response.headers[hdrs.ACCESS_CONTROL_ALLOW_METHODS] = "GET, POST, PATCH, DELETE"
        asked = request.headers.get(hdrs.ACCESS_CONTROL_REQUEST_HEADERS)
        response.headers[hdrs.ACCESS_CONTROL_ALLOW_HEADERS] = asked or _USUAL_HEADERS
        response.headers[hdrs.ACCESS_CONTROL_MAX_AGE] = str(_PREFLIGHT_SECONDS)
    return response


@web.middleware
async def check_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what a stranger's page makes a browser send: forms and files need no preflight."""
    if request.method not in _SAFE and not _may_change(request):
        raise OriginRefused(request.headers.get(hdrs.ORIGIN, "?"))
    return await handler(request)


async def allow_origin(request: web.Request, response: web.StreamResponse) -> None:
    """Say which page may read the response. A signal, since streams are sent before their handler returns."""
    response.headers[hdrs.VARY] = "Origin, Accept-Language"
    response.headers[hdrs.SERVER] = "Acervo"  # which versions run here is nobody's business
    if origin := _allowed_origin(request):
        response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
        response.headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = _SHOWN_HEADERS


def _allowed_origin(request: web.Request) -> str | None:
    origin = request.headers.get(hdrs.ORIGIN)
    return origin if origin and origin.lower() in request.app[SETTINGS].allowed_origins else None


def _may_change(request: web.Request) -> bool:
    """Browsers say where a request comes from, in one of two headers or in both; other programs in neither.

    The rules are those of https://pkg.go.dev/net/http#CrossOriginProtection.
    """
    if _allowed_origin(request):
        return True
    if site := request.headers.get("Sec-Fetch-Site"):
        return site in ("same-origin", "none")
    origin = request.headers.get(hdrs.ORIGIN)
    return origin is None or urlsplit(origin).netloc.lower() == request.headers.get(hdrs.HOST, "").lower()


async def _without_slash(request: web.Request) -> web.Response | None:
    """Where a client of another protocol puts a slash at the end: it is sent on, as by servers it knows."""
    address = request.rel_url
    if not address.path.startswith(_THEIRS) or not address.path.endswith("/"):
        return None
    there = address.with_path(address.raw_path.rstrip("/"), encoded=True, keep_query=True)
    found = await request.app.router.resolve(request.clone(rel_url=there))
    if found.http_exception:
        return None
    return web.Response(status=HTTPStatus.PERMANENT_REDIRECT, headers={hdrs.LOCATION: str(there)})


def _nothing_at(path: str) -> Sentence | None:
    """More than that there is nothing, where a client looks for more than is offered."""
    return sentence("not_offered") if path.startswith(_THEIRS) else None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _response(request: web.Request, error: RequestError) -> web.Response:
    status = error.status
    body: dict[str, object] = {"error": error.told.text(request[LANGUAGE]), "code": error.code}
    if request.path.startswith(openai_errors.PREFIX):
        body = openai_errors.of_request(error, request[LANGUAGE])
        status = openai_errors.openai_status(error.code, status)
    elif isinstance(error, RenderFailed):
        body["reason"] = error.reason
    response = json_response(body, status=status, headers={hdrs.CACHE_CONTROL: "no-store"})
    if isinstance(error, TooBusy):
        response.headers[hdrs.RETRY_AFTER] = str(error.seconds)
    if isinstance(error, MethodNotAllowed):
        response.headers[hdrs.ALLOW] = ", ".join(sorted(error.allowed))
    return response
