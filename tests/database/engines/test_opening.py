"""Engines, as a command names them."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from database.__main__ import main
from database.engines.opening import open_engine
from database.errors import EngineUnavailable
from database.messages import Messages
from database.settings import Settings
from database.workers import Workers

SETTINGS = Settings.load(_env_file=None)


async def test_this_machine_is_an_engine_too() -> None:
    """With as many processes as are asked for."""
    async with open_engine("local", SETTINGS, processes=3) as engine:
        assert isinstance(engine.workers, Workers)
        assert engine.workers.processes == 3
        assert engine.embedder.name == "bundled"


async def test_a_cluster_that_does_not_answer_is_told_at_once() -> None:
    """Ray itself waits for two minutes, and then ends the process."""
    pytest.importorskip("ray", reason="Ray has no build for this Python")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(EngineUnavailable, match="ray start --head") as caught:
            async with open_engine("ray", SETTINGS, address=address):
                pass
    assert address in caught.value.detail


async def test_where_ray_is_missing_a_person_reads_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """In their language."""
    monkeypatch.delitem(sys.modules, "database.engines.cluster", raising=False)
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(EngineUnavailable) as caught:
        async with open_engine("ray", SETTINGS):
            pass
    said = "Falta Ray, que --engine ray necesita. Instálelo en cada máquina: `pip install '.[ray]'`."
    assert Messages("es").error(caught.value) == said


def test_an_address_without_its_engine_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """It would load on this machine, and nobody would know."""
    with pytest.raises(SystemExit):
        main(["seed", "--address", "head:6379", "a.md"])
    assert "needs --engine ray" in capsys.readouterr().err


def test_seed_loads_on_the_cluster(
    ray_machines: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As it is typed: real files, the real model, on two machines."""
    (tmp_path / "edital.md").write_text("# Edital\n\nAs organizações têm prazo de trinta dias.")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 rubbish")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "es_MX.UTF-8")
    status = main(["seed", "--engine", "ray", "--address", ray_machines.address, "edital.md", "broken.pdf"])
    said = capsys.readouterr().err
    assert status == 1, said
    assert "✓ edital.md" in said
    assert "✗ broken.pdf: está dañado" in said
    assert "1 cargados" in said
