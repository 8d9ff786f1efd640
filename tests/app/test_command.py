"""`python -m app`: what keeps it from starting, and what it says when it has started."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web

from app.__main__ import _announcement
from app.keys import ROUTE, SETTINGS
from app.messages import Language
from app.models.base import ChatModel
from app.models.route import Route
from app.settings import Settings
from tests.app.fakes import FakeModel

ROOT = Path(__file__).parents[2]


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def start(tmp_path: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "LC_ALL": "en_GB.UTF-8", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "app"],
        cwd=tmp_path,
        env={**environment, **settings},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_a_taken_port_is_told_in_one_sentence(tmp_path: Path, taken_port: int) -> None:
    """Before seconds are spent on loading a model."""
    ended = start(tmp_path, PORT=str(taken_port))
    assert ended.returncode == 2
    assert (
        ended.stderr == f"Port {taken_port} on 127.0.0.1 is in use. Stop the other program or change PORT.\n"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("ALLOWED_ORIGINS", "localhost"),
        ("ANSWER_WITH", "ollama,gpt"),
        ("HOST", "no.such.host.invalid"),
    ],
)
def test_a_wrong_setting_is_told_with_its_name(tmp_path: Path, name: str, value: str) -> None:
    """On one line, without a traceback."""
    ended = start(tmp_path, **{name: value})
    assert ended.returncode == 2
    assert name in ended.stderr
    assert value in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_speaks_the_language_of_the_terminal(tmp_path: Path, taken_port: int) -> None:
    """As the variables of POSIX say."""
    ended = start(tmp_path, PORT=str(taken_port), LC_ALL="pt_BR.UTF-8")
    assert ended.stderr.startswith(f"A porta {taken_port} em 127.0.0.1 já está em uso.")


async def announced(
    models: list[ChatModel], language: Language, capsys: pytest.CaptureFixture[str]
) -> list[str]:
    app = web.Application()
    app[ROUTE] = Route(models)
    app[SETTINGS] = Settings.load(_env_file=None)
    await _announcement(language)(app)
    return capsys.readouterr().out.splitlines()


async def test_says_who_answers_and_where(capsys: pytest.CaptureFixture[str]) -> None:
    """Every model that is set up, with its reason, in the order in which they are tried."""
    models: list[ChatModel] = [FakeModel("qwen", family="openai", available=False), FakeModel("llama3")]
    assert await announced(models, "en", capsys) == [
        "  ✗ qwen: GOOGLE_API_KEY is not set",
        "  ✓ llama3: quotes the documents' passages; needs no model",
        "What answers: llama3",
        "The server listens at http://127.0.0.1:8000",
    ]


@pytest.mark.parametrize("models", [[], [FakeModel("qwen", family="openai", available=False)]])
async def test_starts_where_nobody_can_answer(
    models: list[ChatModel], capsys: pytest.CaptureFixture[str]
) -> None:
    """And says so: passages can be searched for, and a model may come later."""
    *_, nobody, address = await announced(models, "pt", capsys)
    assert nobody == "Nenhum modelo pode responder agora; os trechos ainda podem ser buscados."
    assert address.startswith("O servidor atende em http://")
