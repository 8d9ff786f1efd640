"""The whole of Acervo, as people have it: a seeded collection, the server, the client, a browser.

Only the language model is a stand-in, which speaks Ollama's protocol at a pace that can be watched.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.database.fakes import write_pdf
from tests.stand_ins.ollama import OllamaStandIn

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "frontend" / "dist" / "frontend" / "server" / "server.mjs"

ANSWER = "O prazo de entrega é de **trinta dias corridos**, contados da assinatura do contrato [1]. "
PIECES = [f"{word} " for word in (ANSWER + "Esta frase segue, palavra por palavra, até o fim. " * 4).split()]

_START_SECONDS = 60


@dataclass(frozen=True)
class Stack:
    """Where everything listens, and the model behind it."""

    server: str
    client: str
    model: OllamaStandIn


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection of one notice: its deadline stands on page 2."""
    folder = tmp_path_factory.mktemp("documents")
    write_pdf(
        folder / "edital.pdf",
        "Edital de pregão eletrônico. O objeto é a compra de cadeiras para as escolas do município.",
        "Dos prazos. O prazo de entrega é de trinta dias corridos, contados da assinatura do contrato.",
        "Das penalidades. O atraso sujeita a contratada a multa de dois por cento do valor do contrato.",
    )
    data = tmp_path_factory.mktemp("data")
    command = [sys.executable, "-m", "database", "seed", str(folder)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "DATA_DIR": str(data)}, check=True, timeout=120)  # noqa: S603
    return data


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        pytest.skip("no Chromium on this machine: `apt install chromium`")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def stack(seeded: Path) -> Iterator[Stack]:
    """With a language model that answers twenty words a second."""
    with _running(seeded, OllamaStandIn(pieces=PIECES, pause=0.05)) as stack:
        yield stack


@pytest.fixture(scope="session")
def stack_without_model(seeded: Path) -> Iterator[Stack]:
    """Where no language model is installed."""
    with _running(seeded, OllamaStandIn(models=())) as stack:
        yield stack


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens the client in a language. What the browser complains of fails the test at its end."""
    complaints: list[str] = []
    contexts = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    def open_(address: str, *, language: str = "pt-BR", width: int = 1280, height: int = 900) -> Page:
        context = browser.new_context(locale=language, viewport={"width": width, "height": height})
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert [text for text in complaints if "net::ERR_CONNECTION_REFUSED" not in text] == []


@contextmanager
def _running(data: Path, model: OllamaStandIn) -> Iterator[Stack]:
    server_port, client_port = _free_port(), _free_port()
    server, client = f"http://localhost:{server_port}", f"http://localhost:{client_port}"
    with _in_thread(model) as ollama:
        environ = {
            **{name: value for name, value in os.environ.items() if name != "GOOGLE_API_KEY"},
            "DATA_DIR": str(data),
            "PORT": str(server_port),
            "OLLAMA_HOST": ollama,
            "ALLOWED_ORIGINS": client,
        }
        with (
            _process([sys.executable, "-m", "app"], environ, f"{server}/readyz"),
            _process(
                ["node", str(CLIENT)],
                {**os.environ, "PORT": str(client_port), "ACERVO_API": server},
                f"{client}/",
            ),
        ):
            yield Stack(server=server, client=client, model=model)


@contextmanager
def _in_thread(model: OllamaStandIn) -> Iterator[str]:
    """The stand-in's address; it runs in an event loop of its own, since the browser's is not async."""
    ready, stop = threading.Event(), asyncio.Event()
    addresses: list[str] = []
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with model.running() as address:
            addresses.append(address)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait()
    try:
        yield addresses[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


@contextmanager
def _process(command: list[str], environ: dict[str, str], ready: str) -> Iterator[None]:
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(ready):
            assert process.poll() is None, f"{command} ended with status {process.returncode}"
            assert time.monotonic() < deadline, f"{ready} does not answer"
            time.sleep(0.1)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=40)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as response:  # noqa: S310  (our own server)
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
