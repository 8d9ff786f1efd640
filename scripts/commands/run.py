"""`scripts/run`: from a clone to two addresses."""

from __future__ import annotations

import argparse
import http.client
import os
import time
from collections.abc import Mapping

from scripts.start import messages
from scripts.start.addresses import Addresses, check_free, read_addresses, this_environment
from scripts.start.console import Console
from scripts.start.errors import Stopped
from scripts.start.preparation import Preparation
from scripts.start.progress import duration, step
from scripts.start.services import Services, ask

DESCRIPTION = """Install what is missing, load the documents of database/pdf, and start the server (PORT,
8000) and the client (CLIENT_PORT, 4200). Ctrl-C stops both."""


def main(console: Console, arguments: list[str]) -> int:
    """Prepare what is missing, start the server and the client, and stay until asked to stop."""
    argparse.ArgumentParser(prog="scripts/run", description=DESCRIPTION).parse_args(arguments)
    started = time.monotonic()
    preparation = Preparation(console)
    places = preparation.places
    settings = this_environment(places.root)
    addresses = read_addresses(settings)
    check_free(addresses)
    preparation.python()
    client, node = preparation.client()
    preparation.documents(settings)
    check_free(addresses)  # minutes may have passed
    with Services(console, preparation.stop) as services:
        try:
            with step(console, console.text(messages.STARTING), places.log("server")):
                services.start(
                    messages.SERVER,
                    [places.python, "-m", "app"],
                    environ=server_environ(os.environ, settings, addresses),
                    folder=places.root,
                    probe=f"{addresses.server}/readyz",
                    log=places.log("server"),
                )
                services.start(
                    messages.CLIENT,
                    [node.node, client.server],
                    environ=client_environ(node.environ, settings, addresses),
                    folder=places.frontend,
                    probe=f"{addresses.client}/",
                    log=places.log("client"),
                )
                services.wait_until_ready()
            welcome(console, addresses, duration(time.monotonic() - started), str(places.leftovers))
            services.watch()
        except Stopped:
            console.line()
            console.say(messages.STOPPING)
    console.say(messages.STOPPED)
    return 0


def server_environ(
    environ: Mapping[str, str], settings: Mapping[str, str], addresses: Addresses
) -> dict[str, str]:
    """The server's environment: the addresses as checked, and the client let in wherever it listens."""
    return {
        **environ,
        "HOST": addresses.host,
        "PORT": str(addresses.server_port),
        "ALLOWED_ORIGINS": settings.get("ALLOWED_ORIGINS") or addresses.client_origins,
        "PYTHONUNBUFFERED": "1",
    }


def client_environ(
    environ: Mapping[str, str], settings: Mapping[str, str], addresses: Addresses
) -> dict[str, str]:
    """The client's environment: where it listens, and where the browser finds the server."""
    return {
        **environ,
        "HOST": addresses.host,
        "PORT": str(addresses.client_port),
        "ACERVO_API": settings.get("ACERVO_API") or addresses.server,
    }


def welcome(console: Console, addresses: Addresses, took: str, logs: str) -> None:
    """Say where both are, which model answers, and why no better one does."""
    answered = answering(addresses.server, console.language)
    names = [console.text(messages.ANSWERED_BY), *("" for _ in answered)]
    rows = [
        (console.text(messages.OPEN_CLIENT), addresses.client),
        (console.text(messages.SERVER_ADDRESS), addresses.server),
        *zip(names, answered, strict=False),
        (console.text(messages.LOGS), logs),
    ]
    width = max(len(name) for name, _ in rows)
    console.line()
    console.line(f"{console.text(messages.READY)} ({took})")
    console.line()
    for name, value in rows:
        console.line(f"  {name:<{width}}  {value}")
    console.line()
    console.say(messages.HOW_TO_STOP)


def answering(server: str, language: str) -> list[str]:
    """The model that answers and why those before it don't; [] if the server won't say."""
    try:
        models = ask(f"{server}/models", language)
    except (OSError, http.client.HTTPException, ValueError):
        return []
    if not isinstance(models, dict):
        return []
    lines = [str(models.get("answering"))]
    for model in models.get("models", []):
        if model.get("name") == models.get("answering"):
            break
        lines.append(f"({model.get('name')}: {model.get('reason')})")
    return lines
