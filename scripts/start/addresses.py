"""Where the server and the client will listen, and whether they can."""

from __future__ import annotations

import errno
import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.start import messages
from scripts.start.errors import CommandError

SERVER_PORT = 8000
CLIENT_PORT = 4200
LOCAL_HOSTS = ("", "0.0.0.0", "::", "127.0.0.1", "::1", "localhost")  # noqa: S104 - compared, not listened on


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Host and ports as the person set them."""

    host: str
    server_port: int
    client_port: int

    @property
    def server(self) -> str:
        """The server's address, as a browser reaches it."""
        return f"http://{self._name}:{self.server_port}"

    @property
    def client(self) -> str:
        """The client's address, as a browser reaches it."""
        return f"http://{self._name}:{self.client_port}"

    @property
    def client_origins(self) -> str:
        """Every way in which a browser on this computer may name the client, with commas between."""
        if self._name != "localhost":
            return self.client
        return f"{self.client},http://127.0.0.1:{self.client_port}"

    @property
    def _name(self) -> str:
        if self.host in LOCAL_HOSTS:
            return "localhost"
        return f"[{self.host}]" if ":" in self.host else self.host


def read_settings(environ: Mapping[str, str], file: Path) -> dict[str, str]:
    """The settings of the environment and, where it has none, of the .env file."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        lines = []
    found = (re.fullmatch(r"(?:export\s+)?(\w+)\s*=\s*(.*?)", line.strip()) for line in lines)
    return {**{one[1].upper(): _value(one[2]) for one in found if one}, **environ}


def read_addresses(settings: Mapping[str, str]) -> Addresses:
    """The addresses by HOST, PORT and CLIENT_PORT. Raises CommandError for a port that is none."""
    addresses = Addresses(
        host=settings.get("HOST") or "127.0.0.1",
        server_port=_port(settings, "PORT", SERVER_PORT),
        client_port=_port(settings, "CLIENT_PORT", CLIENT_PORT),
    )
    if addresses.server_port == addresses.client_port:
        port = addresses.server_port
        raise CommandError(messages.PORTS_EQUAL, port=port, other=_another(port))
    return addresses


def check_free(addresses: Addresses) -> None:
    """Raise CommandError if a port is in use or not allowed; minutes of work would end in that."""
    for name, port in (("PORT", addresses.server_port), ("CLIENT_PORT", addresses.client_port)):
        _check_free(addresses.host, port, name)


def _check_free(host: str, port: int, name: str) -> None:
    other = _another(port)
    if _answers(host, port):
        raise CommandError(messages.PORT_TAKEN, port=port, name=name, other=other)
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port just left is free
            trial.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CommandError(messages.PORT_TAKEN, port=port, name=name, other=other) from error
        reason = error.strerror or str(error)
        raise CommandError(
            messages.PORT_REFUSED, port=port, host=host, name=name, other=other, reason=reason
        ) from error


def _answers(host: str, port: int) -> bool:
    # macOS lets one bind a port of 127.0.0.1 that another program holds for every address.
    try:
        with socket.create_connection(("localhost" if host in LOCAL_HOSTS else host, port), timeout=1):
            return True
    except OSError:
        return False


def _port(settings: Mapping[str, str], name: str, default: int) -> int:
    value = settings.get(name) or str(default)
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 65535):
        raise CommandError(messages.SETTING_WRONG, name=name, value=value, allowed=messages.PORT_NUMBER)
    return int(value)


def _another(port: int) -> int:
    return port + 1 if 1024 <= port < 65535 else 8080


def _value(text: str) -> str:
    if text[:1] in ("'", '"') and text.rfind(text[0]) > 0:
        return text[1 : text.rfind(text[0])]
    return re.split(r"\s+#", text, maxsplit=1)[0]


def this_environment(root: Path) -> dict[str, str]:
    """The settings of this process and of the clone's .env."""
    return read_settings(os.environ, root / ".env")
