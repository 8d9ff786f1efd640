"""`python -m app`: starts the server, and says at which address and who answers."""

from __future__ import annotations

import errno
import logging
import os
import socket
import sys
from collections.abc import Awaitable, Callable

from aiohttp import web

from app.errors import AppError
from app.keys import ROUTE, SETTINGS
from app.main import create_app
from app.messages import FALLBACK, Key, Language, parse_language, sentence
from app.settings import Settings
from database.errors import DatabaseError

Announcement = Callable[[web.Application], Awaitable[None]]

# Answers under way when the server is told to stop may take so long to end.
SHUTDOWN_SECONDS = 30.0

# Under a burst, connections wait in the kernel instead of being refused.
_BACKLOG = 1_024

_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")

_WRONG_SETTINGS = 2  # exit status, as for a wrong command line


class _Unusable(AppError):
    """The address in the settings can't be listened on."""


def main() -> int:
    language = _terminal_language()
    try:
        settings = Settings.load()
        logging.basicConfig(
            level=settings.log_level,
            format="%(asctime)s %(levelname)s %(name)s: %(message)s",
            stream=sys.stderr,
        )
        sockets = _bind(settings, language)  # before seconds are spent on loading the embedding model
        app = create_app(settings)
        app.on_startup.append(_announcement(language))
        web.run_app(
            app,
            sock=sockets,
            backlog=_BACKLOG,
            shutdown_timeout=SHUTDOWN_SECONDS,
            handler_cancellation=True,
            access_log=None,
            print=None,
        )
    except (DatabaseError, _Unusable) as error:
        print(error, file=sys.stderr)
        return _WRONG_SETTINGS
    return 0


def _bind(settings: Settings, language: Language) -> list[socket.socket]:
    """One socket for every address of HOST. Raises _Unusable."""
    sockets = []
    try:
        for family, kind, protocol, _, address in socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            one = socket.socket(family, kind, protocol)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind(address)
            sockets.append(one)
    except OSError as error:
        key: Key = "start_port_taken" if error.errno == errno.EADDRINUSE else "start_host_unusable"
        values = {"host": settings.host, "port": settings.port, "error": error.strerror}
        raise _Unusable(sentence(key, **values).text(language)) from error
    return sockets


def _announcement(language: Language) -> Announcement:
    async def announce(app: web.Application) -> None:
        """Runs once everything is open, just before the first request is taken."""
        statuses = await app[ROUTE].statuses()
        settings = app[SETTINGS]
        for status in statuses:
            sign = "✓" if status.available else "✗"
            print(f"  {sign} {status.name}: {status.reason.text(language)}")
        answering = next(status.name for status in statuses if status.available)
        print(sentence("start_answering", name=answering).text(language))
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
    sys.exit(main())
