"""Engines, as a command names them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from database.engines.opening import open_engine
from database.errors import EngineUnavailable
from database.workers import Workers
from tests.database.fakes import write_pdf

ROOT = Path(__file__).parents[3]


def _seed(data: Path, *arguments: object, path: Sequence[Path] = ()) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "DATA_DIR": str(data),
        "LC_ALL": "es_MX.UTF-8",
        "PYTHONPATH": os.pathsep.join(str(folder) for folder in (*path, ROOT)),
    }
    command = [sys.executable, "-m", "database", "seed", *(str(word) for word in arguments)]
    return subprocess.run(  # noqa: S603
        command, cwd=data.parent, env=environment, capture_output=True, text=True, timeout=120
    )


async def test_this_machine_is_an_engine_too() -> None:
    """With as many processes as are asked for."""
    async with open_engine("local", model="bundled", processes=3) as engine:
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
            async with open_engine("ray", model="bundled", address=address):
                pass
    assert address in caught.value.detail


def test_where_ray_is_missing_seed_says_what_to_install(tmp_path: Path) -> None:
    """In the person's language, and with the status of a command that can't start."""
    (tmp_path / "ray.py").write_text("raise ModuleNotFoundError(name='ray')")
    (tmp_path / "a.md").write_text("# Plazo\n\nEl plazo es de treinta días.")
    done = _seed(tmp_path / "data", "--engine", "ray", "a.md", path=[tmp_path])
    assert (done.returncode, done.stderr) == (
        2,
        "Falta Ray, que --engine ray necesita. Instálelo en cada máquina: `pip install '.[ray]'`.\n",
    )


def test_an_address_without_its_engine_is_refused(tmp_path: Path) -> None:
    """It would load on this machine, and nobody would know."""
    done = _seed(tmp_path / "data", "--address", "head:6379", "a.md")
    assert done.returncode == 2
    assert "--engine ray" in done.stderr


def test_seed_loads_on_the_cluster(ray_machines: Any, tmp_path: Path) -> None:
    """As it is typed: real files, the real model, on two machines."""
    write_pdf(tmp_path / "edital.pdf", "O objeto deste edital.", "As organizações têm prazo de trinta dias.")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 rubbish")
    done = _seed(
        tmp_path / "data", "--engine", "ray", "--address", ray_machines.address, "edital.pdf", "broken.pdf"
    )
    assert "✓ edital.pdf" in done.stderr, done.stderr
    assert "✗ broken.pdf: está dañado" in done.stderr
    assert "1 cargados" in done.stderr
    assert done.returncode == 1
