"""Everything a command needs before its own work, in order, by one command at a time."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO

from scripts.start import messages
from scripts.start.client import Client
from scripts.start.console import Console
from scripts.start.environment import Environment
from scripts.start.node import Node, prepare_node
from scripts.start.places import CLONE, Places
from scripts.start.progress import step
from scripts.start.seeding import seed
from scripts.start.stop import StopRequest
from scripts.start.tools import Tools

POLL_SECONDS = 0.5


class Preparation:
    """Prepares one clone for one command."""

    def __init__(self, console: Console, places: Places = CLONE) -> None:
        self.console = console
        self.places = places
        self.stop = StopRequest()
        self.stop.listen()
        self.tools = Tools(console, self.stop, places.root)
        self._environment = Environment(places, self.tools)

    def python(self, *, dev: bool = False) -> None:
        """Have the Python environment, with the developers' packages where `dev`."""
        with self._alone():
            self._environment.prepare(dev=dev)

    def client(self, *, build: bool = True) -> tuple[Client, Node]:
        """Have Node.js and the client's packages, and its build unless told otherwise."""
        with self._alone():
            node = prepare_node(self.places, self._environment)
            client = Client(self.places, self.tools, node)
            client.install()
            if build:
                client.build()
        return client, node

    def documents(self, settings: Mapping[str, str]) -> None:
        """Have the documents of database/pdf in the collection."""
        with self._alone():
            seed(self.places, self.tools, settings)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the clone's lock: two commands that install into one folder would spoil each other's work."""
        self.places.leftovers.mkdir(exist_ok=True)
        with (self.places.leftovers / "lock").open("wb") as file:
            if not _locked(file):
                with step(self.console, self.console.text(messages.WAITING_FOR_OTHER)):
                    while not _locked(file):
                        self.stop.check()
                        time.sleep(POLL_SECONDS)
            yield


def _locked(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
