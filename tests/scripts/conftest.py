"""The fake clone and the fake index of packages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.scripts.fakes import FakeClone


class _Index(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.send_response(200 if self.path == "/whl/torch/" or self.path.startswith("http://") else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Not into the tests' output."""


@pytest.fixture
def index() -> Iterator[str]:
    """An index that answers."""
    with HTTPServer(("127.0.0.1", 0), _Index) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/whl"
        server.shutdown()
        thread.join()


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeClone:
    """A fake clone whose node and npm come first on PATH."""
    clone = FakeClone(tmp_path)
    monkeypatch.setenv("PATH", str(clone.binaries), prepend=":")
    return clone
