"""The client's packages and its build, done anew only when what they are made of has changed."""

from __future__ import annotations

from pathlib import Path

from scripts.start import messages
from scripts.start.node import Node
from scripts.start.places import Places
from scripts.start.stamps import Stamp, files_below, fingerprint
from scripts.start.tools import Tools

NOT_SOURCES = frozenset({"node_modules", "dist", ".angular", "coverage"})


class Client:
    """The client of one clone, prepared with one Node.js."""

    def __init__(self, places: Places, tools: Tools, node: Node) -> None:
        self._places = places
        self._tools = tools
        self._node = node

    @property
    def server(self) -> Path:
        """The built server that renders the client."""
        return self._places.frontend / "dist" / "frontend" / "server" / "server.mjs"

    def install(self) -> None:
        """Have the packages of package-lock.json. Raises CommandError with what to do."""
        folder = self._places.frontend
        stamp = Stamp(folder / "node_modules" / ".installed-for")
        content = fingerprint([folder / "package-lock.json", folder / "package.json"], root=folder)
        if stamp.fits(content):
            return
        self._npm("ci", "--no-audit", "--no-fund", title=messages.CLIENT_PACKAGES, log="npm-ci")
        stamp.put(content)

    def build(self) -> None:
        """Have the build of the sources as they are. Raises CommandError with what to do."""
        folder = self._places.frontend
        stamp = Stamp(folder / "dist" / ".built-from")
        content = fingerprint(files_below(folder, without=NOT_SOURCES), root=folder)
        if stamp.fits(content) and self.server.is_file():
            return
        stamp.remove()
        self._npm("run", "build", title=messages.CLIENT_BUILD, log="client-build")
        stamp.put(content)

    def _npm(self, *arguments: str, title: messages.Sentence, log: str) -> None:
        self._tools.run(
            [*self._node.npm, *arguments],
            tool="npm",
            title=self._tools.console.text(title),
            log=self._places.log(log),
            environ=self._node.environ,
            folder=self._places.frontend,
        )
