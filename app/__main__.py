"""`python -m app`: starts the server, and says at which address and who answers.

`python -m app mcp` serves the program that starts it, over its standard streams.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

from app.errors import AppError
from app.keys import ROUTE, SETTINGS
from app.main import create_app
from app.messages import FALLBACK, Key, Language, parse_language, sentence
from app.settings import Settings
from database.errors import DatabaseError
from database.memory import few_arenas
from database.messages import Messages

Announcement = Callable[[web.Application], Awaitable[None]]

# Answers under way when the server is told to stop may take so long to end.
SHUTDOWN_SECONDS = 30.0

# Under a burst, connections wait in the kernel instead of being refused.
_BACKLOG = 1_024

# How long a thread may keep the interpreter from the others. Those that embed need it for each operation:
# with Python's own 5 ms, questions that come together take a twentieth longer.
_SWITCH_SECONDS = 0.001

_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")

_MCP = "mcp"
_USAGE = f"python -m app [{_MCP}]"

_WRONG_SETTINGS = 2  # exit status, as for a wrong command line


class _AddressError(AppError):
    """The address in the settings can't be listened on."""


def main(arguments: Sequence[str]) -> int:
    language = _terminal_language()
    if arguments not in ([], [_MCP]):
        print(_USAGE, file=sys.stderr)
        return _WRONG_SETTINGS
    try:
        settings = Settings.load()
        _log(settings.log_level)
        if arguments:
            _serve_caller(settings)
            return 0
        sockets = _bind(settings, language)  # before seconds are spent on loading the embedding model
        _serve(settings, language, sockets)
    except DatabaseError as error:
        print(Messages(language).error(error), file=sys.stderr)
        return _WRONG_SETTINGS
    except _AddressError as error:
        print(error, file=sys.stderr)
        return _WRONG_SETTINGS
    return 0


def _serve(settings: Settings, language: Language, sockets: list[socket.socket]) -> None:
    """Until the process is told to stop. Raises DatabaseError or _AddressError where it can't begin."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    few_arenas()
    app = create_app(settings)
    app.on_startup.append(_announcement(language))
    try:
        web.run_app(
            app,
            sock=sockets,
            backlog=_BACKLOG,
            shutdown_timeout=SHUTDOWN_SECONDS,
            handler_cancellation=True,
            access_log=None,
            print=None,
            loop=_event_loop(),
        )
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise _unusable(settings, language, error) from error  # one that started meanwhile was faster


def _serve_caller(settings: Settings) -> None:
    """Until it closes the standard input."""
    from app.mcp import over_stdio  # most of a second, which the other server does without

    # Ctrl-C ends it at once: the thread that reads the input waits for a line that may never come.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    few_arenas()
    with asyncio.Runner(loop_factory=_event_loop) as runner:
        runner.run(over_stdio.serve(settings))


def _event_loop() -> asyncio.AbstractEventLoop:
    """The faster one, where there is one for this system: it costs a third less processor time a token."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def _log(level: str) -> None:
    """To stderr: our own lines from `level` on, and what goes wrong in the libraries."""
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr
    )
    for package in ("app", "database"):
        logging.getLogger(package).setLevel(level)


def _bind(settings: Settings, language: Language) -> list[socket.socket]:
    """A socket for every address of HOST that this machine has. Raises _AddressError."""
    sockets: list[socket.socket] = []
    failure: OSError | None = None
    try:
        found = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        for family, kind, protocol, _, address in found:
            try:
                sockets.append(_bound(socket.socket(family, kind, protocol), address))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    raise
                failure = error  # `localhost` has an IPv6 address where the machine may have none
    except OSError as error:
        raise _unusable(settings, language, error) from error
    if failure and not sockets:
        raise _unusable(settings, language, failure) from failure
    return sockets


def _bound(one: socket.socket, address: Any) -> socket.socket:
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if one.family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind(address)
    except OSError:
        one.close()
        raise
    return one


def _unusable(settings: Settings, language: Language, error: OSError) -> _AddressError:
    key: Key = "start_port_taken" if error.errno == errno.EADDRINUSE else "start_host_unusable"
    why = error.strerror or str(error)
    return _AddressError(sentence(key, host=settings.host, port=settings.port, error=why).text(language))


def _announcement(language: Language) -> Announcement:
    async def announce(app: web.Application) -> None:
        """Runs once everything is open, just before the first request is taken."""
        statuses = await app[ROUTE].statuses()
        settings = app[SETTINGS]
        for status in statuses:
            sign = "✓" if status.available else "✗"
            print(f"  {sign} {status.name}: {status.reason.text(language)}")
        answering = next((status.name for status in statuses if status.available), None)
        told = sentence("start_answering", name=answering) if answering else sentence("start_nobody_answers")
        print(told.text(language))
        address = f"http://{_url_host(settings.host)}:{settings.port}"
        print(sentence("start_address", address=address).text(language), flush=True)

    return announce


def _url_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _terminal_language() -> Language:
    """By the variables that POSIX has for it, in its order."""
    locale = next((value for name in _LOCALE if (value := os.environ.get(name))), "")
    return parse_language(locale) or FALLBACK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
