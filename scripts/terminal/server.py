"""The server over HTTP: an answer is read to its end, whatever happens to the connection on the way."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from scripts.start.addresses import LOCAL_HOSTS
from scripts.start.errors import CommandError
from scripts.start.messages import Sentence
from scripts.terminal import messages
from scripts.terminal.errors import Unanswered

# Nothing at all for so long is taken for a lost connection; reading on costs nothing where it wasn't.
SILENT_SECONDS = 60.0
STOP_SECONDS = 2.0

# Before each try to come back. The server waits for ten seconds, then gives the answer up.
PAUSES = (0.1, 0.3, 0.6, 1.0, 2.0, 3.0, 3.0)

_STREAM = "application/x-ndjson"


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of an answer: as it came, and what it says."""

    raw: bytes
    fields: Mapping[str, Any]

    @property
    def text(self) -> str:
        """What it adds to the answer."""
        message = self.fields.get("message")
        content = message.get("content") if isinstance(message, dict) else None
        return content if isinstance(content, str) else ""

    @property
    def is_last(self) -> bool:
        return bool(self.fields.get("done")) or "error" in self.fields


class Server:
    """One server, which tells people what it tells in `language`."""

    def __init__(self, address: str, language: str, lost: Callable[[], None] = lambda: None) -> None:
        """`lost` is called when a connection was. Raises CommandError where `address` is none."""
        self.address = _whole(address)
        self._language = language
        self._lost = lost
        # A proxy of the person's is not for this machine's own addresses.
        local = urlsplit(self.address).hostname in LOCAL_HOSTS
        self._opener = urllib.request.build_opener(*([urllib.request.ProxyHandler({})] if local else []))

    def answer(self, body: Mapping[str, object]) -> Generator[Line, None, None]:
        """The lines of an answer to `POST /`, the last one included. Raises Unanswered where they end
        before, or never begin.
        """
        response = self._stream("POST", "/", body)
        answer, taken, losses = "", 0, 0
        while True:
            for line in _whole_lines(response):
                answer = answer or str(line.fields.get("id", ""))
                taken, losses = taken + 1, 0
                yield line
                if line.is_last:
                    return
            response = self._read_on(answer, taken, losses)
            losses += 1

    def stop(self, answer: str) -> None:
        """Let go of the model that answers; where that can't be said, the server finds out by itself."""
        with suppress(CommandError):
            self._open("DELETE", f"/answers/{quote(answer, safe='')}", seconds=STOP_SECONDS).close()

    def get(self, path: str) -> Mapping[str, Any]:
        """A JSON object. Raises Unanswered."""
        with self._open("GET", path) as response:
            try:
                value = json.load(response)
            except (OSError, http.client.HTTPException, ValueError):
                value = None
        if not isinstance(value, dict):
            raise self._stranger()
        return value

    def _read_on(self, answer: str, taken: int, losses: int) -> http.client.HTTPResponse:
        if not answer or losses >= len(PAUSES):
            raise Unanswered("connection_lost", messages.LOST, server=self.address)
        self._lost()
        path = f"/answers/{quote(answer, safe='')}?after={taken}"
        for pause in PAUSES[losses:]:
            time.sleep(pause)
            try:
                return self._stream("GET", path)
            except Unanswered as error:
                if error.code != "server_unreachable":
                    raise
        raise Unanswered("connection_lost", messages.LOST, server=self.address)

    def _stream(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> http.client.HTTPResponse:
        response = self._open(method, path, body)
        if response.headers.get_content_type() != _STREAM:
            response.close()
            raise self._stranger()
        return response

    def _open(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        seconds: float = SILENT_SECONDS,
    ) -> http.client.HTTPResponse:
        request = urllib.request.Request(  # noqa: S310 - _whole takes no other schemes
            f"{self.address}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Accept-Language": self._language, "Content-Type": "application/json"},
        )
        try:
            response: http.client.HTTPResponse = self._opener.open(request, timeout=seconds)
        except urllib.error.HTTPError as error:
            with error:
                raise self._told(error) from None
        except OSError as error:
            why = error.reason if isinstance(error, urllib.error.URLError) else error
            reason = (why.strerror if isinstance(why, OSError) else None) or str(why)
            raise Unanswered(
                "server_unreachable", messages.NO_SERVER, server=self.address, reason=reason
            ) from None
        except http.client.HTTPException:
            raise self._stranger() from None
        return response

    def _told(self, error: urllib.error.HTTPError) -> Unanswered:
        """What the server says of it."""
        try:
            told = json.loads(error.read())
            return Unanswered(str(told["code"]), messages.TOLD, message=str(told["error"]))
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
            return self._stranger()

    def _stranger(self) -> Unanswered:
        return Unanswered("not_acervo", messages.NOT_ACERVO, server=self.address)


def find_document(documents: Sequence[Mapping[str, Any]], name: str) -> str:
    """The id of the one document, of those of `GET /documents`, that has this id, name or title; else of the
    one whose name or title holds it. Raises Unanswered.
    """
    wanted = name.casefold()
    called = [(one, _names(one)) for one in documents]
    for found in (
        [one for one in documents if one.get("id") == name],
        [one for one, names in called if wanted in names],
        [one for one, names in called if any(wanted in part for part in names)],
    ):
        if len(found) == 1:
            return str(found[0]["id"])
        if found:
            raise _undecided(messages.SEVERAL_DOCUMENTS, name, found)
    raise _undecided(messages.UNKNOWN_DOCUMENT if documents else messages.NO_DOCUMENTS, name, documents)


_NAMED = 8  # in one sentence


def _undecided(sentence: Sentence, name: str, documents: Sequence[Mapping[str, Any]]) -> Unanswered:
    names = [str(one.get("name")) for one in documents[:_NAMED]]
    more = ["…"] if len(documents) > _NAMED else []
    return Unanswered("unknown_document", sentence, name=name, names=", ".join([*names, *more]))


def _names(document: Mapping[str, Any]) -> list[str]:
    """As people may call it: with and without its folders, and by its title."""
    name, title = (str(document.get(key) or "").casefold() for key in ("name", "title"))
    return [part for part in (name, name.rpartition("/")[2], title) if part]


def _whole_lines(response: http.client.HTTPResponse) -> Iterator[Line]:
    """Those that came whole, until the connection ends in whatever way."""
    with response:
        while True:
            try:
                raw = response.readline()
                fields = json.loads(raw) if raw.endswith(b"\n") else None
            except (OSError, http.client.HTTPException, ValueError):
                return
            if not isinstance(fields, dict):
                return
            yield Line(raw=raw, fields=fields)


def _whole(address: str) -> str:
    """With its scheme, and nothing behind host and port but a path. Raises CommandError."""
    given = address if "://" in address else f"http://{address}"
    try:
        parts = urlsplit(given)
        bare = not (parts.query or parts.fragment or parts.username or " " in given)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and bare
    except ValueError:
        usable = False
    if not usable or not given.isprintable():
        raise CommandError(messages.WRONG_ADDRESS, address=address)
    return given.rstrip("/")
